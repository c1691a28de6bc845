"""The one bridge from annotations to arrays.

Two others count answers for ends of their own: datasets/consensus.py, which response is preferred, and
labeling/collection/disagreement.py, on how many pairs a task has no majority.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import F, Func, JSONField, QuerySet, Value
from django.db.models.functions import Extract, TruncDate

from evaluation.columns import columns, days, first_seen, looked_up, real, whole, words
from evaluation.decoding import Candidates, Seating, measures_of
from evaluation.measures import Given, Said, Tasks
from evaluation.stats.intervals import numbered
from evaluation.use_cases import with_majority
from labeling.assignment.models import Task, TaskResponse
from labeling.collection.kinds import KINDS
from labeling.collection.models import Annotation, AnnotationQuerySet
from labeling.projects.models import Project
from labeling.projects.questions import Question


@dataclass(frozen=True)
class Scope:
    """Which annotations are meant: those of some people, by user name, of some time, and of some tasks, by id; all
    where nothing is said."""

    annotators: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    tasks: frozenset[int] = frozenset()

    def of(self, annotations: AnnotationQuerySet) -> AnnotationQuerySet:
        if self.annotators:
            annotations = annotations.filter(seat__holder__username__in=self.annotators)
        if self.since is not None:
            annotations = annotations.filter(submitted_at__gte=self.since)
        if self.until is not None:
            annotations = annotations.filter(submitted_at__lt=self.until)
        if self.tasks:
            annotations = annotations.filter(seat__task__in=self.tasks)
        return annotations

    def tasks_of(self, project: Project) -> QuerySet[Task]:
        return project.tasks.filter(pk__in=self.tasks) if self.tasks else project.tasks.all()


EVERYTHING = Scope()


def read(project: Project, *, decided: bool = False, scope: Scope = EVERYTHING) -> Said:
    """All current answers in the seats that count, as they are now, within the scope.

    If `decided`, those of tasks that a reviewer has decided give way to the decision.
    """
    annotations = Annotation.objects.final() if decided else Annotation.objects.counted()
    return read_annotations(project, scope.of(annotations), scope.tasks_of(project))


def read_annotations(project: Project, annotations: AnnotationQuerySet, tasks: QuerySet[Task] | None = None) -> Said:
    """Those of the project. tasks: the ones they are of, all of the project's where nothing is said."""
    every = [one for instrument in project.instruments.order_by("version") for one in instrument.questions]
    questions = {question.name: question for question in every if is_measured(question)}
    of_prompt = {question.name for question in every if question.kind == "use_case"}
    asked = {f"a{number}": answer_to(name) for number, name in enumerate(questions)}
    asked |= {f"u{number}": answer_to(name) for number, name in enumerate(sorted(of_prompt))}
    chosen = annotations.filter(seat__project=project).annotate(
        at=Extract("submitted_at", "epoch"), day=TruncDate("submitted_at"), **asked
    )
    fields = ["pk", "seat__task", "seat__holder", "order", "at", "day", "active_ms", "origin", *asked]
    rows = columns(chosen.order_by("pk"), *fields)
    endpoints = dict(project.endpoints.order_by("pk").values_list("pk", "name"))
    candidates, about = read_tasks(project.tasks.all() if tasks is None else tasks, list(endpoints))
    task = np.searchsorted(about.pk, whole(rows["seat__task"]))
    about = with_majority(about, task, [rows[name] for name in asked if name[0] == "u"])
    annotators, annotator = first_seen(whole(rows["seat__holder"]))
    given = Given(
        task=task,
        annotator=annotator,
        at=real(rows["at"]),
        day=days(rows["day"]),
        active=real(rows["active_ms"]) / 1000,
        is_imported=np.asarray(pc.equal(rows["origin"].cast(pa.string()), "file").to_numpy()),
    )
    seating = Seating.of(rows["order"], task, candidates)
    measures = [
        measure
        for number, question in enumerate(questions.values())
        for measure in measures_of(question, rows[f"a{number}"], seating, given, about)
    ]
    pks = whole(rows["pk"])
    return Said(
        sorted(measures, key=lambda measure: not measure.of_pairs),
        annotators.tolist(),
        list(endpoints),
        list(endpoints.values()),
        given,
        about,
        n_annotations=pks.size,
        last_annotation=int(pks[-1]) if pks.size else 0,
    )


def answer_to(name: str) -> Func:
    """Django's own lookup takes a name that reads as a number, as 1_7 does, for the place in a list."""
    return Func(F("answers"), Value(name), function="jsonb_extract_path", output_field=JSONField())


def is_measured(question: Question) -> bool:
    """Whether its answers say something of responses, or of one beside another."""
    kind = KINDS[question.kind]
    measured: bool = kind.compares or (kind.about == "response" and not kind.is_written)
    return measured


def read_tasks(chosen: QuerySet[Task], endpoints: Sequence[int]) -> tuple["Candidates", Tasks]:
    """The tasks in the order of their ids, and the responses that each has."""
    about = ["prompt__use_case", "prompt__language", "prompt__constraints"]
    found = columns(chosen.order_by("pk"), "pk", "prompt", *about)
    pk = whole(found["pk"])
    tasks = Tasks(
        pk=pk,
        prompt=numbered(whole(found["prompt"]))[1],
        use_case=words(found["prompt__use_case"]),
        language=words(found["prompt__language"]),
        constraints=looked_up(found["prompt__constraints"], kinds_of_constraints),
    )
    candidates = TaskResponse.objects.filter(task__in=chosen).order_by("task", "position")
    rows = columns(candidates, "task", "response", "response__endpoint")
    of_task = np.searchsorted(pk, whole(rows["task"]))
    endpoint = np.searchsorted(np.array(endpoints, dtype=np.int64), whole(rows["response__endpoint"]))
    counts = np.bincount(of_task, minlength=pk.size)
    return Candidates(whole(rows["response"]), endpoint, np.cumsum(counts) - counts, counts), tasks


def kinds_of_constraints(stored: str) -> str:
    """Of a prompt's constraints as in IFEval: `length_constraints:number_words` is of the kind `length_constraints`."""
    kinds = {str(constraint["id"]).partition(":")[0] for constraint in json.loads(stored)}
    return f" {' '.join(sorted(kinds))} " if kinds else ""
