"""Scores in plain values, as commands print them and programs are told them."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from evaluation.asked import refuse_unanswered, scope_of
from evaluation.comparisons import read
from evaluation.reports import SEED
from evaluation.scores.score import Wanted, endpoint_number
from evaluation.scores.score import score as score_said
from evaluation.texts import read_texts
from labeling.projects.models import Project


def plain_scores(
    project: Project,
    *,
    score: str | None = None,
    question: str | None = None,
    baseline: str | None = None,
    anchor: str | None = None,
    by: str | None = None,
    annotators: Collection[str] = (),
    since: str | None = None,
    until: str | None = None,
    seed: int = SEED,
) -> dict[str, Any]:
    """Computed from the labels as they are now. baseline, anchor: names of endpoints.

    Raises Refused for an endpoint that the project does not have, a question that nobody answered, and as `scope_of`
    does.
    """
    said = read(project, decided=True, scope=scope_of(project, annotators=annotators, since=since, until=until))
    if question is not None and not said.named(question):
        refuse_unanswered(question, [one.name for one in said.measures])
    wanted = Wanted(endpoint_number(said, baseline), endpoint_number(said, anchor), seed)
    figures = score_said(said, read_texts(project), wanted, only=score, question=question, by=by)
    return {
        "project": project.slug,
        "n_annotations": said.n_annotations,
        "seed": seed,
        "rows": [
            {
                "endpoint": said.endpoint_names[figure.endpoint],
                "score": figure.score,
                "part": figure.part,
                **asdict(figure.found),
            }
            for figure in figures
        ],
    }
