"""The charts of scores, from the figures that their report holds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from evaluation import wording
from evaluation.charts.axis import Axis
from evaluation.charts.chart import Chart
from evaluation.charts.frame import Reference
from evaluation.charts.heat_map import Matrix, heat_map
from evaluation.charts.intervals import IntervalRow, intervals
from evaluation.charts.shares import SharesRow, shares

Stored = Mapping[str, Any]
Named = Iterable[tuple[str, Stored]]
"""Figures, each with what it is of."""


def ratings(named: Named, score: str, name: str) -> Chart:
    return estimates(
        named,
        name=name,
        title=str(wording.SCORES[score]),
        description=str(wording.SCORES_EXPLAINED["bradley_terry"]),
        axis=Axis(_("Rating"), digits=0),
    )


def against(named: Named, baseline: str) -> Chart:
    return estimates(
        named,
        name="baseline",
        title=_("Win rate against %(name)s") % {"name": baseline},
        description=explained("win_rate_adjusted"),
        axis=Axis(_("Win rate"), percent=True, low=0, high=1),
        references=[Reference(_("even"), 0.5)],
    )


def shares_of_labels(named: Named, score: str) -> Chart:
    """Of a score that is a share of labels."""
    title = str(wording.SCORES[score])
    return estimates(
        named,
        name=addressed(score),
        title=title,
        description=str(wording.SCORES_EXPLAINED[score]),
        axis=Axis(title, percent=True, low=0, high=1),
    )


def explained(score: str) -> str:
    """By itself, where its neighbours in other tables do not stand beside it."""
    kind = score.partition(".")[0]
    return _("A tie is half a win for each.") if kind == "win_rate_adjusted" else str(wording.SCORES_EXPLAINED[kind])


def estimates(
    named: Named, *, name: str, title: str, description: str, axis: Axis, references: Sequence[Reference] = ()
) -> Chart:
    return intervals(
        [
            IntervalRow(
                label, one["value"], one["low"], one["high"], one["n"], _(one["undefined"]) if one["undefined"] else ""
            )
            for label, one in named
        ],
        name=name,
        title=title,
        description=description,
        axis=axis,
        references=references,
    )


def each_against_each(names: Sequence[str], rates: Sequence[Sequence[float | None]]) -> Chart:
    return heat_map(
        Matrix(names, names, rates, _("wins"), _("against")),
        name="matrix",
        title=str(wording.SCORES["win_rate_adjusted"]),
        description=_(
            "In how many per cent of their comparisons the row's endpoint beats the column's; a tie is half a win."
        ),
        axis=Axis(_("Win rate"), percent=True, low=0, high=1),
        nothing=_("never compared"),
    )


def spread(rows: Iterable[tuple[str, Sequence[int]]], levels: Sequence[float], name: str, title: str) -> Chart:
    """How often each endpoint got each level of a scale."""
    return shares(
        [SharesRow(label, counts) for label, counts in rows],
        levels=[f"{level:g}" for level in levels],
        name=f"ratings-{addressed(name)}",
        title=title,
        description=_("In how many per cent of its ratings each endpoint got each value."),
        axis=Axis(_("share of ratings"), percent=True),
        nothing=_("no ratings"),
    )


def table(
    rows: Sequence[tuple[str, Sequence[Stored | None]]],
    columns: Sequence[str],
    *,
    name: str,
    title: str,
    description: str,
    axis: Axis,
    row_title: str,
) -> Chart:
    """Figures by what stands at the row and by endpoint."""
    return heat_map(
        Matrix(
            [label for label, _figures in rows],
            columns,
            [[None if one is None else one["value"] for one in figures] for _label, figures in rows],
            row_title,
        ),
        name=addressed(name),
        title=title,
        description=description,
        axis=axis,
        nothing=_("no labels"),
    )


def addressed(name: str) -> str:
    """As it stands in addresses."""
    return name.replace("_", "-").replace(".", "-")
