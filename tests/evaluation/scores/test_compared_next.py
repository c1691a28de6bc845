"""From labels to the comparison that is asked next."""

import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from evaluation.scores import report as reports
from evaluation.scores.jobs import report
from evaluation.scores.models import ScoreReport
from labeling.assignment.change_settings import change_settings
from labeling.assignment.models import PairWeight, Seat
from labeling.people.models import User
from labeling.projects.models import Project, TaskOrder
from labeling.projects.roles import Role
from tests.conftest import at
from tests.factories import RANKING, make_endpoint, make_member, make_project, make_task, rank

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    """Three endpoints. Of two it is known how they compare, nothing of the third; and tasks of both kinds are open."""
    project = make_project(questions=RANKING)
    a, b, c = (make_endpoint(project, name) for name in "abc")
    ann = make_member(project)
    for number in range(48):
        rank(make_task(project, endpoints=[a, b], overlap=1), ann, [1, 2] if number % 2 else [2, 1])
    for _n in range(25):
        make_task(project, endpoints=[a, b], overlap=1)
    for _n in range(25):
        make_task(project, endpoints=[b, c], overlap=1)
    return project


def weights(project: Project) -> dict[str, float]:
    rows = PairWeight.objects.filter(project=project).values_list("first__name", "second__name", "weight")
    return {first + second: weight for first, second, weight in rows}


def first_of_the_queue(project: Project) -> int:
    """How many of the first 20 open tasks have a response of the endpoint c."""
    seats = Seat.objects.filter(project=project, submitted_at=None).order_by("place", "pk")[:20]
    return sum("c" in [endpoint for _text, endpoint in seat.task.texts.values()] for seat in seats)


def order_by_what_narrows(project: Project) -> None:
    project.task_order = TaskOrder.INFORMATIVE
    change_settings(project=project, changed=["task_order"])


def test_labels_become_weights_and_weights_an_order(project: Project) -> None:
    order_by_what_narrows(project)
    assert first_of_the_queue(project) < 17, "nothing is known yet"
    report(project.pk)
    found = weights(project)
    assert sum(found.values()) == pytest.approx(1)
    assert found["ab"] < 0.01
    assert found["ac"] == pytest.approx(found["bc"], rel=1e-4)
    assert first_of_the_queue(project) >= 16


def test_what_was_said_since_counts_at_the_next_report(project: Project) -> None:
    order_by_what_narrows(project)
    report(project.pk)
    before, ann = weights(project), make_member(project)
    b, c = project.endpoints.exclude(name="a").order_by("name")
    for number in range(16):
        rank(make_task(project, endpoints=[b, c], overlap=1), ann, [1, 2] if number % 2 else [2, 1])
    report(project.pk)
    after = weights(project)
    assert after["bc"] < before["bc"]
    assert after["ac"] > after["bc"], "they never met, though both met b"


def test_the_weights_are_there_when_the_order_is_chosen_later(project: Project) -> None:
    report(project.pk)
    places = list(Seat.objects.order_by("pk").values_list("place", flat=True))
    assert places == list(Seat.objects.order_by("pk").values_list("task_id", flat=True)), "another order stays"
    order_by_what_narrows(project)
    assert first_of_the_queue(project) >= 16


def test_a_project_that_compares_nothing_weighs_all_pairs_alike() -> None:
    project = make_project(questions=RANKING)
    task = make_task(project, n_responses=1)
    rank(task, make_member(project), [1])
    report(project.pk)
    assert weights(project) == {}
    for name in "de":
        make_endpoint(project, name)
    reports.report_scores(project=project)
    assert list(weights(project).values()) == pytest.approx([1 / 3] * 3)


def test_the_rest_after_a_report_is_for_arranging_as_well(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(**_given: object) -> None:
        time.sleep(0.3)

    monkeypatch.setattr(reports, "weigh_pairs", slowly)
    report(project.pk)
    assert ScoreReport.objects.get().seconds >= 0.3


def test_a_lead_sees_what_is_asked_next(project: Project, sign_in: Callable[[User], Client]) -> None:
    report(project.pk)
    lead = sign_in(make_member(project, Role.LEAD))
    assert "Compared next" not in lead.get(at("scores", project)).text
    order_by_what_narrows(project)
    with CaptureQueriesContext(connection) as asked:
        page = lead.get(at("scores", project)).text
    assert len(asked) <= 15
    _before, _heading, table = page.partition("Compared next")
    assert max(table.index("a · c"), table.index("b · c")) < table.index("a · b")
    assert "50 %" in table
