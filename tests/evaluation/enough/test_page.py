"""The page in each of its states, its files, and the command that says the same."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from evaluation.enough import jobs
from evaluation.enough.models import EnoughReport
from evaluation.enough.report import report_enough
from evaluation.reports import due
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.roles import Role
from tests.conftest import at
from tests.factories import make_endpoint, make_member, make_project, make_task, rank
from tests.simulated import Person, simulate

pytestmark = pytest.mark.django_db

HOUR = 3600
WIDTHS = [0.1 / times**0.5 for times in range(1, 11)]
POWERS = [0.2, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92]


@pytest.fixture
def project() -> Project:
    project = make_project()
    for name in ("sft", "ppo", "base"):
        make_endpoint(project, name)
    return project


def foreseen(project: Project, **changes: Any) -> EnoughReport:
    """A stored report of 400 labels, in which ppo is above sft, and nothing is known of base."""
    about = {"figure": "bradley_terry", "undefined": None}
    few = "There are too few labels, or they vary too little, to foresee what more of them would bring."
    unknown = {"value": None, "undefined": few}
    content = {
        "labels": 400,
        "seconds": 45.0,
        "per_day": 52.0,
        "endpoints": [list(one) for one in project.endpoints.order_by("pk").values_list("pk", "name")],
        "figures": [
            {**about, "figure": "agreement_without_ties", "endpoint": None, "value": 0.7, "half_widths": WIDTHS},
            {**about, "endpoint": 0, "value": 980.0, "half_widths": [300 * width for width in WIDTHS]},
            {**about, "endpoint": 1, "value": 1020.0, "half_widths": [200 * width for width in WIDTHS]},
            {**about, **unknown, "endpoint": 2, "half_widths": []},
        ],
        "pairs": [
            {**about, "first": 1, "second": 0, "value": 40.0, "low": -9.0, "high": 89.0, "apart": False}
            | {"powers": POWERS},
            {**about, **unknown, "first": 0, "second": 2, "low": None, "high": None, "apart": None, "powers": []},
        ],
        **changes,
    }
    return EnoughReport.objects.create(
        project=project, last_annotation=1, n_annotations=400, seconds=1, content=content
    )


@pytest.fixture
def look(project: Project, sign_in: Callable[[User], Client]) -> Callable[..., str]:
    client = sign_in(make_member(project, Role.LEAD))

    def page(**asked: Any) -> str:
        answer = client.get(at("enough", project), asked)
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", answer.text)

    return page


def test_before_there_are_labels(look: Callable[..., str]) -> None:
    assert "No figures yet" in look()


def test_it_begins_with_the_widest_interval_and_the_next_two(project: Project, look: Callable[..., str]) -> None:
    foreseen(project)
    page = look()
    assert "About 500 more labels would bring the rating of sft from ± 30 to ± 20." in page
    assert "some 6.2 hours of work at 45 s a label, or 10 days at 52 labels a day, as in the last week with any" in page
    assert "ppo and sft would be told apart with about 2,400 more labels (power 80 %)." in page
    assert "There are too few labels" in page


def test_another_figure_width_pair_and_power(project: Project, look: Callable[..., str]) -> None:
    foreseen(project)
    sft, ppo, _base = project.endpoints.order_by("pk")
    assert "bring the agreement, ties left out, from ± 10.0 % to ± 5.0 %" in look(
        score="agreement_without_ties", width=5
    )
    assert "About 1,200 more labels" in look(score="agreement_without_ties", width=5)
    assert "At ± 20 the interval of the rating of ppo is narrow enough" in look(
        score=f"bradley_terry-{ppo.pk}", width=25
    )
    assert "(power 90 %)" in look(first=sft.pk, second=ppo.pk, power=90)
    assert "not within ten times the present labels (power 95 %)" in look(first=ppo.pk, second=sft.pk, power=95)


@pytest.mark.parametrize(
    "asked", [{"width": "0"}, {"width": "nan"}, {"width": "-3"}, {"power": "7"}, {"score": "elo"}, {"first": "x"}]
)
def test_what_makes_no_sense_is_passed_over(asked: dict[str, str], project: Project, look: Callable[..., str]) -> None:
    foreseen(project)
    usual = {"score": f"bradley_terry-{project.endpoints.get(name='sft').pk}", "power": "80"}
    page = look(**(usual | asked))
    assert "the rating of sft from ± 30 to ± 20" in page
    assert "ppo and sft would be told apart with about 2,400" in page
    assert ('class="error"' in page) == ("width" in asked)


def test_two_that_are_told_apart(project: Project, look: Callable[..., str]) -> None:
    report = foreseen(project)
    report.content["pairs"][0] |= {"apart": True, "low": 12.0}
    report.save()
    page = look()
    assert "They are told apart already: the rating of ppo is 40 points above that of sft." in page


def test_without_times_there_are_no_hours(project: Project, look: Callable[..., str]) -> None:
    foreseen(project, seconds=None, per_day=None)
    page = look()
    assert "About 500 more labels" in page
    assert "hours" not in page


def test_one_task_is_too_few(project: Project, look: Callable[..., str]) -> None:
    task = make_task(project, endpoints=list(project.endpoints.all()))
    rank(task, make_member(project), [1, 2, 3])
    report_enough(project=project)
    page = look()
    assert "There are too few labels" in page
    assert "<svg" not in page


def test_the_page_computes_nothing_and_asks_little(project: Project, sign_in: Callable[[User], Client]) -> None:
    foreseen(project)
    client = sign_in(make_member(project, Role.LEAD))
    with CaptureQueriesContext(connection) as queries:
        client.get(at("enough", project))
    assert len(queries) <= 15
    assert not [one for one in queries if "labeling_annotation" in one["sql"]]


def test_charts_are_files(project: Project, sign_in: Callable[[User], Client]) -> None:
    client = sign_in(make_member(project, Role.LEAD))
    address = at("enough", project)
    assert client.get(f"{address}width.svg").status_code == 404
    foreseen(project)
    width = client.get(f"{address}width.csv", {"score": "agreement_without_ties", "width": 5}).text.splitlines()
    assert width[1].startswith("400,0.1,now")
    assert [row for row in width if row.startswith("1600,")] == ['1600,0.05,"1,200 more"']
    power = client.get(f"{address}power.svg")
    assert power.text.startswith("<svg")
    assert "2,400 more" in power.text
    assert client.get(f"{address}none.svg").status_code == 404


def test_it_is_computed_where_there_are_labels(project: Project) -> None:
    assert due(EnoughReport) == []
    rank(make_task(project, endpoints=list(project.endpoints.all())), make_member(project), [1, 2, 3])
    assert due(EnoughReport) == [project]
    jobs.report(project.pk)
    assert due(EnoughReport) == []
    rank(make_task(project, endpoints=list(project.endpoints.all())), make_member(project), [1, 2, 3])
    EnoughReport.objects.update(computed_at=timezone.now() - timedelta(minutes=5))
    assert due(EnoughReport) == [project]


def test_the_command(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    simulate(project, [Person("anna")], {"one": 0.0, "two": 0.4}, prompts=25, overlap=1)
    capsys.readouterr()

    def run(*options: str) -> Any:
        call_command("enough", "--project", project.slug, *options, "--json")
        return json.loads(capsys.readouterr().out)

    found = run("--score", "win_rate_adjusted", "--width", "0.05", "--first", "two")
    assert (found["labels"], found["width"], found["power"]) == (25, 0.05, 0.8)
    assert {row["endpoint"] for row in found["rows"]} == {"one", "two"}
    for row in found["rows"]:
        assert row["needed"] == row["more"] + 25
        assert row["hours"] == pytest.approx(row["more"] * found["seconds"] / HOUR)
    (pair,) = found["pairs"]
    assert {pair["first"], pair["second"]} == {"one", "two"}
    assert (pair["needed"] is None) == (pair["undefined"] is not None)
    call_command("enough", "--project", project.slug)
    assert f"{project.slug}: 25 labels" in capsys.readouterr().out
    for options, message in (
        (["--width", "0"], "above 0"),
        (["--power", "1"], "between 0 and 1"),
        (["--first", "gpt"], "no endpoint “gpt”"),
        (["--score", "elo"], "Nothing is foreseen of “elo”, but of: agreement"),
    ):
        with pytest.raises(CommandError, match=message):
            run(*options)
