"""Tell which prompts of a project are nearly the same: families, which no data set divides over its splits."""

from collections.abc import Sequence

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from labeling.prompts.alone import alone
from labeling.prompts.models import Fingerprint
from labeling.prompts.shelf import Shelf
from labeling.prompts.twins import MINIMA, NEAR, Pairs, candidates

PART = 10_000
"""Pairs."""

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
    n = len(ids)
    known: dict[str, int] = {}
    given = [(known.setdefault(family, row), row) for row, family in enumerate(families) if family]
    edges = np.array(given, np.intp).reshape(-1, 2)
    labels = components(edges, n)
    shelf = Shelf(ids)
    pairs = candidates(signatures, is_new)
    for start in range(0, len(pairs), PART):
        part = pairs[start : start + PART]
        is_first = np.diff(part[:, 1], prepend=-1) > 0
        for some in (part[is_first], part[~is_first]):  # where all are twins, none of the others is apart then
            apart = some[labels[some[:, 0]] != labels[some[:, 1]]]
            twins = apart[shelf.similarities(apart) >= NEAR]
            if twins.size:
                edges = np.concatenate([edges, twins])
                labels = components(edges, n)
    return labels


def components(edges: Pairs, n: int) -> NDArray[np.integer]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(edges), np.int8), edges.T), shape=(n, n))
    labels: NDArray[np.integer] = connected_components(graph, directed=False)[1]
    return labels


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
