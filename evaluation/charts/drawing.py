"""An SVG as it is drawn: text, lines and shapes in units of a pixel, y down."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from evaluation.charts.palette import LINE, MUTED, SANS, SURFACE, TEXT

WIDE = 560.0
NARROW = 328.0
"""On a phone. Charts are drawn for both rather than scaled, so that words keep their size."""

SIZE = 12.0
SMALL = 11.0
LIFT = 0.36
"""Of a text's size, from its middle down to its baseline."""


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    root: ElementTree.Element = field(default_factory=lambda: ElementTree.Element("g"), repr=False, compare=False)

    def put(self, tag: str, **attributes: float | str) -> ElementTree.Element:
        """Attributes are named as in SVG, with _ for -."""
        named = {name.replace("_", "-"): written(value) for name, value in attributes.items()}
        return ElementTree.SubElement(self.root, tag, named)

    def text(self, x: float, y: float, words: str, *, fill: str = TEXT, size: float = SIZE, **more: str) -> None:
        """Its middle at y."""
        self.put("text", x=x, y=y + LIFT * size, fill=fill, font_size=size, **more).text = words

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

    def markup(self, *, kind: str, title: str, description: str) -> str:
        svg = ElementTree.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "class": kind,
                "viewBox": f"0 0 {written(self.width)} {written(self.height)}",
                "width": written(self.width),
                "height": written(self.height),
                "font-family": SANS,
                "role": "img",
                "aria-label": title,
            },
        )
        ElementTree.SubElement(svg, "desc").text = description
        svg.append(self.root)
        return ElementTree.tostring(svg, encoding="unicode")


def written(value: float | str) -> str:
    """Numbers to a tenth of a pixel, which is all that is seen."""
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
