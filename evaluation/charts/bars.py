"""How many there are of each: a bar for each source, use case, language, endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from evaluation.charts.axis import Axis, Scale
from evaluation.charts.chart import Cell, Chart, Column
from evaluation.charts.drawing import NARROW, SIZE, SMALL, WIDE, Drawing
from evaluation.charts.frame import empty
from evaluation.charts.palette import ACCENT, MUTED, TEXT
from evaluation.charts.words import fitted, shortened, width_of

WIDEST_LABEL = 180.0
GAP = 12.0
BAR = 14.0
PALE = "0.35"
SHARE = Axis("", percent=True)


@dataclass(frozen=True)
class Bar:
    """`part` of the `n` are drawn pale; a `quiet` bar stands for what has no name, or for all others."""

    label: str
    n: int
    part: int = 0
    quiet: bool = False


def bars(rows: Sequence[Bar], *, name: str, title: str, description: str, axis: Axis, of: int, part: str = "") -> Chart:
    """In the order given; shares are of the number `of`. `part` says what the pale parts of the bars are."""
    columns = [Column(gettext("Name")), Column(axis.title, axis), Column(gettext("Share"), SHARE)]
    return Chart(
        name=name,
        title=title,
        description=description,
        wide=drawn(rows, axis, of, part, WIDE),
        narrow=drawn(rows, axis, of, part, NARROW),
        columns=[*columns, *[Column(part, axis)] * bool(part)],
        rows=[cells(row, of, part) for row in rows],
    )


def cells(row: Bar, of: int, part: str) -> list[Cell]:
    return [row.label, row.n, row.n / of if of else None, *[row.part] * bool(part)]


def drawn(rows: Sequence[Bar], axis: Axis, of: int, part: str, width: float) -> Drawing:
    """Labels beside the bars, or in a narrow place over them; number and share at the end."""
    if not rows:
        return empty(width)
    beside = width > NARROW
    counts = [axis.written(row.n) for row in rows]
    shares = [SHARE.written(row.n / of) if of else "" for row in rows]
    share_room = max(width_of(share, SMALL) for share in shares)
    end = width - share_room - GAP
    labels = min(WIDEST_LABEL, max(width_of(row.label, SIZE) for row in rows))
    left = labels + GAP if beside else 0.0
    right = end - GAP - max(width_of(count, SIZE) for count in counts) if beside else width
    scale = Scale(0, max(1, *(row.n for row in rows)), 1, left, right)
    high, top = (26.0 if beside else 42.0), (24.0 if part else 2.0)
    drawing = Drawing(width, top + high * len(rows))
    legend(drawing, part, left)
    for number, (row, count, share) in enumerate(zip(rows, counts, shares, strict=True)):
        y = top + high * number + (high / 2 if beside else 9)
        room = labels if beside else end - width_of(count, SIZE) - GAP
        drawing.text(0, y, shortened(row.label, SIZE, room), fill=MUTED if row.quiet else TEXT)
        drawing.text(end, y, count, text_anchor="end", font_weight="600")
        drawing.aside(width, y, share, text_anchor="end")
        bar(drawing, row, scale, y if beside else y + 18)
    return drawing


def bar(drawing: Drawing, row: Bar, scale: Scale, middle: float) -> None:
    whole, pale = scale(row.n - row.part), scale(row.n)
    at: dict[str, Any] = {"y": middle - BAR / 2, "height": BAR, "fill": MUTED if row.quiet else ACCENT}
    if row.n > row.part:
        look = {"fill_opacity": PALE} if row.quiet else {}
        drawing.put("rect", x=scale.start, width=max(1.0, whole - scale.start), **at, **look)
    if row.part:
        drawing.put("rect", x=whole, width=max(1.0, pale - whole), fill_opacity=PALE, **at)


def legend(drawing: Drawing, part: str, left: float) -> None:
    if part:
        drawing.put("rect", x=left, y=4, width=10, height=10, fill=ACCENT, fill_opacity=PALE)
        drawing.aside(left + 16, 9, fitted(part, SMALL, drawing.width - left - 16))
