"""Which of the prompts in a file a project takes in, and as what."""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Count

from labeling.projects.models import Project
from labeling.projects.personal_data import Treatment
from labeling.prompts.given import GivenPrompt
from labeling.prompts.mask import kinds_in, mask_prompt


def within_cap(project: Project, prompts: Sequence[GivenPrompt]) -> list[GivenPrompt]:
    """The new prompts without those that would be more of one owner than the project takes in, the first come first.

    The caller holds the project's lock, and leaves out what the project has already.
    """
    if project.most_of_owner is None:
        return list(prompts)
    owners = {prompt.owner for prompt in prompts if prompt.owner}
    there = project.prompts.filter(owner__in=owners).values_list("owner").annotate(n=Count("pk"))
    taken = Counter(dict(there))
    kept = []
    for prompt in prompts:
        taken[prompt.owner] += 1
        if not prompt.owner or taken[prompt.owner] <= project.most_of_owner:
            kept.append(prompt)
    return kept


def mask_personal(project: Project, prompts: Sequence[GivenPrompt]) -> None:
    """Where the project says so, mask the personal data in prompts before they are stored."""
    if project.personal_data != Treatment.MASK:
        return
    for prompt in prompts:
        prompt.personal = kinds_in(prompt)
        if prompt.personal:
            mask_prompt(prompt)
