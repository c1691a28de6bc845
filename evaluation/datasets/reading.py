"""What was said of the tasks of a project, as a stream, as it is at one moment."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from itertools import islice
from typing import Any, NamedTuple

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, TruncDate

from evaluation.datasets.formats.base import Asked
from evaluation.datasets.recipe import Recipe
from labeling.assignment.models import Seat, SeatKind, Task, TaskResponse
from labeling.collection.answers import Answers
from labeling.collection.kinds import KINDS
from labeling.collection.models import Annotation, AnnotationQuerySet
from labeling.projects.models import Membership, Project, Status
from labeling.projects.questions import Question

BATCH = 1000
"""Tasks held in memory at a time."""

OF_A_PROMPT = ["text", "system", "digest", "use_case", "language", "owner"]


class Candidate(NamedTuple):
    """A response of a task. run: the generation run that drew it."""

    id: int
    text: str
    model: str
    digest: str
    run: int | None


class Said(NamedTuple):
    """What one person said of a task. order: of the responses' ids, as `answers` has it. guideline: its version."""

    annotation: int
    person: int
    order: Sequence[int]
    answers: Answers
    guideline: int | None
    day: str
    is_decision: bool


class LabeledTask(NamedTuple):
    """prompt: its id. instrument: the version of its questions. of_kind: those by kind, with all that compare responses
    under `comparing`."""

    pk: int
    prompt: int
    asked: Asked
    instrument: int
    questions: Sequence[Question]
    of_kind: Mapping[str, Sequence[Question]]
    candidates: Mapping[int, Candidate]
    said: Sequence[Said]


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read in the block is as it was when the block began, however long it takes.

    Only at the start of a transaction can that be asked for, so not inside another one.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def labels(recipe: Recipe) -> AnnotationQuerySet:
    """What counts by the recipe: where a reviewer decided a task the decision, else what annotators say."""
    kinds = [SeatKind.COUNTED, *[SeatKind.SURPLUS] * recipe.surplus, *[SeatKind.GOLD] * recipe.gold]
    found = Annotation.objects.final(kinds)
    is_decision = Q(seat__kind=SeatKind.DECISION)
    if not recipe.evaluation:
        found = found.for_training()
    if not recipe.paused:
        away = Membership.objects.filter(
            project=OuterRef("seat__project"), user=OuterRef("seat__holder"), status__in=[Status.PAUSED, Status.REMOVED]
        )
        found = found.filter(is_decision | ~Exists(away))
    return found.filter(is_decision) if recipe.decided_only else found


def labeled_tasks(project: Project, recipe: Recipe) -> QuerySet[Task]:
    return project.tasks.filter(Exists(labels(recipe).filter(seat__task=OuterRef("pk")))).order_by("pk")


def evaluated_prompts(project: Project) -> QuerySet[Any]:
    """Owners and digests of those of whose tasks something is said for evaluations only."""
    held_out = Membership.objects.filter(project=project, user=OuterRef("holder"), held_out=True)
    seats = Seat.objects.filter(Q(for_evaluation=True) | Exists(held_out), task__prompt=OuterRef("pk"))
    submitted = seats.filter(submitted_at__isnull=False).exclude(kind=SeatKind.DECISION)
    return project.prompts.filter(Exists(submitted)).values_list("owner", "digest")


def read_labeled(project: Project, recipe: Recipe) -> Iterator[LabeledTask]:
    """In the order of their ids."""
    instruments = {one.pk: (one.version, one.questions, by_kind(one.questions)) for one in project.instruments.all()}
    fields: list[Any] = [
        *("pk", "prompt_id", "instrument_id"),
        as_text("prompt__history"),
        *(f"prompt__{name}" for name in OF_A_PROMPT),
    ]
    rows = labeled_tasks(project, recipe).values_list(*fields).iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        ids = [row[0] for row in batch]
        candidates, said = candidates_of(ids), said_of(ids, recipe)
        for pk, prompt, instrument, *about in batch:
            yield LabeledTask(pk, prompt, asked_of(*about), *instruments[instrument], candidates[pk], said[pk])


def by_kind(questions: Sequence[Question]) -> Mapping[str, Sequence[Question]]:
    found: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        found["comparing" if KINDS[question.kind].compares else question.kind].append(question)
    return found


def read_prompts(project: Project) -> Iterator[Asked]:
    rows = project.prompts.usable().order_by("pk").values_list(as_text("history"), *OF_A_PROMPT)
    return (asked_of(*row) for row in rows.iterator(chunk_size=BATCH))


def asked_of(history: str, text: str, system: str, digest: str, use_case: str, language: str, owner: str) -> Asked:
    before = [{"role": "system", "content": system}] if system else []
    messages = [*before, *orjson.loads(history), {"role": "user", "content": text}]
    return Asked(messages, digest, use_case, language, owner)


def as_text(field: str) -> Cast:
    """Of JSON, which is parsed faster here than by the field."""
    return Cast(field, TextField())


class Among(Func):
    """Whether a field has one of many numbers, which are one parameter: Django's own lookup has one for each."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, field: str, numbers: Sequence[int]) -> None:
        super().__init__(F(field), Value(numbers, ArrayField(BigIntegerField())))


def candidates_of(tasks: Sequence[int]) -> Mapping[int, dict[int, Candidate]]:
    """By task, its responses by id, in the order of their positions."""
    found: dict[int, dict[int, Candidate]] = defaultdict(dict)
    rows = TaskResponse.objects.filter(Among("task", tasks)).order_by("task", "position")
    of_a_response = ["text", "endpoint__name", "digest", "sample__run_id"]
    fields = ["task_id", "response_id", *(f"response__{name}" for name in of_a_response)]
    for task, response, *about in rows.values_list(*fields):
        found[task][response] = Candidate(response, *about)
    return found


def said_of(tasks: Sequence[int], recipe: Recipe) -> Mapping[int, list[Said]]:
    found: dict[int, list[Said]] = defaultdict(list)
    rows = labels(recipe).filter(Among("seat__task", tasks)).annotate(day=TruncDate("submitted_at", tzinfo=UTC))
    fields = ["seat__task_id", "pk", "seat__holder_id", "order", "guideline__version", "day", "seat__kind"]
    for task, pk, person, order, guideline, day, kind, answers in rows.order_by("pk").values_list(
        *fields, as_text("answers")
    ):
        is_decision = kind == SeatKind.DECISION
        found[task].append(Said(pk, person, order, orjson.loads(answers), guideline, day.isoformat(), is_decision))
    return found
