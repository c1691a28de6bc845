"""Some of the labels behind a number, to be read: what endpoints answered, and who said what of it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
from django.db.models import CharField, Exists, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import MD5, Cast, Concat

from evaluation import wording
from evaluation.comparisons import Scope, read
from evaluation.measures import Measure, Said
from evaluation.notation import figure
from evaluation.scores.score import OF_PAIRS, scored
from evaluation.stats.intervals import Rows, Values
from labeling.assignment.models import Seat, SeatKind, Task, TaskResponse
from labeling.collection.screen import Text, turns_of
from labeling.generation.models import Endpoint, Response
from labeling.projects.models import Project

MOST_SHOWN = 10
MOST_LOOKED_AT = 500
"""Tasks of which it is looked up what was said, so that a page takes no longer where there are more."""


@dataclass(frozen=True)
class Behind:
    """What a number says: an endpoint's score, or how it fared beside the second, or beside any other where there is
    none. by, part: the part of the prompts, as in `slices`."""

    score: str
    first: Endpoint
    second: Endpoint | None = None
    by: str = ""
    part: str = ""

    @property
    def of_pairs(self) -> bool:
        return self.score in OF_PAIRS

    @property
    def part_name(self) -> str:
        return wording.part_name(self.by, self.part)


class Voice(NamedTuple):
    """Who said what, in the reader's language."""

    username: str
    said: str


@dataclass(frozen=True)
class Sample:
    """responses: one, or the first and the second. is_decided: a reviewer's word holds, and is the only one."""

    task: Task
    responses: list[Response]
    voices: list[Voice]
    is_decided: bool

    @property
    def turns(self) -> list[Text]:
        return turns_of(self.task.prompt, self.task.prompt.shown_images)

    @property
    def sides(self) -> list[tuple[str, Text]]:
        return [(one.endpoint.name, Text("assistant", one.text)) for one in self.responses]


@dataclass(frozen=True)
class Drawn:
    """values: what can be said, by the value, where it is of a few. looked_at: of how many tasks the samples come;
    there may be more."""

    samples: list[Sample]
    values: dict[str, str]
    looked_at: int

    @property
    def is_part(self) -> bool:
        return self.looked_at == MOST_LOOKED_AT


class Found(NamedTuple):
    """A task with its responses, by ids, and what was said of them by which users."""

    task: int
    responses: list[int]
    said: list[tuple[int, float]]


def draw(project: Project, behind: Behind, value: str, *, seed: int) -> Drawn:
    """At most MOST_SHOWN tasks in which somebody said so, or anything where `value` is ""; the same by the seed."""
    tasks = drawn_tasks(project, behind, seed)
    said = read(project, decided=True, scope=Scope(tasks=frozenset(tasks)))
    measure = measure_of(said, behind.score)
    if not tasks or measure is None:
        return Drawn([], {}, len(tasks))
    values = measure.domain.tolist()
    names = dict(zip(values, wording.values_of(measure.of_pairs, values), strict=True))
    found = list(islice(look_up(said, measure, behind, tasks, value), MOST_SHOWN))
    is_whole = np.isin(measure.value, measure.domain).all()
    shelves = {f"{key:g}": name for key, name in reversed(names.items())} if is_whole else {}
    return Drawn(list(shown(found, names, behind.score)), shelves, len(tasks))


def drawn_tasks(project: Project, behind: Behind, seed: int) -> list[int]:
    """Labeled ones that have responses to look at, in an order of chance."""
    here = OuterRef("pk")
    labeled = Seat.objects.filter(task=here, kind__in=[SeatKind.COUNTED, SeatKind.DECISION], submitted_at__isnull=False)
    candidates = TaskResponse.objects.filter(task=here)
    tasks = in_part(project.tasks.all(), behind).filter(
        Exists(candidates.filter(response__endpoint=behind.first)), Exists(labeled)
    )
    if behind.second:
        tasks = tasks.filter(Exists(candidates.filter(response__endpoint=behind.second)))
    elif behind.of_pairs:
        tasks = tasks.filter(Exists(candidates.exclude(response__endpoint=behind.first)))
    by_chance = MD5(Concat(Cast("pk", CharField()), Value(f" {seed}")))
    return list(tasks.order_by(by_chance, "pk").values_list("pk", flat=True)[:MOST_LOOKED_AT])


