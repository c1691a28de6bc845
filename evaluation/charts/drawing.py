"""An SVG as it is drawn: text, lines and shapes in units of a pixel, y down."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Any

from evaluation.charts.palette import LINE, MUTED, SANS, SURFACE, TEXT

WIDE = 560.0
NARROW = 328.0
"""On a phone. Charts are drawn for both rather than scaled, so that words keep their size."""

SIZE = 12.0
SMALL = 11.0
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LIFT = 0.36
"""Of a text's size, from its middle down to its baseline."""


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    marks: list[str] = field(default_factory=list, repr=False)

    def put(self, tag: str, words: str = "", /, **attributes: float | str) -> None:
        """Attributes are named as in SVG, with _ for -."""
        named = "".join(f' {name.replace("_", "-")}="{written(value)}"' for name, value in attributes.items())
        self.marks.append(f"<{tag}{named}>{escaped(words)}</{tag}>" if words else f"<{tag}{named}/>")

    def text(self, x: float, y: float, words: str, *, fill: str = TEXT, size: float = SIZE, **more: str) -> None:
        """Its middle at y."""
        if words:
            self.put("text", words, x=x, y=y + LIFT * size, fill=fill, font_size=size, **more)

    def line(self, x1: float, y1: float, x2: float, y2: float, *, stroke: str = LINE, **more: float | str) -> None:
        self.put("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, **more)

    def path(self, points: Iterable[tuple[float, float]], **more: float | str) -> None:
        """A line through the points; closed, where it is filled."""
        self.put("path", d="M" + "L".join(f"{written(x)},{written(y)}" for x, y in points), **more)

    def aside(self, x: float, y: float, words: str, **more: str) -> None:
        """Words that explain, smaller and paler."""
        self.text(x, y, words, fill=MUTED, size=SMALL, **more)

    def over(self, x: float, y: float, words: str, **more: Any) -> None:
        """Text over lines, which it keeps clear of itself."""
        self.text(x, y, words, stroke=SURFACE, stroke_width="4", stroke_linejoin="round", paint_order="stroke", **more)

    def svg(self, kind: str, title: str, inside: str, *, margin: float = 0) -> str:
        """An image by itself, named by its title; `kind` is its class, and `inside` stands before the marks."""
        width, height = written(self.width + 2 * margin), written(self.height + 2 * margin)
        start = written(-margin)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="{start} {start} {width} {height}" '
            f'width="{width}" height="{height}" font-family="{SANS}" role="img" aria-label="{escaped(title)}">'
            f"{inside}{''.join(self.marks)}</svg>"
        )


def escaped(words: str) -> str:
    """For XML, which has no way to write control characters."""
    return escape(NOT_IN_XML.sub("", words))


def written(value: float | str) -> str:
    """Numbers to a tenth of a pixel, which is all that is seen."""
    return value if isinstance(value, str) else f"{value + 0.0:.1f}".removesuffix(".0")
