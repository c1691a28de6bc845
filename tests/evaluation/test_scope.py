"""Which annotations are meant, and parts of what was labeled."""

import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from evaluation.asked import moment, scope_of
from evaluation.comparisons import read
from evaluation.slices import slices
from labeling.assignment.models import Seat
from labeling.collection.models import Annotation
from labeling.errors import Refused
from labeling.projects.models import Project
from tests.factories import make_endpoint, make_member, make_project, make_prompt, make_task, rank

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    """Two people rank three tasks: of two use cases, in two languages, one with a constraint."""
    project = make_project()
    endpoints = [make_endpoint(project, name) for name in ("m0", "m1", "m2")]
    people = [make_member(project, username=name) for name in ("ann", "ben")]
    prompts = [
        make_prompt(project, "one", use_case="chat", language="en"),
        make_prompt(project, "two", use_case="chat", language="zh"),
        make_prompt(project, "three", language="zh", constraints=[{"id": "length:words", "kwargs": {}}]),
    ]
    for prompt in prompts:
        task = make_task(project, endpoints=endpoints, prompt=prompt)
        for person in people:
            rank(task, person, [1, 2, 3])
    return project


def parts_of(project: Project, by: str) -> dict[str, int]:
    """By name of a part, how many units of the ranking are in it."""
    said = read(project)
    return {name: some.task.size for name, some in slices(said, said.named("ranking")[0], by)}


def test_parts_by_what_is_known_of_the_prompt(project: Project) -> None:
    assert parts_of(project, "use_case") == {"": 3, "chat": 6}
    assert parts_of(project, "language") == {"en": 3, "zh": 6}
    assert parts_of(project, "constraint") == {"": 6, "length": 3}


def test_a_pair_is_in_the_parts_of_both_endpoints(project: Project) -> None:
    assert parts_of(project, "endpoint") == {"m0": 6, "m1": 6, "m2": 6}


def test_a_week_is_that_of_a_tasks_last_label(project: Project) -> None:
    past = make_task(project, endpoints=list(project.endpoints.all()), prompt=make_prompt(project, "four"))
    seat = Seat.objects.create(
        project=project, task=past, holder=make_member(project), submitted_at=datetime(2026, 10, 14, tzinfo=UTC)
    )
    answers = {"ranking": [1, 2, 3]}
    Annotation.objects.create(
        seat=seat, order=past.response_ids, answers=answers, submitted_at=datetime(2026, 10, 14, tzinfo=UTC)
    )
    weeks = parts_of(project, "week")
    assert weeks["2026-10-12"] == 3
    assert sum(weeks.values()) == 12


def test_only_what_some_people_said(project: Project) -> None:
    said = read(project, scope=scope_of(project, annotators=["ann"]))
    assert (said.n_annotations, len(said.annotators)) == (3, 1)
    with pytest.raises(Refused, match="nobody"):
        scope_of(project, annotators=["ann", "nobody"])


def test_only_what_was_said_on_some_days(project: Project) -> None:
    today = datetime.now(UTC).date().isoformat()
    assert read(project, scope=scope_of(project, since=today, until=today)).n_annotations == 6
    assert read(project, scope=scope_of(project, until="2026-01-01")).n_annotations == 0
    assert read(project, scope=scope_of(project, since="2100-01-01T00:00:00Z")).measures == []


@pytest.mark.parametrize(
    ("text", "ends", "expected"),
    [
        ("2026-11-22", False, datetime(2026, 11, 22, tzinfo=UTC)),
        ("2026-11-22", True, datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-22T09:30:00+02:00", True, datetime(2026, 11, 22, 7, 30, tzinfo=UTC)),
        ("2026-11-22T09:30:00", False, datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),
        ("9999-12-31", True, datetime(9999, 12, 31, tzinfo=UTC)),  # the last day there is
        ("", False, None),
    ],
)
def test_days_and_moments(text: str, ends: bool, expected: datetime | None) -> None:
    assert moment(text, ends=ends) == expected


@pytest.mark.parametrize("text", ["2026-02-30", "yesterday", "22.11.2026", "2026-13-01T00:00:00Z"])
def test_what_is_no_date_is_said(text: str) -> None:
    with pytest.raises(Refused, match="is no date"):
        moment(text, ends=False)


def test_the_commands_take_parts_people_and_days(project: Project) -> None:
    rows = rows_of("agreement", project, by="language", question="ranking", statistic="agreement_without_ties")
    assert [(row["part"], row["value"], row["n_pairs"]) for row in rows] == [(None, 1, 9), ("en", 1, 3), ("zh", 1, 6)]
    alone = rows_of("agreement", project, annotators=["ann"], statistic="krippendorff_alpha", question="ranking")
    assert alone[0]["undefined"]
    scores = rows_of("scores", project, score="win_rate", by="use_case")
    assert {(row["endpoint"], row["part"], row["value"]) for row in scores} >= {("m0", "chat", 1), ("m2", None, 0)}


def rows_of(command: str, project: Project, **options: Any) -> list[dict[str, Any]]:
    out = StringIO()
    call_command(command, project=project.slug, json=True, stdout=out, **options)
    rows: list[dict[str, Any]] = json.loads(out.getvalue())["rows"]
    return rows
