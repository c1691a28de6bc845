"""Take in a file of prompts, wholly or not at all."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.files import ImportFile, Reshape, unchanged
from labeling.prompts.models import Prompt, PromptImage
from labeling.prompts.rows import parse_prompt


@dataclass(frozen=True)
class ImportedPrompts:
    prompts: int
    duplicates: int
    """Rows whose prompt the project, or the file further up, already had."""

    def sentence(self) -> str:
        return _("%(prompts)d prompts were imported; %(duplicates)d were there already.") % asdict(self)


@transaction.atomic
def import_prompts(
    *, project: Project, file: ImportFile, reshape: Reshape = unchanged, by: User | None = None
) -> ImportedPrompts:
    """Raises FileRefused, naming each bad line, with nothing imported."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    n_new = 0
    for batch in file.batches(parse_prompt, reshape):
        _stored, new = store_prompts(project, [prompt for _line, prompt in batch])
        n_new += new
    file.finish()
    record("prompts.imported", actor=by, project_id=project.pk, file=file.name, prompts=n_new)
    return ImportedPrompts(n_new, file.n_rows - n_new)


def store_prompts(project: Project, prompts: Sequence[Prompt]) -> tuple[list[Prompt], int]:
    """The stored prompt for each of `prompts`, made with its images where the project lacks it, and how many were made.

    The caller holds the project's lock, so nobody adds the same prompt meanwhile.
    """
    digests = {prompt.digest for prompt in prompts}
    known = {prompt.digest: prompt for prompt in project.prompts.filter(digest__in=digests)}
    missing = {prompt.digest: prompt for prompt in reversed(prompts) if prompt.digest not in known}
    for prompt in missing.values():
        prompt.project = project
    Prompt.objects.bulk_create(list(reversed(missing.values())))
    PromptImage.objects.bulk_create([image for prompt in missing.values() for image in prompt.given_images])
    known.update(missing)
    return [known[prompt.digest] for prompt in prompts], len(missing)
