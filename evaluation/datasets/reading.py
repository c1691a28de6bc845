"""What was said of the tasks of a project, as a stream, as it is at one moment."""

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from evaluation.copying import JsonArray, json_rows
from evaluation.datasets.formats.base import Asked
from evaluation.datasets.recipe import Recipe
from labeling.assignment.models import Seat, SeatKind, Task, TaskResponse
from labeling.collection.answers import Answers
from labeling.collection.kinds import KINDS
from labeling.collection.models import Annotation, AnnotationQuerySet
from labeling.projects.models import Membership, Project, Status
from labeling.projects.questions import Question
from labeling.prompts.models import Prompt

IS_DECISION = Q(seat__kind=SeatKind.DECISION)
OF_A_PROMPT = ["history", "text", "system", "digest", "use_case", "language", "owner"]


@dataclass(slots=True)
class Candidate:
    """A response of a task. run: the generation run that drew it."""

    id: int
    text: str
    model: str
    digest: str
    run: int | None


@dataclass(slots=True)
class Opinion:
    """What one person said of a task. order: of the responses' ids, as `answers` has it. guideline: its version."""

    annotation: int
    person: int
    order: Sequence[int]
    answers: Answers
    guideline: int | None
    day: str
    is_decision: bool


@dataclass(slots=True)
class LabeledTask:
    """prompt: its id. instrument: the version of its questions. of_kind: those by kind, with all that compare responses
    under `comparing`."""

    pk: int
    prompt: int
    asked: Asked
    instrument: int
    questions: Sequence[Question]
    of_kind: Mapping[str, Sequence[Question]]
    candidates: Mapping[int, Candidate]
    said: Sequence[Opinion]


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read in the block is as it was when the block began, however long it takes.

    Only at the start of a transaction can that be asked for, so not inside another one. The one query for all tasks
    takes as long as its reader, and looks costly enough to be compiled, for which the first row would wait.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL jit = off")
        yield


def labels(recipe: Recipe) -> AnnotationQuerySet:
    """What counts by the recipe: where a reviewer decided a task the decision, else what annotators say."""
    kinds = [SeatKind.COUNTED, *[SeatKind.SURPLUS] * recipe.surplus, *[SeatKind.GOLD] * recipe.gold]
    found = Annotation.objects.final(kinds)
    if not recipe.evaluation:
        found = found.for_training()
    if not recipe.paused:
        away = Membership.objects.filter(
            project=OuterRef("seat__project"), user=OuterRef("seat__holder"), status__in=[Status.PAUSED, Status.REMOVED]
        )
        found = found.filter(IS_DECISION | ~Exists(away))
    return found.filter(IS_DECISION) if recipe.decided_only else found


def labeled_tasks(project: Project, recipe: Recipe) -> QuerySet[Task]:
    return project.tasks.filter(Exists(labels(recipe).filter(seat__task=OuterRef("pk")))).order_by("pk")


def evaluated_prompts(project: Project) -> QuerySet[Any]:
    """Owners and digests of those of whose tasks something is said for evaluations only."""
    held_out = Membership.objects.filter(project=project, user=OuterRef("holder"), held_out=True)
    seats = Seat.objects.filter(Q(for_evaluation=True) | Exists(held_out), task__prompt=OuterRef("pk"))
    submitted = seats.filter(submitted_at__isnull=False).exclude(kind=SeatKind.DECISION)
    return project.prompts.filter(Exists(submitted)).values_list("owner", "digest")


def read_labeled(project: Project, recipe: Recipe, most: int | None = None) -> Generator[LabeledTask, None, None]:
    """In the order of their ids; so many at most."""
    instruments = {one.pk: (one.version, one.questions, by_kind(one.questions)) for one in project.instruments.all()}
    of_a_response = [f"response__{name}" for name in ("pk", "text", "endpoint__name", "digest", "sample__run_id")]
    rows = json_rows(
        labeled_tasks(project, recipe)[:most],
        *("pk", "prompt_id", "instrument_id"),
        Subquery(Prompt.objects.filter(pk=OuterRef("prompt")).values(asked=JsonArray(*OF_A_PROMPT))),
        ArraySubquery(of_the_task(TaskResponse.objects.order_by("position"), "task", *of_a_response)),
        ArraySubquery(
            of_the_task(
                labels(recipe).order_by("pk"),
                "seat__task",
                *("pk", "seat__holder", "order", "answers", "guideline__version"),
                TruncDate("submitted_at", tzinfo=UTC),
                ExpressionWrapper(IS_DECISION, BooleanField()),
            )
        ),
    )
    with closing(rows):
        for pk, prompt, instrument, asked, candidates, said in rows:
            yield LabeledTask(
                pk,
                prompt,
                asked_of(*asked),
                *instruments[instrument],
                {candidate[0]: Candidate(*candidate) for candidate in candidates},
                [Opinion(*one) for one in said],
            )


def of_the_task(rows: QuerySet[Any], task: str, *values: Any) -> QuerySet[Any]:
    return rows.filter(**{task: OuterRef("pk")}).values(row=JsonArray(*values))


def by_kind(questions: Sequence[Question]) -> Mapping[str, Sequence[Question]]:
    found: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        found["comparing" if KINDS[question.kind].compares else question.kind].append(question)
    return found


def read_prompts(project: Project, most: int | None = None) -> Generator[Asked, None, None]:
    with closing(json_rows(project.prompts.usable().order_by("pk")[:most], *OF_A_PROMPT)) as rows:
        for row in rows:
            yield asked_of(*row)


def asked_of(
    history: list[dict[str, str]], text: str, system: str, digest: str, use_case: str, language: str, owner: str
) -> Asked:
    before = [{"role": "system", "content": system}] if system else []
    return Asked([*before, *history, {"role": "user", "content": text}], digest, use_case, language, owner)
