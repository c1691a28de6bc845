"""Agreement in plain values, as commands print it and programs are told it."""

from collections.abc import Collection, Iterable
from typing import Any

from evaluation.agreement.measure import majorities, measure, numbers
from evaluation.asked import refuse_unanswered, scope_of
from evaluation.comparisons import read
from evaluation.reports import SEED
from evaluation.stats.labels import Level
from labeling.people.models import User
from labeling.projects.models import Project


def plain_agreement(
    project: Project,
    *,
    question: str | None = None,
    statistic: str | None = None,
    level: Level | None = None,
    by: str | None = None,
    annotators: Collection[str] = (),
    since: str | None = None,
    until: str | None = None,
    seed: int = SEED,
) -> dict[str, Any]:
    """Computed from the labels as they are now.

    Raises Refused for a question that nobody answered, and as `scope_of` does.
    """
    said = read(project, scope=scope_of(project, annotators=annotators, since=since, until=until))
    if question is not None and not said.named(question):
        refuse_unanswered(question, [one.name for one in said.measures])
    names = names_of(said.annotators)
    figures = measure(said, question=question, statistic=statistic, level=level, by=by, seed=seed)
    return {
        "project": project.slug,
        "n_annotations": said.n_annotations,
        "seed": seed,
        "rows": [
            {
                **numbers(figure),
                "annotators": [names[said.annotators[number]] for number in figure.agreement.annotators or ()],
            }
            for figure in figures
        ],
        "majority": majorities(said),
    }


def names_of(users: Iterable[int]) -> dict[int, str]:
    return dict(User.objects.filter(pk__in=users).values_list("pk", "username"))
