"""Decide what becomes of prompts that are held for the personal data in them."""

from collections.abc import Iterator
from itertools import islice

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from labeling.audit import record
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.look_into import BATCH, keep_fingerprints, look_into
from labeling.prompts.mask import mask_prompt
from labeling.prompts.models import Clearance, Prompt, PromptQuerySet


class Decision(models.TextChoices):
    USE = "use", gettext_lazy("Use as it is")
    MASK = "mask", gettext_lazy("Mask")
    DROP = "drop", gettext_lazy("Drop")

    def said(self, n: int) -> str:
        """Once it is carried out on `n` prompts."""
        said = {
            Decision.USE: ngettext("%(n)d prompt is used as it is.", "%(n)d prompts are used as they are.", n),
            Decision.MASK: ngettext("%(n)d prompt is masked.", "%(n)d prompts are masked.", n),
            Decision.DROP: ngettext("%(n)d prompt is dropped.", "%(n)d prompts are dropped.", n),
        }
        return said[self] % {"n": n}


@transaction.atomic
def decide(*, project: Project, decision: Decision, prompt_id: int | None = None, by: User | None = None) -> int:
    """Carry out the decision on one held prompt, or on all; how many prompts it was carried out on.

    What has answers already cannot be masked, and what has labels cannot be dropped: it stays held. Raises Refused
    when nothing can be done.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    held = project.prompts.held()
    if prompt_id is not None:
        held = held.filter(pk=prompt_id)
    n_decided = CARRIED_OUT[decision](held)
    if not n_decided:
        raise Refused(_("This prompt has answers or labels, or somebody else decided about it."))
    record("prompts.decided", actor=by, project_id=project.pk, decision=decision, prompt=prompt_id, prompts=n_decided)
    look_into(project)
    return n_decided


def use(held: PromptQuerySet) -> int:
    return held.update(clearance=Clearance.CLEARED)


def mask(held: PromptQuerySet) -> int:
    unanswered = held.unused().filter(responses=None).order_by("pk")
    return sum(mask_some(prompts) for prompts in batches(unanswered))


def mask_some(prompts: list[Prompt]) -> int:
    for prompt in prompts:
        mask_prompt(prompt)
    Prompt.objects.bulk_update(prompts, ["system", "history", "text", "clearance"])
    keep_fingerprints(prompts)
    return len(prompts)


def batches(prompts: PromptQuerySet) -> Iterator[list[Prompt]]:
    found = prompts.prefetch_related("images").iterator(BATCH)
    while batch := list(islice(found, BATCH)):
        yield batch


def drop(held: PromptQuerySet) -> int:
    n_dropped = 0
    while ids := list(held.unused().values_list("pk", flat=True)[:BATCH]):
        Prompt.objects.filter(pk__in=ids).delete()
        n_dropped += len(ids)
    return n_dropped


CARRIED_OUT = {Decision.USE: use, Decision.MASK: mask, Decision.DROP: drop}
