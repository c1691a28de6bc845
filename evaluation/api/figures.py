"""Where the figures that programs read come from: the stored reports. Rows are as the commands print them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.forms.models import model_to_dict

from evaluation.agreement.models import AgreementFigure, AgreementReport
from evaluation.scores.models import ScoreFigure, ScoreReport
from labeling.projects.models import Project

OF_AGREEMENT = (
    *("question", "statistic", "level", "value", "low", "high"),
    *("n_items", "n_annotators", "n_pairs", "undefined"),
)
OF_SCORES = ("score", "value", "low", "high", "n", "rank", "undefined")


@dataclass(frozen=True)
class Figures:
    """The rows, and what they were computed from; None, and no rows, before anything was."""

    project: str
    rows: list[dict[str, Any]]
    computed_at: datetime | None
    n_annotations: int | None
    seed: int | None
    majority: Mapping[str, Mapping[str, int]] | None = None


def agreement(project: Project, *, question: str | None = None, statistic: str | None = None) -> Figures:
    """All rows, or those of one question (named by itself, or by a flag of it), or by one statistic."""
    report = AgreementReport.objects.filter(project=project).first()
    found = AgreementFigure.objects.filter(report=report).select_related("first", "second").order_by("place")
    if question is not None:
        of_question, of_flag = Q(question__startswith=f"{question}."), Q(question__endswith=f".{question}")
        found = found.filter(Q(question=question) | of_question | of_flag)
    if statistic is not None:
        found = found.filter(statistic=statistic)
    rows = [
        model_to_dict(figure, OF_AGREEMENT)
        | {"annotators": [user.username for user in (figure.first, figure.second) if user is not None]}
        for figure in found
    ]
    return Figures(project.slug, rows, **origin(report), majority=report.majority if report else None)


def scores(project: Project, *, score: str | None = None) -> Figures:
    """All rows, or those of one score, of whatever scale."""
    report = ScoreReport.objects.filter(project=project).first()
    found = ScoreFigure.objects.filter(report=report).select_related("endpoint").order_by("pk")
    if score is not None:
        found = found.filter(Q(score=score) | Q(score__startswith=f"{score}."))
    rows = [{"endpoint": figure.endpoint.name, **model_to_dict(figure, OF_SCORES)} for figure in found]
    return Figures(project.slug, rows, **origin(report))


def origin(report: AgreementReport | ScoreReport | None) -> dict[str, Any]:
    """When and from what the figures were computed."""
    return {name: getattr(report, name, None) for name in ("computed_at", "n_annotations", "seed")}
