"""Tell which prompts of a project are nearly the same: families, which no data set divides over its splits."""

from collections.abc import Iterator, Sequence

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from labeling.prompts.alone import alone
from labeling.prompts.models import Fingerprint, Prompt
from labeling.prompts.twins import MINIMA, NEAR, Pairs, Shingles, candidates, shingles, similarity

BATCH = 1000

FAMILIES = """
UPDATE labeling_prompt AS prompt SET family = CASE oldest.family WHEN '' THEN oldest.digest ELSE oldest.family END
FROM unnest(%s::bigint[], %s::bigint[]) AS found (id, oldest) JOIN labeling_prompt AS oldest ON oldest.id = found.oldest
WHERE prompt.id = found.id
"""
COMPARED = """
UPDATE labeling_fingerprint AS kept SET compared = true FROM unnest(%s::bigint[], %s::bytea[]) AS seen (id, signature)
WHERE kept.prompt_id = seen.id AND kept.signature = seen.signature
"""
"""But for what was masked meanwhile."""


def compared_text(prompt: Prompt) -> str:
    """The conversation. Without the system prompt, which many share that have nothing else in common."""
    return "\n".join([*(turn["content"] for turn in prompt.history), prompt.text])


def shingles_of(prompt: Prompt) -> Shingles:
    """Prompts that show other images are other prompts, whatever they say."""
    return shingles(compared_text(prompt), apart=" ".join(image.sha256 for image in prompt.shown_images))


@transaction.atomic
def find_families(*, project_id: int, wait: bool = False) -> int:
    """Compare the prompts that have not been with all others of the project; how many there were.

    A family is named by the digest of its oldest prompt: those that a new prompt connects become one, and nothing else
    ever changes. Where somebody is at it, it is left to them, or with `wait` done once they are.
    """
    if not alone("families", project_id, wait=wait):
        return 0
    of_project = Fingerprint.objects.filter(prompt__project=project_id)
    if not of_project.filter(compared=False).exists():
        return 0
    rows = of_project.order_by("prompt_id").values_list("prompt_id", "signature", "compared", "prompt__family")
    ids, signatures, compared, families = zip(*rows.iterator(10_000), strict=True)
    is_new = ~np.array(compared)
    given = np.frombuffer(b"".join(signatures), np.uint8).reshape(-1, MINIMA)
    labels = connect(ids, given, is_new, families)
    store(ids, labels, families)
    with connection.cursor() as cursor:
        new = np.flatnonzero(is_new).tolist()
        cursor.execute(COMPARED, [[ids[row] for row in new], [signatures[row] for row in new]])
    return int(is_new.sum())


def connect(
    ids: Sequence[int], signatures: NDArray[np.uint8], is_new: NDArray[np.bool_], families: Sequence[str]
) -> NDArray[np.integer]:
    """(n,): a number for each prompt, the same for those that twins lead from one to the other."""
    known: dict[str, int] = {}
    edges = [(known.setdefault(family, row), row) for row, family in enumerate(families) if family]
    labels = components(edges, len(ids))
    for pairs in candidates(signatures, is_new):
        apart = pairs[labels[pairs[:, 0]] != labels[pairs[:, 1]]]
        twins = [
            pair for start in range(0, len(apart), BATCH) for pair in twins_among(ids, apart[start : start + BATCH])
        ]
        if twins:
            edges += twins
            labels = components(edges, len(ids))
    return labels


def components(edges: Sequence[tuple[int, int]], n: int) -> NDArray[np.integer]:
    left, right = np.array(edges, dtype=np.intp).reshape(-1, 2).T
    labels: NDArray[np.integer]
    _number, labels = connected_components(
        coo_array((np.ones(len(edges), np.int8), (left, right)), shape=(n, n)), False
    )
    return labels


def twins_among(ids: Sequence[int], pairs: Pairs) -> Iterator[tuple[int, int]]:
    """Those pairs whose texts are nearly the same; but for what was dropped meanwhile."""
    wanted = {ids[row] for row in np.unique(pairs).tolist()}
    prompts = Prompt.objects.filter(pk__in=wanted).prefetch_related("images").only("history", "text")
    found = {prompt.pk: shingles_of(prompt) for prompt in prompts}
    for left, right in pairs.tolist():
        ours, theirs = found.get(ids[left]), found.get(ids[right])
        if ours is not None and theirs is not None and similarity(ours, theirs) >= NEAR:
            yield left, right


def store(ids: Sequence[int], labels: NDArray[np.integer], families: Sequence[str]) -> None:
    """The name of its oldest at each prompt of a family that has another name, or none."""
    _numbers, first, members, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    changed, oldest = [], []
    for row in np.flatnonzero(sizes[members] > 1).tolist():
        leader = int(first[members[row]])
        if not families[row] or families[row] != families[leader]:
            changed.append(ids[row])
            oldest.append(ids[leader])
    with connection.cursor() as cursor:
        cursor.execute(FAMILIES, [changed, oldest])
