"""The charts of one question's agreement, from what its report holds."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation import wording
from evaluation.agreement.reading import Reading
from evaluation.charts.axis import Axis
from evaluation.charts.chart import Chart
from evaluation.charts.heat_map import Matrix, heat_map
from evaluation.charts.intervals import IntervalRow, intervals
from evaluation.charts.over_time import TimePoint, over_time

Stored = Mapping[str, Any]

FEWEST_SHOWN = 2
TITLES = {"use_case": gettext_lazy("By use case"), "language": gettext_lazy("By language")}


def charts(measure: Stored, read: Sequence[Reading], names: Mapping[int, str]) -> Iterator[Chart]:
    """In the order of the page. names: what the annotators are called, by id."""
    if read:
        yield headline(read)
        yield from parts(measure, read[0])
    if len(names) >= FEWEST_SHOWN:
        yield between(measure, names)
    if measure["domain"]:
        yield confusion(measure)


def axis_of(statistic: str) -> Axis:
    name = str(wording.STATISTICS[statistic])
    if statistic in wording.AS_PERCENT:
        return Axis(name, percent=True, low=0, high=1)
    return Axis(name, digits=2)


def headline(read: Sequence[Reading]) -> Chart:
    """The first reading beside chance and what others published."""
    one = read[0]
    statistic = one.figure["statistic"]
    return intervals(
        [row(str(_("This project")), one.figure)],
        name="headline",
        title=str(wording.STATISTICS[statistic]),
        description=_("With its interval (95 %) from resampling prompts, beside chance and what others published."),
        axis=axis_of(statistic),
        references=one.references,
    )


def row(label: str, figure: Stored) -> IntervalRow:
    why = "" if figure["undefined"] is None else _(figure["undefined"])
    return IntervalRow(label, figure["value"], figure["low"], figure["high"], figure["n_pairs"], why)


def parts(measure: Stored, one: Reading) -> Iterator[Chart]:
    statistic = one.figure["statistic"]
    for by, title in TITLES.items():
        found = [figure for figure in measure["by"][by] if figure["statistic"] == statistic]
        if found:
            yield intervals(
                [row(wording.part_name(by, figure["part"]), figure) for figure in found],
                name=f"by-{by}".replace("_", "-"),
                title=str(title),
                description=_("n counts the pairs of labels that were compared."),
                axis=axis_of(statistic),
                references=one.references[:1],
            )
    weeks = [figure for figure in measure["by"]["week"] if figure["statistic"] == statistic]
    if weeks:
        yield over_time(
            [TimePoint(date.fromisoformat(week["part"]), week["value"], week["low"], week["high"]) for week in weeks],
            name="by-week",
            title=_("Over time"),
            description=_("By the week in which a task got its last label."),
            axis=axis_of(statistic),
            references=one.references[:1],
        )


def between(measure: Stored, names: Mapping[int, str]) -> Chart:
    """How often each two annotators said the same."""
    shared = {(first, second): (equal, n) for first, second, equal, n in measure["between"]}
    present = sorted({person for pair in shared for person in pair if person in names}, key=lambda one: names[one])

    def cell(one: int, other: int) -> float | None:
        equal, n = shared.get((one, other)) or shared.get((other, one)) or (0, 0)
        return equal / n if n else None

    labels = [names[person] for person in present]
    return heat_map(
        Matrix(labels, labels, [[cell(one, other) for other in present] for one in present]),
        name="annotators",
        title=_("Each two annotators"),
        description=_("In how many per cent of what both labeled they said the same."),
        axis=Axis(_("said the same"), percent=True, low=0, high=1),
        nothing=_("nothing in common"),
    )


def confusion(measure: Stored) -> Chart:
    table = measure["confusion"]
    labels = wording.values_of(measure["of_pairs"], measure["domain"])
    return heat_map(
        Matrix(
            labels,
            labels,
            [[value / sum(values) if sum(values) else None for value in values] for values in table],
            _("one says"),
            _("another says"),
        ),
        name="confusion",
        title=_("What is confused with what"),
        description=_("Where one annotator says what stands at the row, how often another says what heads the column."),
        axis=Axis(_("share of the row"), percent=True, low=0, high=1),
        nothing=_("never said"),
    )
