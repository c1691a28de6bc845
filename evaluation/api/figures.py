"""Figures as programs ask for them: from what is stored where that says it, else computed from the labels."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from evaluation.agreement.models import AgreementReport
from evaluation.agreement.plain import plain_agreement
from evaluation.api.stored import of_all, of_endpoint, origin
from evaluation.asked import refuse_unanswered
from evaluation.enough.models import EnoughReport
from evaluation.enough.plain import plain_enough
from evaluation.scores.models import ScoreReport
from evaluation.scores.plain import plain_scores
from labeling.projects.models import Project

Parameters = Mapping[str, Any]
Answer = dict[str, Any]

OF_EACH_TWO = "cohen_kappa"
"""The statistic that each two annotators have as well, which is not stored."""

COMPUTED_NOW = {"computed_at": None}


def agreement(project: Project, asked: Parameters) -> Answer:
    report = AgreementReport.objects.filter(project=project).first()
    if report and asked.keys() <= {"question", "statistic"} and asked.get("statistic") != OF_EACH_TWO:
        rows = stored_rows(report, **asked)
        if rows is not None:
            majority = {one["name"]: one["majority"] for one in report.content["measures"] if one["majority"]}
            return {**origin(project, report), "rows": rows, "majority": majority}
    if report or asked:
        return plain_agreement(project, **asked) | COMPUTED_NOW
    return {**origin(project, None), "rows": [], "majority": None}


def stored_rows(
    report: AgreementReport, question: str | None = None, statistic: str | None = None
) -> list[Answer] | None:
    """None where the statistic is not stored of each question, because it does not apply."""
    measures = [one for one in report.content["measures"] if question is None or answers_to(one["name"], question)]
    if question is not None and not measures:
        refuse_unanswered(question, [one["name"] for one in report.content["measures"]])
    found = [[of_all(row) for row in one["figures"] if statistic in (None, row["statistic"])] for one in measures]
    return list(chain.from_iterable(found)) if all(found) else None


def answers_to(measure: str, question: str) -> bool:
    """Whether somebody who asks for a question means this: by full name, by question, or by flag."""
    return question in (measure, *measure.split("."))


def scores(project: Project, asked: Parameters) -> Answer:
    report = ScoreReport.objects.filter(project=project).first()
    if asked.keys() - {"score"}:
        return plain_scores(project, **asked) | COMPUTED_NOW
    names = [name for _pk, name in report.content["endpoints"]] if report else []
    rows = [
        of_endpoint(figure, names)
        for figure in (report.content["figures"] if report else [])
        if asked.get("score") in (None, figure["score"].partition(".")[0])
    ]
    return {**origin(project, report), "rows": rows}


NOTHING_FORESEEN: Answer = {
    "labels": None,
    "seconds": None,
    "per_day": None,
    "endpoints": [],
    "figures": [],
    "pairs": [],
}


def enough(project: Project, asked: Parameters) -> Answer:
    report = EnoughReport.objects.filter(project=project).first()
    return {**origin(project, report), **plain_enough(report.content if report else NOTHING_FORESEEN, **asked)}
