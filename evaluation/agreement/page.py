"""What the page of agreement shows of one question."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from evaluation.agreement.charts import charts
from evaluation.agreement.models import AgreementReport
from evaluation.agreement.reading import Reading, readings
from evaluation.charts.chart import Chart
from evaluation.wording import FLAGS, measure_titles
from labeling.assignment.models import Task
from labeling.collection.review_queue import Shelf, tasks_on
from labeling.projects.models import Membership, Project

MOST_TASKS = 10


@dataclass(frozen=True)
class Question:
    name: str
    title: str


@dataclass(frozen=True)
class Person:
    """An annotator with their figures, and what is to be looked at."""

    member: Membership
    figures: Mapping[str, Any]
    flags: list[tuple[str, str]]
    """What each flag is called, and what it means."""


class Page:
    """asked: the name of a question; the first where there is none of that name."""

    def __init__(self, report: AgreementReport, project: Project, asked: str | None) -> None:
        self.report = report
        self.project = project
        measures = report.content["measures"]
        titles = measure_titles(
            question for instrument in project.instruments.order_by("version") for question in instrument.questions
        )
        self.questions = [Question(one["name"], titles.get(one["name"], one["name"])) for one in measures]
        self.measure = next((one for one in measures if one["name"] == asked), measures[0])
        self.question = next(one for one in self.questions if one.name == self.measure["name"])

    @cached_property
    def readings(self) -> list[Reading]:
        return readings(self.measure)

    @cached_property
    def members(self) -> dict[int, Membership]:
        """By user, everybody who ever was one."""
        members = Membership.objects.filter(project=self.project).select_related("user")
        return {member.user_id: member for member in members}

    @cached_property
    def charts(self) -> dict[str, Chart]:
        names = {user: member.user.username for user, member in self.members.items()}
        return {chart.name: chart for chart in charts(self.measure, self.readings, names)}

    @cached_property
    def people(self) -> list[Person]:
        """Those with flags first, then by how many labels they gave."""
        each = self.report.content["annotators"]["each"]
        found = [
            Person(self.members[one["user"]], one, [flag_of(name) for name in one["flags"]])
            for one in each
            if one["user"] in self.members
        ]
        return sorted(found, key=lambda person: (-len(person.flags), -person.figures["n_labels"]))

    @property
    def known_flags(self) -> list[tuple[str, str]]:
        return [flag_of(name) for name in FLAGS]

    @property
    def together(self) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self.report.content["annotators"]["together"]
        return found

    @cached_property
    def disagreed(self) -> QuerySet[Task]:
        return tasks_on(self.project, Shelf.DISAGREED)[:MOST_TASKS]


def flag_of(name: str) -> tuple[str, str]:
    title, meaning = FLAGS[name]
    return str(title), str(meaning)


def summary(report: AgreementReport) -> Iterable[Mapping[str, Any]]:
    """The few figures that are shown elsewhere."""
    return [reading.figure for reading in readings(report.content["measures"][0])]
