"""Take in a file of prompts, wholly or not at all."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.loading import add_rows, as_array, check_at_once, found_rows, loading_behind, new_ids
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.admit import mask_personal, within_cap
from labeling.prompts.files import ImportFile, Reshape, unchanged
from labeling.prompts.given import GivenPrompt
from labeling.prompts.look_into import look_into
from labeling.prompts.models import Prompt, PromptImage
from labeling.prompts.rows import parse_prompt
from labeling.prompts.seen import Seen
from labeling.prompts.staging import file_name


@dataclass(frozen=True)
class ImportedPrompts:
    prompts: int
    duplicates: int
    """Rows whose prompt the project, or the file further up, already had."""
    over_cap: int = 0
    """New prompts left out since their owner has as many as the project takes in."""

    def sentence(self) -> str:
        said = _("Prompts imported: %(prompts)d; there already: %(duplicates)d.") % asdict(self)
        if not self.over_cap:
            return said
        left = _("Left out: %(n)d, since the project takes in no more of their owners.") % {"n": self.over_cap}
        return f"{said} {left}"


@transaction.atomic
def import_prompts(
    *, project: Project, file: ImportFile, reshape: Reshape = unchanged, by: User | None = None
) -> ImportedPrompts:
    """Raises FileRefused, naming each bad line, with nothing imported."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    check_at_once()
    store = PromptStore(project)
    n_new = over_cap = 0
    with loading_behind():
        for batch in file.batches(parse_prompt, reshape):
            unknown = store.unknown([prompt for _line, prompt in batch])
            taken_in = within_cap(project, unknown)
            over_cap += len(unknown) - len(taken_in)
            _stored, new = store.put(taken_in)
            n_new += new
    file.finish()
    record("prompts.imported", actor=by, project_id=project.pk, file=file.name, prompts=n_new)
    look_into(project)
    return ImportedPrompts(n_new, file.n_rows - n_new - over_cap, over_cap)


KNOWN = "SELECT digest, id, metadata -> 'priority' FROM labeling_prompt WHERE project_id = %s AND digest = ANY(%s)"


class StoredPrompt(NamedTuple):
    pk: int
    priority: object
    """What its metadata say of it."""
    is_new: bool
    """Whether it was stored just now, so that there is nothing yet that refers to it."""


def as_json(value: object) -> str:
    return json.dumps(value) if value else str(value)  # [] and {}


OTHERS: dict[str, Callable[[Any], object]] = {
    "history": as_json,
    "system": str,
    "source": str,
    "owner": str,
    "use_case": str,
    "language": str,
    "reference": str,
    "constraints": as_json,
    "metadata": as_json,
    "personal": as_array,
    "clearance": str,
}
"""What many prompts lack. Where all of a batch do, the database fills in its defaults, sooner than it reads them."""

IMAGE_FIELDS = ("prompt", "position", "sha256", "media_type", "width", "height", "file")


class PromptStore:
    """A project's prompts. Who adds to them holds the project's lock, so nobody else adds the same meanwhile."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.seen = None if project.prompts.exists() else Seen()

    def known(self, prompts: Sequence[GivenPrompt]) -> dict[str, StoredPrompt]:
        """Those that are stored, by their digests."""
        digests = [prompt.digest for prompt in prompts]
        if self.seen is not None:
            digests = self.seen.perhaps(digests)
        found = found_rows(KNOWN, self.project.pk, as_array(digests)) if digests else ()
        return {digest: StoredPrompt(pk, priority, is_new=False) for digest, pk, priority in found}

    def unknown(self, prompts: Sequence[GivenPrompt]) -> list[GivenPrompt]:
        """Each that the project lacks, once."""
        known = self.known(prompts)
        return list({one.digest: one for one in reversed(prompts) if one.digest not in known}.values())[::-1]

    def put(self, prompts: Sequence[GivenPrompt]) -> tuple[list[StoredPrompt], int]:
        """What is stored for each, made with its images where the project lacks it, and how many were made."""
        known = self.known(prompts)
        missing = {prompt.digest: prompt for prompt in reversed(prompts) if prompt.digest not in known}
        made = list(reversed(missing.values()))
        ids = new_ids(Prompt, len(made))
        for prompt, pk in zip(made, ids, strict=True):
            known[prompt.digest] = StoredPrompt(pk, prompt.metadata.get("priority"), is_new=True)
        if self.seen is not None:
            self.seen.add([prompt.digest for prompt in made])
        mask_personal(self.project, made)
        if made:
            self._add(ids, made)
        return [known[prompt.digest] for prompt in prompts], len(made)

    def _add(self, ids: Sequence[int], prompts: Sequence[GivenPrompt]) -> None:
        columns: dict[str, Iterable[object]] = {
            "id": ids,
            "project": [self.project.pk] * len(ids),
            "text": [prompt.text for prompt in prompts],
            "characters": [len(prompt.text) for prompt in prompts],
            "digest": [prompt.digest for prompt in prompts],
        }
        for name, written in OTHERS.items():
            values = [getattr(prompt, name) for prompt in prompts]
            if any(values):
                columns[name] = map(written, values)
        add_rows(Prompt, list(columns), zip(*columns.values(), strict=True))
        images = [values for each in zip(ids, prompts, strict=True) for values in image_values(*each)]
        if images:
            add_rows(PromptImage, IMAGE_FIELDS, images)


def image_values(pk: int, prompt: GivenPrompt) -> Iterator[tuple[object, ...]]:
    for position, image in enumerate(prompt.images):
        yield pk, position, image.sha256, image.media_type, image.width, image.height, file_name(image.sha256)
