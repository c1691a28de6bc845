"""Reads the labeling configuration of a Label Studio project: what people were shown, and what they were asked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException
from django.utils.translation import gettext as _

from labeling.collection.moving.questions import readable
from labeling.collection.moving.shape import Asks, Control
from labeling.errors import FileRefused, Problem

LARGEST = 2**20
"""Bytes."""

ASKS = {
    "pairwise": Asks.PAIR,
    "ranker": Asks.RANKING,
    "rating": Asks.RATING,
    "number": Asks.RATING,
    "choices": Asks.CHOICES,
    "taxonomy": Asks.CHOICES,
    "textarea": Asks.TEXT,
}
"""By the tag, as results have it."""

MEDIA = ("image", "audio", "audioplus", "video", "pdf", "timeseries")
VARIABLE = re.compile(r"\$([\w.-]+)")
STARS = 5
"""Of a rating that does not say how many it has."""


@dataclass
class LabelConfig:
    controls: dict[str, Control] = field(default_factory=dict)
    targets: dict[str, list[str]] = field(default_factory=dict)
    """By the name of a control, the fields of the data that it is about."""
    fields: dict[str, str] = field(default_factory=dict)
    """By the name of an object, the field of the data that it shows."""
    shown: list[str] = field(default_factory=list)
    """The fields that people read, in order."""
    media: list[str] = field(default_factory=list)

    def responses(self) -> list[str]:
        """The fields that are compared or ranked, which makes them responses."""
        for asks in (Asks.PAIR, Asks.RANKING, Asks.BUCKETS):
            for name, control in self.controls.items():
                if control.asks == asks and self.targets[name]:
                    return self.targets[name]
        return []


def read_config(content: bytes, name: str) -> LabelConfig:
    """Raises FileRefused, for what takes references to grow as well."""
    if len(content) > LARGEST:
        raise FileRefused(name, [Problem(0, _("the configuration is larger than %(n)d MB.") % {"n": 1})])
    try:
        root = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except ParseError as wrong:
        line, column = wrong.position
        cause = _("not XML: %(what)s at column %(n)d.") % {"what": str(wrong).partition(":")[0], "n": column + 1}
        raise FileRefused(name, [Problem(line, cause)]) from None
    except (DefusedXmlException, ValueError, LookupError):
        cause = _("XML with declarations of its own, or in an unknown encoding, is not read.")
        raise FileRefused(name, [Problem(0, cause)]) from None
    return config_of(root)


def config_of(root: Element) -> LabelConfig:
    config = LabelConfig()
    targets: dict[str, list[str]] = {}
    header = ""
    for tag in root.iter():
        kind, value = str(tag.tag).lower(), tag.get("value", "")
        shows = VARIABLE.findall(value)
        if tag.get("name") and tag.get("toName") and kind != "filter":
            config.controls[tag.attrib["name"]] = control_of(tag, header)
            targets[tag.attrib["name"]] = tag.attrib["toName"].split(",")
            header = ""
        elif kind == "header" and not shows:
            header = (value or tag.text or "").strip()
        elif shows and kind not in ("choice", "label", "choices", "labels", "bucket"):
            if tag.get("name"):
                config.fields[tag.attrib["name"]] = shows[0]
            known = config.media if kind in MEDIA else config.shown
            known += [name for name in shows if name not in known]
            header = ""
    for name, objects in targets.items():
        config.targets[name] = [config.fields[one.strip()] for one in objects if one.strip() in config.fields]
    return config


def control_of(tag: Element, header: str) -> Control:
    kind = str(tag.tag)
    asks = ASKS.get(kind.lower(), Asks.NOTHING)
    named = [one.attrib for one in tag if str(one.tag).lower() == "bucket" and one.get("name")]
    buckets = {one["name"]: one.get("title") or one["name"] for one in named}
    if asks == Asks.RANKING and buckets:
        asks = Asks.BUCKETS
    if tag.get("perRegion") == "true" or tag.get("perItem") == "true":
        asks = Asks.NOTHING
    name = tag.attrib["name"]
    return Control(
        name=name,
        asks=asks,
        what=kind,
        title=tag.get("title") or header.rstrip(":") or readable(name),
        is_required=tag.get("required") == "true",
        is_single=kind.lower() == "choices" and tag.get("choice", "single") != "multiple",
        is_edit=asks == Asks.TEXT and tag.get("value", "").startswith("$"),
        options=buckets or dict(options_of(tag, kind.lower() == "taxonomy")),
        low=whole(tag.get("min"), 1),
        high=whole(tag.get("maxRating") or tag.get("max"), STARS),
    )


def options_of(tag: Element, is_tree: bool) -> Iterator[tuple[str, str]]:
    """What stands in results, and what people read; of a tree the way from its root."""
    waiting = [(one, "") for one in reversed(tag)]
    while waiting:
        choice, above = waiting.pop()
        if str(choice.tag).lower() == "choice":
            text = choice.get("value", "")
            value = choice.get("alias", "") or text
            way = f"{above} / {value}" if above and is_tree else value
            if value:
                yield way, f"{above} / {text}" if above and is_tree else text
            waiting += [(one, way) for one in reversed(choice)]
        else:
            waiting += [(one, above) for one in reversed(choice)]


def whole(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"-?[0-9]{1,3}", text) else default
