"""Stored figures: computed when there are labels, again when there are more, never twice at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from evaluation.agreement import jobs as agreement_jobs
from evaluation.agreement.measure import report_agreement
from evaluation.agreement.models import AgreementFigure, AgreementReport
from evaluation.comparisons import read
from evaluation.reports import alone, due
from evaluation.scores.models import ScoreFigure, ScoreReport
from evaluation.scores.score import SCORES as SCORE_NAMES
from evaluation.scores.score import report_scores, score
from evaluation.stats import results
from evaluation.stats.agreement import STATISTICS as MEASURES
from evaluation.wording import EXPLAINED, REASONS, SCORES, SCORES_EXPLAINED, STATISTICS
from labeling.errors import Refused
from labeling.projects.models import Project
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
    report_agreement(project=labeled)
    figures = AgreementFigure.objects.filter(question="ranking", first=None)
    assert list(figures.values_list("statistic", flat=True)) == list(MEASURES)
    alpha = figures.get(statistic="krippendorff_alpha")
    assert alpha.value == pytest.approx(1.0)
    assert AgreementFigure.objects.filter(question="ranking", statistic="cohen_kappa").count() == 1 + 3
    assert AgreementFigure.objects.filter(question="overall", level="ordinal").exists()
    report_scores(project=labeled)
    rates = ScoreFigure.objects.filter(score="win_rate").values_list("endpoint__name", "value", "n")
    assert {name: (value, n) for name, value, n in rates} == {
        "m0": (pytest.approx(18 / 24), 24),
        "m1": (pytest.approx(12 / 24), 24),
        "m2": (pytest.approx(3 / 24), 24),
    }
    likert = ScoreFigure.objects.filter(score="likert").values_list("value", flat=True)
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
    baseline = labeled.endpoints.get(name="m2").pk
    rows = score(said, only="win_rate", baseline=baseline)
    assert [one.undefined for _name, _endpoint, one in rows] == [None, None, results.IS_BASELINE]
    assert [one.n for _name, _endpoint, one in rows] == [12, 12, 24]
    with pytest.raises(Refused):
        score(said, baseline=0)


def test_everything_has_a_name_and_every_reason_a_translation() -> None:
    assert set(STATISTICS) == set(EXPLAINED) == set(MEASURES)
    assert set(SCORES) == set(SCORES_EXPLAINED) == set(SCORE_NAMES)
    assert set(REASONS) == set(results.REASONS)
