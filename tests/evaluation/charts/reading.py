"""What a reader finds in the SVG of a chart."""

from xml.etree import ElementTree

from evaluation.charts.chart import Chart
from evaluation.charts.drawing import Drawing
from evaluation.charts.words import width_of

SVG = "{http://www.w3.org/2000/svg}"


def read(xml: str) -> ElementTree.Element:
    return ElementTree.fromstring(xml)  # noqa: S314 (our own)


def parsed(drawing: Drawing) -> ElementTree.Element:
    return read(drawing.svg("any", "title", ""))


def words(drawing: Drawing) -> list[str]:
    return [text.text or "" for text in parsed(drawing).iter(f"{SVG}text")]


def drawn(drawing: Drawing, tag: str) -> list[dict[str, str]]:
    """The attributes of all elements that are called so."""
    return [dict(element.attrib) for element in parsed(drawing).iter(f"{SVG}{tag}")]


def extents(drawing: Drawing) -> list[tuple[float, float]]:
    """From where to where level words, bars and lines go, from left to right."""
    found = []
    for element in parsed(drawing).iter():
        kind, at = element.tag.removeprefix(SVG), element.attrib
        if kind == "text" and "transform" not in at:
            long = width_of(element.text or "", float(at["font-size"]))
            start = float(at["x"]) - long * {"start": 0, "middle": 0.5, "end": 1}[at.get("text-anchor", "start")]
            found.append((start, start + long))
        elif kind == "rect":
            found.append((float(at["x"]), float(at["x"]) + float(at["width"])))
        elif kind == "line":
            found.append((float(at["x1"]), float(at["x2"])))
    return found


def both(chart: Chart) -> list[Drawing]:
    return [chart.wide, chart.narrow]
