"""How often which value came: the active seconds of labels, the lengths of responses."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from django.utils.translation import gettext
from numpy.typing import NDArray

from evaluation.charts.axis import Axis, Scale
from evaluation.charts.chart import Chart, Column
from evaluation.charts.drawing import NARROW, SMALL, WIDE, Drawing
from evaluation.charts.frame import (
    AXIS_HEIGHT,
    Reference,
    axis_below,
    axis_beside,
    empty,
    flags,
    height_above,
    raise_flags,
    room_beside,
    title_above,
)
from evaluation.charts.palette import ACCENT, MUTED
from evaluation.charts.words import width_of

PLOT = 150.0
BINS = 30
MOST = 0.99
"""Of the values; the rest is counted together in a last bin, or a few very long ones would flatten all others."""


@dataclass(frozen=True)
class Bins:
    """`counts[i]` values are from i × step to (i + 1) × step; of the last, `beyond` may be all that is more."""

    step: float
    counts: list[int]
    beyond: bool
    median: float

    @property
    def end(self) -> float:
        """Of the last bin that has one."""
        return self.step * (len(self.counts) - self.beyond)


def histogram(
    values: Sequence[float | None] | NDArray[np.integer],
    *,
    name: str,
    title: str,
    description: str,
    axis: Axis,
    counts: Axis,
) -> Chart:
    """`values` are not negative, along `axis`; how many there are is told by the axis `counts`. None is left out."""
    given = np.asarray(values, dtype=float)
    given = given[np.isfinite(given)]
    bins = binned(given, axis) if given.size else None
    return Chart(
        name=name,
        title=title,
        description=description,
        wide=drawn(bins, axis, counts, WIDE),
        narrow=drawn(bins, axis, counts, NARROW),
        columns=[Column(gettext("From"), axis), Column(gettext("To"), axis), Column(counts.title, counts)],
        rows=table(bins) if bins else [],
    )


def binned(given: np.ndarray[tuple[int], np.dtype[np.float64]], axis: Axis) -> Bins:
    """At most about BINS of equal breadth, which is a round number."""
    most = float(np.quantile(given, MOST, method="lower"))
    step = axis.step(most / BINS) if most > 0 else 1.0
    whole = int(most // step) + 1
    numbers = np.minimum(given // step, whole).astype(int)
    counts = np.bincount(numbers, minlength=whole).tolist()
    return Bins(step, counts, len(counts) > whole, float(np.median(given)))


def table(bins: Bins) -> list[list[float | None]]:
    last = len(bins.counts) - 1
    return [
        [number * bins.step, None if bins.beyond and number == last else (number + 1) * bins.step, count]
        for number, count in enumerate(bins.counts)
    ]


def drawn(bins: Bins | None, axis: Axis, counts: Axis, width: float) -> Drawing:
    if bins is None:
        return empty(width)
    up = counts.scale([0, *bins.counts], PLOT, 0, ticks=4)
    left = room_beside(counts, up)
    slot = (width - left - 4) / len(bins.counts)
    along = Scale(
        0, bins.end, axis.step(bins.end / (8 if width > NARROW else 4)), left, left + slot * bins.end / bins.step
    )
    median = gettext("median %(value)s") % {"value": axis.written(bins.median)}
    raised = flags([Reference(median, bins.median)], along, width=width)
    top = 22 + height_above(raised)
    bottom = top + PLOT
    drawing = Drawing(width, bottom + AXIS_HEIGHT + 4)
    title_above(drawing, counts, left=left)
    up = Scale(up.low, up.high, up.step, bottom, top)
    axis_beside(drawing, counts, up, left=left, right=width)
    axis_below(drawing, axis, along, top=bottom, bottom=bottom + 4)
    for number, count in enumerate(bins.counts):
        y = up(count)
        drawing.put("rect", x=left + slot * number + 0.5, y=y, width=slot - 1, height=bottom - y, fill=ACCENT)
    if bins.beyond:
        more = f"≥ {axis.written(bins.end)}"
        under = bins.counts[-ceil(width_of(more, SMALL) / slot) - 1 :]
        drawing.over(width, up(max(under)) - 9, more, fill=MUTED, size=SMALL, text_anchor="end")
    raise_flags(drawing, raised, top=top, bottom=bottom)
    return drawing
