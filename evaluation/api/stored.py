"""What is stored of agreement and scores, in the words of programs: names in the place of ids and numbers."""

from typing import Any

from evaluation.agreement.models import AgreementReport
from evaluation.agreement.plain import names_of
from evaluation.reports import Report
from evaluation.scores.models import ScoreReport
from labeling.projects.models import Project

Content = dict[str, Any]


def origin(project: Project, report: Report | None) -> Content:
    """When and from what the figures were computed; None for all of it where nothing is stored."""
    about = {name: getattr(report, name, None) for name in ("computed_at", "n_annotations", "seed")}
    return {"project": project.slug, **about}


def agreement_report(project: Project) -> Content:
    report = AgreementReport.objects.filter(project=project).first()
    content: Content = report.content if report else {"measures": [], "annotators": {"each": [], "together": None}}
    each = content["annotators"]["each"]
    names = names_of(one["user"] for one in each)
    return {
        **origin(project, report),
        "questions": [question(measure, names) for measure in content["measures"]],
        "annotators": [{**one, "annotator": names[one["user"]]} for one in each],
        "together": content["annotators"]["together"],
    }


def question(measure: Content, names: dict[int, str]) -> Content:
    return {
        **measure,
        "question": measure["name"],
        "figures": [of_all(figure) for figure in measure["figures"]],
        "parts": {by: [of_all(figure) for figure in figures] for by, figures in measure["by"].items()},
        "between": [
            {"annotators": [names[first], names[second]], "equal": equal, "n": n}
            for first, second, equal, n in measure["between"]
        ],
    }


def of_all(figure: Content) -> Content:
    """A stored figure of agreement, which is about everybody."""
    return {**figure, "annotators": []}


def scores_report(project: Project) -> Content:
    report = ScoreReport.objects.filter(project=project).first()
    if report is None:
        nothing: dict[str, list[Content]] = {by: [] for by in ("use_case", "language", "constraint")}
        rows = ("endpoints", "figures", "matrix", "lengths", "distributions", "paired")
        return {**origin(project, None), **{name: [] for name in rows}, "parts": nothing}
    content = report.content
    names = [name for _pk, name in content["endpoints"]]
    return {
        **origin(project, report),
        "endpoints": names,
        "figures": [of_endpoint(figure, names) for figure in content["figures"]],
        "parts": {by: [of_endpoint(one, names) for one in figures] for by, figures in content["by"].items()},
        "matrix": met(content["matrix"], names) if content["matrix"] else [],
        "lengths": [
            {**of_endpoint(figure, names), "baseline": baseline}
            for baseline, figures in zip(names, content["lengths"], strict=False)
            for figure in figures
        ],
        "distributions": [
            {
                "question": scale["name"],
                "domain": scale["domain"],
                "endpoints": [
                    {"endpoint": name, "counts": counts} for name, counts in zip(names, scale["counts"], strict=True)
                ],
            }
            for scale in content["distributions"]
        ],
        "paired": [{**one, "first": names[one["first"]], "second": names[one["second"]]} for one in content["paired"]],
    }


def of_endpoint(figure: Content, names: list[str]) -> Content:
    return {"part": None, **figure, "endpoint": names[figure["endpoint"]]}


def met(matrix: Content, names: list[str]) -> list[Content]:
    """Each endpoint against each that it was compared with."""
    values = {"won": "won", "tied": "tied", "value": "rate", "low": "low", "high": "high"}
    return [
        {"first": first, "second": second, **{name: matrix[stored][row][column] for name, stored in values.items()}}
        for row, first in enumerate(names)
        for column, second in enumerate(names)
        if matrix["rate"][row][column] is not None
    ]
