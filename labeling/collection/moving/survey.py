"""Reads another tool's project twice and stores nothing: what is asked, what was said, what has no counterpart."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from labeling.collection.answers import Answers, AnswersRefused, clean_answers
from labeling.collection.judgments import time_of
from labeling.collection.moving.questions import AnswerLeftOut, Asked, Sizes, left_out_of, questions_of, told
from labeling.collection.moving.shape import Asks, Candidate, ForeignAnnotation, Item, LeftOut, Source
from labeling.errors import FileRefused, Problem
from labeling.generation.import_responses import AnsweredPrompt, WrittenResponse
from labeling.projects.questions import Question
from labeling.prompts.digests import text_digest
from labeling.prompts.files import RowRefused
from labeling.prompts.json_text import JsonRefused
from labeling.prompts.rows import prompt_of

SHOWN = 3
"""Tasks of which the survey keeps the texts."""

MOST_OPTIONS = 1000
"""Of one control that are looked for in results: more are no question, and not kept."""


@dataclass(frozen=True)
class Labeled:
    """What one person said of a task, as it is stored."""

    said: ForeignAnnotation
    answers: Answers


@dataclass(frozen=True)
class Moved:
    """A task, as it is stored."""

    answered: AnsweredPrompt
    labeled: tuple[Labeled, ...]
    skipped: tuple[ForeignAnnotation, ...]
    left_out: Counter[LeftOut]


@dataclass
class Found:
    """What a file holds."""

    source: Source
    asked: list[Asked]
    not_asked: dict[str, LeftOut]
    tasks: int = 0
    annotations: int = 0
    skips: int = 0
    golds: int = 0
    annotators: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    """By the name of the question."""
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    first: list[AnsweredPrompt] = field(default_factory=list)

    @property
    def questions(self) -> list[Question]:
        return [asked.question for asked in self.asked]

    def heed(self, moved: Moved) -> None:
        self.tasks += 1
        self.annotations += len(moved.labeled)
        self.skips += len(moved.skipped)
        self.golds += any(one.said.is_gold for one in moved.labeled)
        self.annotators |= {said.annotator for said in (*(one.said for one in moved.labeled), *moved.skipped)}
        self.answers.update(name for one in moved.labeled for name in one.answers)
        self.left_out.update(moved.left_out)
        if len(self.first) < SHOWN:
            self.first.append(moved.answered)


class Problems:
    """What is wrong with a file, by the number of the task."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.n = 0

    def add(self, number: int, cause: str) -> None:
        self.n += 1
        if len(self.problems) < FileRefused.SHOWN:
            self.problems.append(Problem(0, _("task %(n)d: %(cause)s") % {"n": number, "cause": cause}))

    def finish(self) -> None:
        """Raises FileRefused."""
        if self.n:
            raise FileRefused(self.name, self.problems, self.n)


def survey(source: Source) -> Found:
    """Raises FileRefused, naming each bad task."""
    problems = Problems(source.name)
    sizes = learn(source, problems)
    problems.finish()
    asked, why_not = questions_of(source.controls.values(), sizes)
    found = Found(source, asked, left_out_of(source.controls, why_not))
    for moved in moved_tasks(found, problems):
        found.heed(moved)
    problems.finish()
    return found


def items_of(source: Source, problems: Problems) -> Iterator[tuple[int, Item]]:
    """Raises FileRefused where the file cannot be read on."""
    try:
        for number, task in source.tasks():
            try:
                yield number, source.item(number, task)
            except RowRefused as refused:
                problems.add(number, str(refused))
    except JsonRefused as refused:
        raise FileRefused(source.name, [*problems.problems, Problem(refused.line, str(refused))]) from None


def learn(source: Source, problems: Problems) -> Sizes:
    """What the results show of the controls: options and numbers that nobody has named before."""
    sizes: set[int] = set()
    for _number, item in items_of(source, problems):
        sizes.add(len(item.candidates))
        for said in item.said:
            for name, value in said.values.items():
                heed_value(source, name, value)
    if not sizes and not problems.n:
        raise FileRefused(source.name, [Problem(0, _("the file holds no tasks."))])
    return Sizes(min(sizes, default=0), max(sizes, default=0))


def heed_value(source: Source, name: str, value: Any) -> None:
    control = source.controls[name]
    if control.asks == Asks.RATING:
        control.low, control.high = min(control.low, int(value)), max(control.high, int(value))
    elif control.asks in (Asks.CHOICES, Asks.BUCKETS):
        for option in value:
            if len(control.options) < MOST_OPTIONS:
                control.options.setdefault(option, option)
        control.is_single &= control.asks == Asks.CHOICES and len(value) < 2


def moved_tasks(found: Found, problems: Problems) -> Iterator[Moved]:
    """Every task as it is stored, without those that are wrong."""
    for number, item in items_of(found.source, problems):
        try:
            yield moved_task(found, item)
        except RowRefused as refused:
            problems.add(number, str(refused))


def moved_task(found: Found, item: Item) -> Moved:
    """Raises RowRefused."""
    left_out = Counter(item.left_out)
    labeled: list[Labeled] = []
    for said in item.said:
        time_of({"created_at": said.created_at})
        if said.is_skip:
            continue
        answers = answers_of(found, said, item.candidates, left_out)
        if answers:
            labeled.append(Labeled(said, answers))
        else:
            left_out[LeftOut(_("annotations"), _("they say nothing that has a counterpart"))] += 1
    n_golds = sum(one.said.is_gold for one in labeled)
    if n_golds > 1:
        left_out[LeftOut(_("ground truths"), _("a task has one known answer: the first is taken"))] += n_golds - 1
    skipped = tuple(said for said in item.said if said.is_skip)
    return Moved(answered_of(item), tuple(labeled), skipped, left_out)


def answered_of(item: Item) -> AnsweredPrompt:
    responses = [WrittenResponse(one.model, one.text, text_digest(one.text)) for one in item.candidates]
    return AnsweredPrompt(prompt_of(item.prompt), responses)


def answers_of(
    found: Found, said: ForeignAnnotation, candidates: Sequence[Candidate], left_out: Counter[LeftOut]
) -> Answers:
    """Raises RowRefused."""
    given: Answers = {}
    keys = [one.key for one in candidates]
    left_out.update(found.not_asked[name] for name in said.values if name in found.not_asked)
    for asked in found.asked:
        try:
            answer = asked.answer(said.values, keys)
        except AnswerLeftOut as why:
            left_out[LeftOut(told(asked.controls[0]), str(why))] += 1
        else:
            given |= {} if answer is None else {asked.question.name: answer}
    try:
        return clean_answers(found.questions, given, len(keys), complete=False)
    except AnswersRefused as refused:
        raise RowRefused(str(refused)) from None
