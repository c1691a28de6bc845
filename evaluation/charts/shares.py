"""How ratings spread over the levels of a scale: a stacked bar for each model."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from evaluation.charts.axis import COUNT, Axis
from evaluation.charts.chart import Chart, Column
from evaluation.charts.drawing import NARROW, SIZE, SMALL, WIDE, Drawing
from evaluation.charts.frame import empty, title_above
from evaluation.charts.palette import ON_RAMP, RAMP
from evaluation.charts.words import fitted, shortened, width_of

WIDEST_LABEL = 180.0
GAP = 12.0
BAR = 22.0


@dataclass(frozen=True)
class SharesRow:
    """`counts[i]` is how often level i was given."""

    label: str
    counts: Sequence[int]

    @property
    def n(self) -> int:
        return sum(self.counts)

    def shares(self) -> list[float | None]:
        return [count / self.n if self.n else None for count in self.counts]


def shares(
    rows: Sequence[SharesRow],
    *,
    levels: Sequence[str],
    name: str,
    title: str,
    description: str,
    axis: Axis,
    nothing: str,
) -> Chart:
    """`levels` from the lowest to the highest; `nothing` is said of rows without counts. Shares are in per cent."""
    return Chart(
        name=name,
        title=title,
        description=description,
        wide=drawn(rows, levels, axis, nothing, WIDE),
        narrow=drawn(rows, levels, axis, nothing, NARROW),
        columns=[Column(gettext("Name")), *[Column(level, axis) for level in levels], Column("n", COUNT)],
        rows=[[row.label, *row.shares(), row.n] for row in rows],
    )


def drawn(rows: Sequence[SharesRow], levels: Sequence[str], axis: Axis, nothing: str, width: float) -> Drawing:
    """Labels beside the bars, or in a narrow place over them."""
    if not rows:
        return empty(width)
    beside = width > NARROW
    counts = [f"n = {COUNT.written(row.n)}" for row in rows]
    left = GAP + min(WIDEST_LABEL, max(width_of(row.label, SIZE) for row in rows)) if beside else 0.0
    right = width - GAP - max(width_of(count, SMALL) for count in counts) if beside else width
    high = 32.0 if beside else 52.0
    top = 56.0
    drawing = Drawing(width, top + high * len(rows))
    title_above(drawing, axis, left=left)
    stack(drawing, [1 / len(levels)] * len(levels), levels, left, right, 28)
    for number, (row, count) in enumerate(zip(rows, counts, strict=True)):
        y = top + high * number + (high / 2 if beside else 8)
        drawing.text(0, y, shortened(row.label, SIZE, left - GAP if beside else width - width_of(count, SMALL) - GAP))
        drawing.aside(width, y, count, text_anchor="end")
        middle = y if beside else y + 22
        if row.n:
            parts = [count / row.n for count in row.counts]
            stack(drawing, parts, [axis.bare(part, 0) for part in parts], left, right, middle)
        else:
            drawing.aside(left, middle, fitted(nothing, SMALL, right - left))
    return drawing


def stack(
    drawing: Drawing, parts: Sequence[float], words: Sequence[str], left: float, right: float, middle: float
) -> None:
    """Parts of the whole side by side, and on each its words if there is room."""
    x = left
    for level, (part, said) in enumerate(zip(parts, words, strict=True)):
        step = round(level * (len(RAMP) - 1) / max(1, len(parts) - 1))
        width = part * (right - left)
        if width > 1:
            drawing.put("rect", x=x, y=middle - BAR / 2, width=width - 1, height=BAR, fill=RAMP[step])
        if width_of(said, SMALL) + 4 <= width:
            drawing.text(x + width / 2, middle, said, fill=ON_RAMP[step], size=SMALL, text_anchor="middle")
        x += width
