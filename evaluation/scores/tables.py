"""What was said of single responses, and scores by parts of the prompts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation import wording
from evaluation.charts.axis import Axis
from evaluation.charts.chart import Chart
from evaluation.scores import charts
from evaluation.scores.standings import Standings, Stored
from labeling.projects.questions import Question

PARTS = {
    "use_case": (gettext_lazy("By use case"), gettext_lazy("Use case")),
    "language": (gettext_lazy("By language"), gettext_lazy("Language")),
    "constraint": (gettext_lazy("By constraint"), gettext_lazy("Constraint")),
}
"""By what the prompts are parted: the heading, and what heads the rows."""


@dataclass(frozen=True)
class ByEndpoint:
    """Figures of a score, each with its endpoint's name, and a chart of what they are of."""

    chart: Chart
    score: str
    rows: list[tuple[str, Stored]]


@dataclass(frozen=True)
class Table:
    """Figures of a score, by what stands at the row and by endpoint, and the chart of them."""

    chart: Chart
    score: str
    columns: list[str]
    rows: list[tuple[str, list[Stored | None]]]
    by: str = ""
    """Of what the rows are the parts."""


def spreads(standings: Standings, titles: Mapping[str, str]) -> Iterator[ByEndpoint]:
    """titles: of scales, by their names."""
    found = standings.content["distributions"]
    for scale in found:
        name, counts = scale["name"], scale["counts"]
        rows = [(standings.names[one], counts[one]) for one in standings.order if sum(counts[one])]
        chart = charts.spread(rows, scale["domain"], name, titles.get(name, name))
        score = "likert" if len(found) == 1 else f"likert.{name}"
        yield ByEndpoint(chart, score, standings.of(score))


def verdict(standings: Standings, score: str) -> ByEndpoint:
    rows = standings.of(score)
    return ByEndpoint(charts.shares_of_labels(rows, score), score, rows)


def flags(standings: Standings, questions: Iterable[Question]) -> Table | None:
    labels = wording.flag_titles(questions)
    rows = {
        labels.get(flag, flag): figures
        for score, figures in standings.figures.items()
        for kind, _dot, flag in [score.partition(".")]
        if kind == "flag_rate"
    }
    if not rows:
        return None
    highest = max(one["value"] or 0 for figures in rows.values() for one in figures)
    return table_of(
        standings,
        "flag_rate",
        rows,
        Axis(_("Flagged"), percent=True, low=0, high=highest or 1),
        name="flags",
        title=_("Flags"),
        description=_("In how many per cent of its labels each endpoint got each flag."),
        row_title=_("Flag"),
    )


def parts(standings: Standings, titles: Mapping[str, str]) -> list[tuple[str, list[Table]]]:
    """Tables of each score, under what parts the prompts; those of which there is one part are left out."""
    found = [(str(title), list(tables_by(standings, by, str(head), titles))) for by, (title, head) in PARTS.items()]
    return [(title, tables) for title, tables in found if tables]


def tables_by(standings: Standings, by: str, head: str, titles: Mapping[str, str]) -> Iterator[Table]:
    scores: dict[str, dict[str, list[Stored | None]]] = defaultdict(dict)
    for figure in standings.content["by"][by]:
        nothing: list[Stored | None] = [None] * len(standings.names)
        scores[figure["score"]].setdefault(figure["part"], nothing)[figure["endpoint"]] = figure
    for score, rows in scores.items():
        title = wording.score_name(score, titles)
        yield table_of(
            standings,
            score,
            {wording.part_name(by, part): row for part, row in rows.items()},
            axis_of(score, title, standings),
            name=f"{by}-{score}",
            title=title,
            description=charts.explained(score),
            row_title=head,
            by=by,
        )


def table_of(
    standings: Standings,
    score: str,
    rows: Mapping[str, Sequence[Stored | None]],
    axis: Axis,
    *,
    row_title: str,
    by: str = "",
    **about: str,
) -> Table:
    """Of the endpoints that have a value in it."""
    there = [one for one in standings.order if any((row[one] or {}).get("n") for row in rows.values())]
    columns = [standings.names[one] for one in there]
    kept = [(label, [row[one] for one in there]) for label, row in rows.items()]
    return Table(charts.table(kept, columns, axis=axis, row_title=row_title, **about), score, columns, kept, by)


def axis_of(score: str, title: str, standings: Standings) -> Axis:
    kind, _dot, scale = score.partition(".")
    if kind in wording.AS_PERCENT:
        return Axis(title, percent=True, low=0, high=1)
    domain = next(one["domain"] for one in standings.content["distributions"] if scale in ("", one["name"]))
    return Axis(title, digits=2, low=domain[0], high=domain[-1])
