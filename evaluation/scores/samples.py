"""Some of the pairs behind a score, to be read: what two endpoints answered, and who said what of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import MD5, Cast, Concat
from django.utils.translation import gettext_lazy as _

from labeling.assignment.models import Seat, SeatKind, Task, TaskResponse
from labeling.collection.answers import Answers
from labeling.collection.models import Annotation
from labeling.collection.screen import Text, turns_of
from labeling.collection.votes import count_votes
from labeling.generation.models import Endpoint, Response
from labeling.projects.models import Project
from labeling.projects.questions import Question

OUTCOMES = {"won": 1, "tied": 0, "lost": -1}
SAID = {1: _("first better"), 0: _("tie"), -1: _("second better")}
SHELVES = {"": _("All"), **{name: SAID[outcome] for name, outcome in OUTCOMES.items()}}

MOST_SHOWN = 10
MOST_LOOKED_AT = 500
"""Tasks of which it is looked up what was said, so that a page takes no longer where there are more."""


@dataclass(frozen=True)
class Pair:
    """second: None for any endpoint but the first."""

    first: Endpoint
    second: Endpoint | None


@dataclass(frozen=True)
class Voice:
    """outcome: 1 where the first is better, −1 where the second is, 0 where neither."""

    username: str
    is_decision: bool
    outcome: int

    @property
    def said(self) -> str:
        return str(SAID[self.outcome])


@dataclass(frozen=True)
class Sample:
    task: Task
    first: Response
    second: Response
    voices: list[Voice]

    @property
    def turns(self) -> list[Text]:
        return turns_of(self.task)

    @property
    def sides(self) -> list[tuple[str, Text]]:
        return [(one.endpoint.name, Text("assistant", one.text)) for one in (self.first, self.second)]


@dataclass(frozen=True)
class Drawn:
    """looked_at: of how many tasks they come; there may be more."""

    samples: list[Sample]
    looked_at: int

    @property
    def is_part(self) -> bool:
        return self.looked_at == MOST_LOOKED_AT


@dataclass(frozen=True)
class Said:
    """An annotation, with what was asked."""

    questions: list[Question]
    order: list[int]
    answers: Answers
    username: str
    is_decision: bool


@dataclass(frozen=True)
class Found:
    """What a sample is of, by ids."""

    task: int
    first: int
    second: int
    voices: list[Voice]


def draw(project: Project, pair: Pair, outcome: int | None, *, seed: int) -> Drawn:
    """At most MOST_SHOWN tasks in which somebody said so of the pair, or anything; always the same by the seed."""
    tasks = drawn_tasks(project, pair, seed)
    found = list(islice(look_up(project, tasks, pair, outcome), MOST_SHOWN))
    shown = (
        Task.objects.select_related("prompt").prefetch_related("prompt__images").in_bulk([one.task for one in found])
    )
    ids = [response for one in found for response in (one.first, one.second)]
    responses = Response.objects.select_related("endpoint").in_bulk(ids)
    samples = [Sample(shown[one.task], responses[one.first], responses[one.second], one.voices) for one in found]
    return Drawn(samples, len(tasks))


def drawn_tasks(project: Project, pair: Pair, seed: int) -> list[int]:
    """Labeled ones that have responses of both, in an order of chance."""
    here = OuterRef("pk")
    labeled = Seat.objects.filter(task=here, kind__in=[SeatKind.COUNTED, SeatKind.DECISION], submitted_at__isnull=False)
    candidates = TaskResponse.objects.filter(task=here)
    others = (
        candidates.filter(response__endpoint=pair.second)
        if pair.second
        else candidates.exclude(response__endpoint=pair.first)
    )
    tasks = project.tasks.filter(
        Exists(candidates.filter(response__endpoint=pair.first)), Exists(others), Exists(labeled)
    )
    by_chance = MD5(Concat(Cast("pk", CharField()), Value(f" {seed}")))
    return list(tasks.order_by(by_chance, "pk").values_list("pk", flat=True)[:MOST_LOOKED_AT])


def look_up(project: Project, tasks: Sequence[int], pair: Pair, outcome: int | None) -> Iterator[Found]:
    """In the order of the tasks; of each the first pair of responses of which somebody said so."""
    questions = {instrument.pk: instrument.questions for instrument in project.instruments.all()}
    candidates: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = TaskResponse.objects.filter(task__in=tasks).order_by("position")
    for task, response, endpoint in rows.values_list("task_id", "response_id", "response__endpoint_id"):
        candidates[task].append((response, endpoint))
    said: dict[int, list[Said]] = defaultdict(list)
    annotations = Annotation.objects.final().filter(seat__task__in=tasks).order_by("pk")
    fields = ["seat__task", "seat__task__instrument", "order", "answers", "seat__holder__username", "seat__kind"]
    for task, instrument, order, answers, username, kind in annotations.values_list(*fields):
        said[task].append(Said(questions[instrument], order, answers, username, kind == SeatKind.DECISION))
    for task in tasks:
        for first, second in pairs_of(candidates[task], pair):
            voices = list(voices_of(said[task], first, second))
            if any(outcome in (None, voice.outcome) for voice in voices):
                yield Found(task, first, second, voices)
                break


def pairs_of(candidates: list[tuple[int, int]], pair: Pair) -> Iterator[tuple[int, int]]:
    """A task's responses of the first endpoint, each with those of the other."""
    for first, endpoint in candidates:
        if endpoint == pair.first.pk:
            for second, other in candidates:
                if other == pair.second.pk if pair.second else other != pair.first.pk:
                    yield first, second


def voices_of(said: list[Said], first: int, second: int) -> Iterator[Voice]:
    """Of those who compared the two."""
    for one in said:
        for counted in count_votes(one.questions, [first, second], [(one.order, one.answers)]).values():
            yield Voice(one.username, one.is_decision, next(iter(counted)))