def in_part(tasks: QuerySet[Task], behind: Behind) -> QuerySet[Task]:
    if behind.by == "constraint":
        kind = rf'"id": "{re.escape(behind.part)}[:"]'
        named = tasks.annotate(constraints=Cast("prompt__constraints", TextField()))
        return named.filter(constraints__regex=kind) if behind.part else tasks.filter(prompt__constraints=[])
    return tasks.filter(**{f"prompt__{behind.by}": behind.part}) if behind.by else tasks


def measure_of(said: Said, score: str) -> Measure | None:
    """What the score is of. A scale may have been the only one of several that was answered here."""
    scales = {f"likert.{one.name}": one for one in said.measures if one.question.kind == "likert"}
    return (scales | dict(scored(said))).get(score)


def look_up(said: Said, measure: Measure, behind: Behind, tasks: Sequence[int], value: str) -> Iterator[Found]:
    """In the order of the tasks; of each the first responses of which somebody said so."""
    sides, sign = oriented(said, measure, behind)
    labels: dict[int, list[int]] = defaultdict(list)
    for label in np.flatnonzero(sign[measure.unit]).tolist():
        labels[int(measure.unit[label])].append(label)
    units: dict[int, list[int]] = defaultdict(list)
    for unit in sorted(labels):
        units[int(said.tasks.pk[measure.task[unit]])].append(unit)
    for task in tasks:
        for unit in units[task]:
            values = (measure.value[labels[unit]] * sign[unit] + 0.0).tolist()
            if value in ("", *(f"{one:g}" for one in values)):
                users = [said.annotators[one] for one in measure.annotator[labels[unit]]]
                yield Found(task, sides[unit].tolist(), list(zip(users, values, strict=True)))
                break


def oriented(said: Said, measure: Measure, behind: Behind) -> tuple[Rows, Values]:
    """The responses of each unit, the first endpoint's first, and by what its labels are to be multiplied to speak of
    that one: 0 where the unit is none of these endpoints'."""
    first = said.endpoints.index(behind.first.pk)
    ours = measure.endpoints == first
    if not measure.of_pairs:
        return measure.responses, ours[:, 0].astype(np.float64)
    other = np.where(ours[:, 0], measure.endpoints[:, 1], measure.endpoints[:, 0])
    meant = ours.any(axis=1) & ((other == said.endpoints.index(behind.second.pk)) if behind.second else other != first)
    sign = np.where(ours[:, 0], 1.0, -1.0) * meant
    return np.where(sign[:, None] < 0, measure.responses[:, ::-1], measure.responses), sign


def shown(found: list[Found], names: dict[float, str], score: str) -> Iterator[Sample]:
    ids = [one.task for one in found]
    tasks = Task.objects.select_related("prompt").prefetch_related("prompt__images").in_bulk(ids)
    filled = Seat.objects.filter(task__in=ids, submitted_at__isnull=False)
    seats = list(filled.values_list("task_id", "kind", "holder_id", "holder__username"))
    decided = {task for task, kind, _user, _name in seats if kind == SeatKind.DECISION}
    people = {user: name for _task, _kind, user, name in seats}
    responses = Response.objects.select_related("endpoint").in_bulk([pk for one in found for pk in one.responses])
    for one in found:
        voices = [Voice(people[user], names.get(value) or figure(value, score)) for user, value in one.said]
        yield Sample(tasks[one.task], [responses[pk] for pk in one.responses], voices, one.task in decided)
