"""Pause a run, let it go on, end it, or have what failed drawn again."""

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from labeling.audit import record
from labeling.errors import Refused
from labeling.generation.models import GenerationRun, RunState, Sample, SampleState
from labeling.generation.wake import wake
from labeling.people.models import User


class Change(models.TextChoices):
    PAUSE = "pause", gettext_lazy("Pause")
    RESUME = "resume", gettext_lazy("Resume")
    CANCEL = "cancel", gettext_lazy("Cancel")
    RETRY = "retry", gettext_lazy("Draw what is missing")


@transaction.atomic
def change_run(*, run: GenerationRun, change: Change, by: User | None = None) -> None:
    """Workers notice within seconds; what they are drawing is given back, or dropped if the run is cancelled.

    What is drawn stays, whatever happens. Raises Refused where the change has nothing to change.
    """
    run = GenerationRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if change not in changes_of(run):
        raise Refused(_("The run has gone on meanwhile: there is nothing to change."))
    if change == Change.PAUSE:
        run.state = RunState.PAUSED
    elif change == Change.CANCEL:
        run.state = RunState.CANCELLED
        run.sample_set.pending().update(state=SampleState.CANCELLED, claim=None, leased_until=None)
    else:
        run.state = RunState.ACTIVE
        if change == Change.RETRY:
            run.sample_set.filter(state__in=[SampleState.FAILED, SampleState.CANCELLED]).anew()
    run.save(update_fields=["state"])
    record(f"run.{change}", actor=by, project_id=run.project_id, run=run.pk)
    if run.state == RunState.ACTIVE:
        for part in run.parts.select_related("params__endpoint"):
            wake(part)


def end_cancelled() -> None:
    """What was ordered in the moment in which its run was cancelled: another in the place of a twin."""
    late = Sample.objects.pending().filter(run__state=RunState.CANCELLED)
    late.update(state=SampleState.CANCELLED, claim=None, leased_until=None)


def changes_of(run: GenerationRun) -> list[Change]:
    """What can be done with a run as it is."""
    states = set(run.sample_set.order_by().values_list("state", flat=True).distinct())
    return possible_changes(run.state, states)


def possible_changes(state: str, samples: set[str]) -> list[Change]:
    """For a run in this state, with samples in those."""
    is_pending = bool(samples & {SampleState.WAITING, SampleState.CLAIMED})
    is_broken = bool(samples & {SampleState.FAILED, SampleState.CANCELLED})
    return [
        change
        for change, is_possible in {
            Change.PAUSE: is_pending and state == RunState.ACTIVE,
            Change.RESUME: is_pending and state == RunState.PAUSED,
            Change.CANCEL: is_pending,
            Change.RETRY: is_broken,
        }.items()
        if is_possible
    ]
