"""How far a project is."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from labeling.assignment.models import Seat, SeatKind, Task, TaskPlan
from labeling.assignment.quota import wanted
from labeling.generation.models import Response, Sample, SampleState
from labeling.people.models import User
from labeling.projects.invitation_models import Participation
from labeling.projects.models import Project


@dataclass(frozen=True)
class Progress:
    prompts: int
    prompts_without_task: int
    """Though nothing more is on order for them."""
    responses: int
    """Written or imported."""
    samples: int
    """Responses ordered from endpoints, of which:"""
    samples_done: int
    samples_failed: int
    tasks: int
    tasks_done: int
    seats: int
    seats_filled: int
    surplus: int
    standing: TaskPlan | None

    @property
    def samples_open(self) -> int:
        return self.samples - self.samples_done - self.samples_failed


@dataclass(frozen=True)
class OwnProgress:
    today: int
    in_all: int
    goal: int
    """Labels a day, as this person set it."""
    wanted: int
    """All tasks there are for one person: those of the project, or as many as are wanted of a participant."""


def progress(project: Project) -> Progress:
    samples = Sample.objects.filter(endpoint__project=project).aggregate(
        n=Count("pk", filter=~Q(state=SampleState.CANCELLED)),
        n_done=Count("pk", filter=Q(state=SampleState.DONE)),
        n_failed=Count("pk", filter=Q(state=SampleState.FAILED)),
    )
    seats = Seat.objects.filter(project=project).aggregate(
        n=Count("pk", filter=Q(kind=SeatKind.COUNTED)),
        n_filled=Count("pk", filter=Q(kind=SeatKind.COUNTED, submitted_at__isnull=False)),
        n_surplus=Count("pk", filter=Q(kind=SeatKind.SURPLUS)),
        n_unfinished=Count("task", filter=Q(kind=SeatKind.COUNTED, submitted_at__isnull=True), distinct=True),
    )
    n_tasks = project.tasks.count()
    return Progress(
        prompts=project.prompts.count(),
        prompts_without_task=without_task(project),
        responses=Response.objects.filter(endpoint__project=project).count(),
        samples=samples["n"],
        samples_done=samples["n_done"],
        samples_failed=samples["n_failed"],
        tasks=n_tasks,
        tasks_done=n_tasks - seats["n_unfinished"],
        seats=seats["n"],
        seats_filled=seats["n_filled"],
        surplus=seats["n_surplus"],
        standing=TaskPlan.objects.filter(project=project, standing=True).first(),
    )


def without_task(project: Project) -> int:
    here = OuterRef("pk")
    idle = project.prompts.usable().filter(~Exists(Sample.objects.pending().filter(prompt=here)))
    return idle.filter(~Exists(Task.objects.filter(prompt=here))).count()


def own_progress(project: Project, user: User, participation: Participation | None = None) -> OwnProgress:
    """What this person has submitted, a participant of a study since they began it."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    labeling = Seat.objects.filter(project=project, holder=user, submitted_at__isnull=False)
    if participation is not None:
        labeling = labeling.filter(submitted_at__gte=participation.joined_at)
    counted = labeling.at_work().aggregate(today=Count("pk", filter=Q(submitted_at__gte=midnight)), in_all=Count("pk"))
    in_all = wanted(participation) if participation else project.tasks.count()
    return OwnProgress(**counted, goal=user.daily_goal, wanted=in_all)
