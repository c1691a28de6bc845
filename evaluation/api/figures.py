"""Where the figures that programs read come from: the stored reports. Rows are as the commands print them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evaluation.agreement.models import AgreementReport
from evaluation.scores.models import ScoreReport
from labeling.projects.models import Project


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
    measures = report.content["measures"] if report else []
    rows = [
        {**figure, "annotators": []}
        for measure in measures
        for figure in measure["figures"]
        if question in (None, *measure["name"].split("."), measure["name"]) and statistic in (None, figure["statistic"])
    ]
    majority = {measure["name"]: measure["majority"] for measure in measures if measure["majority"]}
    return Figures(project.slug, rows, **origin(report), majority=majority if report else None)


def scores(project: Project, *, score: str | None = None) -> Figures:
    """All rows, or those of one score, of whatever scale."""
    report = ScoreReport.objects.filter(project=project).first()
    names = [name for _pk, name in report.content["endpoints"]] if report else []
    rows = [
        {**figure, "endpoint": names[figure["endpoint"]], "part": None}
        for figure in (report.content["figures"] if report else [])
        if score in (None, figure["score"], figure["score"].partition(".")[0])
    ]
    return Figures(project.slug, rows, **origin(report))


def origin(report: AgreementReport | ScoreReport | None) -> dict[str, Any]:
    """When and from what the figures were computed."""
    return {name: getattr(report, name, None) for name in ("computed_at", "n_annotations", "seed")}
