"""Stored figures: computed when there are labels, again when there are more, never twice at once."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from evaluation.agreement import jobs as agreement_jobs
from evaluation.agreement.models import AgreementReport
from evaluation.agreement.report import report_agreement
from evaluation.comparisons import read
from evaluation.reports import alone, due
from evaluation.scores.models import ScoreReport
from evaluation.scores.report import report_scores
from evaluation.scores.score import SCORES as SCORE_NAMES
from evaluation.scores.score import Wanted, endpoint_number, score
from evaluation.stats import results
from evaluation.stats.agreement import STATISTICS as MEASURES
from evaluation.texts import read_texts
from evaluation.wording import EXPLAINED, REASONS, SCORES, SCORES_EXPLAINED, STATISTICS
from labeling.collection.submit import Circumstances, submit
from labeling.errors import Refused
from labeling.projects.models import Project
from labeling.projects.questions import Question
from tests.factories import make_endpoint, make_member, make_project, make_task, rank

pytestmark = pytest.mark.django_db


@pytest.fixture
def labeled() -> Project:
    project = make_project()
    endpoints = [make_endpoint(project, name) for name in ("m0", "m1", "m2")]
    people = [make_member(project) for _n in range(3)]
    for number in range(4):
        task = make_task(project, endpoints=endpoints)
        for person in people:
            rank(task, person, [1, 2, 3] if number else [2, 1, 1], overall=[6, 4, 2])
    return project


def test_the_figures_of_a_project(labeled: Project) -> None:
    content = report_agreement(project=labeled).content
    ranking, overall = content["measures"]
    assert (ranking["name"], overall["name"], overall["level"]) == ("ranking", "overall", "ordinal")
    figures = {figure["statistic"]: figure for figure in ranking["figures"]}
    assert list(figures) == [name for name, one in MEASURES.items() if one.of != "ratings"]
    assert figures["krippendorff_alpha"]["value"] == pytest.approx(1.0)
    assert [(equal, n) for _first, _second, equal, n in ranking["between"]] == [(12, 12)] * 3
    assert (
        ranking["majority"] == {"first": 11, "second": 0, "tie": 1, "none": 0}
        or sum(ranking["majority"].values()) == 12
    )
    content = report_scores(project=labeled).content
    names = dict(enumerate(name for _pk, name in content["endpoints"]))
    rates = {names[one["endpoint"]]: one for one in content["figures"] if one["score"] == "win_rate"}
    assert {name: (one["value"], one["n"]) for name, one in rates.items()} == {
        "m0": (pytest.approx(18 / 24), 24),
        "m1": (pytest.approx(12 / 24), 24),
        "m2": (pytest.approx(3 / 24), 24),
    }
    likert = [one["value"] for one in content["figures"] if one["score"] == "likert"]
    assert sorted(likert) == pytest.approx([2.0, 4.0, 6.0])


def test_a_report_is_due_when_it_does_not_cover_the_labels(labeled: Project) -> None:
    assert due(AgreementReport) == [labeled]
    report = report_agreement(project=labeled)
    assert due(AgreementReport) == []
    rank(make_task(labeled), make_member(labeled), [1, 2, 3])
    assert due(AgreementReport) == []  # it rests first
    AgreementReport.objects.update(computed_at=timezone.now() - timedelta(minutes=5))
    assert due(AgreementReport) == [labeled]
    again = report_agreement(project=labeled)
    assert again.pk != report.pk
    assert AgreementReport.objects.count() == 1


def test_a_changed_mind_makes_it_due(labeled: Project) -> None:
    report_agreement(project=labeled)
    AgreementReport.objects.update(computed_at=timezone.now() - timedelta(minutes=5))
    assert due(AgreementReport) == []
    task = labeled.tasks.first()
    assert task is not None
    holder = task.seats.filter(holder__isnull=False).select_related("holder").first()
    assert holder is not None
    rank(task, holder.holder, [3, 3, 3])
    assert due(AgreementReport) == [labeled]


def test_a_project_without_labels_has_no_report() -> None:
    make_task(make_project())
    assert due(ScoreReport) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_compute_the_same_report(labeled: Project) -> None:
    seen: list[bool] = []

    def other() -> None:
        with alone(AgreementReport, labeled.pk) as is_mine:
            seen.append(is_mine)
        agreement_jobs.report(labeled.pk)
        connection.close()

    with alone(AgreementReport, labeled.pk) as is_mine:
        assert is_mine
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert seen == [False]
        assert not AgreementReport.objects.exists()
    agreement_jobs.report(labeled.pk)
    assert AgreementReport.objects.count() == 1


def test_scores_against_a_baseline(labeled: Project) -> None:
    said = read(labeled)
    baseline = endpoint_number(said, "m2")
    rows = list(score(said, read_texts(labeled), Wanted(baseline=baseline), only="win_rate"))
    assert [row.found.undefined for row in rows] == [None, None, results.IS_BASELINE]
    assert [row.found.n for row in rows] == [12, 12, 24]
    with pytest.raises(Refused):
        endpoint_number(said, "none such")


def test_a_scale_that_ends_at_0_weighs_nothing() -> None:
    """A rating is no share of 0. The instruction is followed all the same, and the report is stored."""
    flags = Question("flags", "flags", "Flags", options={"flags": {"fails_instruction": "Fails"}})
    project = make_project(questions=[Question("harm", "likert", "Harm?", options={"low": -5, "high": 0}), flags])
    answers = {"harm": [-5, 0, -1], "flags": {"fails_instruction": [True, False, False]}}
    circumstances = Circumstances(uuid.uuid4())
    submit(task=make_task(project), user=make_member(project), answers=answers, circumstances=circumstances)
    figures = report_scores(project=project).content["figures"]
    assert {one["score"] for one in figures} >= {"instruction_following", "likert"}
    assert "instruction_following_weighted" not in {one["score"] for one in figures}


def test_everything_has_a_name_and_every_reason_a_translation() -> None:
    assert set(STATISTICS) == set(EXPLAINED) == set(MEASURES)
    assert set(SCORES) == set(SCORES_EXPLAINED) == set(SCORE_NAMES)
    assert set(REASONS) == set(results.REASONS)
