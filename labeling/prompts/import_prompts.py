"""Take in a file of prompts, wholly or not at all."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.loading import add_rows, as_array, check_at_once, found_rows, loading_behind, new_ids
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.admit import mask_personal, within_cap
from labeling.prompts.files import ImportFile, Reshape, unchanged
from labeling.prompts.look_into import look_into
from labeling.prompts.models import Prompt, PromptImage
from labeling.prompts.rows import parse_prompt
from labeling.prompts.seen import Seen


@dataclass(frozen=True)
class ImportedPrompts:
    prompts: int
    duplicates: int
    """Rows whose prompt the project, or the file further up, already had."""
    over_cap: int = 0
    """New prompts left out since their owner has as many as the project takes in."""

    def sentence(self) -> str:
        said = _("%(prompts)d prompts were imported; %(duplicates)d were there already.") % asdict(self)
        if not self.over_cap:
            return said
        left = _("%(n)d were left out: the project takes in no more of their owners.") % {"n": self.over_cap}
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
FIELDS = (
    *("id", "project", "text", "history", "system", "source", "owner", "use_case", "language", "reference"),
    *("constraints", "metadata", "digest", "personal", "clearance"),
)
IMAGE_FIELDS = ("prompt", "position", "sha256", "media_type", "width", "height", "file")


class StoredPrompt(NamedTuple):
    pk: int
    priority: object
    """What its metadata say of it."""
    is_new: bool
    """Whether it was stored just now, so that there is nothing yet that refers to it."""


class PromptStore:
    """A project's prompts. Who adds to them holds the project's lock, so nobody else adds the same meanwhile."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.seen = None if project.prompts.exists() else Seen()

    def known(self, prompts: Sequence[Prompt]) -> dict[str, StoredPrompt]:
        """Those that are stored, by their digests."""
        digests = [prompt.digest for prompt in prompts]
        if self.seen is not None:
            digests = self.seen.perhaps(digests)
        found = found_rows(KNOWN, self.project.pk, as_array(digests)) if digests else ()
        return {digest: StoredPrompt(pk, priority, is_new=False) for digest, pk, priority in found}

    def unknown(self, prompts: Sequence[Prompt]) -> list[Prompt]:
        """Each that the project lacks, once."""
        known = self.known(prompts)
        return list({one.digest: one for one in reversed(prompts) if one.digest not in known}.values())[::-1]

    def put(self, prompts: Sequence[Prompt]) -> tuple[list[StoredPrompt], int]:
        """What is stored for each, made with its images where the project lacks it, and how many were made."""
        known = self.known(prompts)
        missing = {prompt.digest: prompt for prompt in reversed(prompts) if prompt.digest not in known}
        made = list(reversed(missing.values()))
        for prompt, pk in zip(made, new_ids(Prompt, len(made)), strict=True):
            prompt.pk = pk
            known[prompt.digest] = StoredPrompt(pk, prompt.metadata.get("priority"), is_new=True)
        if self.seen is not None:
            self.seen.add([prompt.digest for prompt in made])
        mask_personal(self.project, made)
        add_rows(Prompt, FIELDS, (values_of(self.project, prompt) for prompt in made))
        images = [image for prompt in made for image in prompt.given_images]
        if images:
            add_rows(PromptImage, IMAGE_FIELDS, map(image_values, images))
        return [known[prompt.digest] for prompt in prompts], len(made)


def values_of(project: Project, prompt: Prompt) -> tuple[object, ...]:
    return (
        *(prompt.pk, project.pk, prompt.text, as_json(prompt.history), prompt.system, prompt.source, prompt.owner),
        *(prompt.use_case, prompt.language, prompt.reference),
        *(
            as_json(prompt.constraints),
            as_json(prompt.metadata),
            prompt.digest,
            as_array(prompt.personal),
            prompt.clearance,
        ),
    )


def image_values(image: PromptImage) -> tuple[object, ...]:
    return (
        *(image.prompt.pk, image.position, image.sha256, image.media_type),
        *(image.width, image.height, image.file.name),
    )


def as_json(value: object) -> str:
    return json.dumps(value) if value else str(value)  # [] and {}
