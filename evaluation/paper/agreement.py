"""What a paper says of agreement, from the stored report."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation import wording
from evaluation.agreement.charts import charts
from evaluation.agreement.reading import readings
from evaluation.notation import UNITS, figure, interval
from evaluation.paper.blocks import Block, Cell, Drawn, Reasons, Section, Table, Words, whole, words

Stored = Mapping[str, Any]

PARTS = {
    "use_case": gettext_lazy("By use case"),
    "language": gettext_lazy("By language"),
    "week": gettext_lazy("Over time"),
}
SHOWN_ONLY = {"annotators", "confusion"}
"""Charts whose shares stand in no table."""

PERSON = {
    "agreement": (gettext_lazy("With the others"), "share"),
    "gold": (gettext_lazy("Gold"), "share"),
    "drift": (gettext_lazy("Drift"), "points"),
    "position": (gettext_lazy("First shown wins"), "share"),
    "length": (gettext_lazy("Longer wins"), "odds"),
    "intransitive": (gettext_lazy("Cycles"), "share"),
    "seconds": (gettext_lazy("Seconds"), "seconds"),
    "quick": (gettext_lazy("Very fast"), "share"),
}
"""Of an annotator: what each figure is called, and its unit."""


def sections(content: Stored, titles: Mapping[str, str], names: Mapping[int, str]) -> Iterator[Section]:
    """titles: of what is measured; names: what the annotators are called, by id."""
    for measure in content["measures"]:
        title = titles.get(measure["name"], measure["name"])
        yield Section(_("Agreement: %(question)s") % {"question": title}, list(of_question(measure, names)))
    if content["annotators"]["each"]:
        yield Section(_("Annotators"), list(of_people(content["annotators"], names)))


def of_question(measure: Stored, names: Mapping[int, str]) -> Iterator[Block]:
    read = readings(measure)
    for reading in read:
        name = reading.figure["statistic"]
        value, span = figure(reading.figure["value"], name), interval(reading.figure, name)
        yield Words(f"{wording.STATISTICS[name]}: {value}{f' ({span})' if span else ''}. {reading.sentence}")
    drawn = list(charts(measure, read, names))
    for is_told in (True, False):
        if some := [chart for chart in drawn if (chart.name not in SHOWN_ONLY) == is_told]:
            yield Drawn(some, is_told)
    yield statistics(_("All statistics"), [("", one) for one in measure["figures"]], first="")
    for by, title in PARTS.items():
        if measure["by"][by]:
            named = [(part_name(by, one["part"]), one) for one in measure["by"][by]]
            yield statistics(str(title), named, first=_("Part"))
    if measure["domain"]:
        yield confusion(measure)
    if measure["majority"]:
        yield Words(
            _(
                "By majority the first response of a pair, in its stored order, is preferred %(first)s times, the "
                "second %(second)s times, neither %(tie)s times; of %(none)s pairs there is no majority."
            )
            % {name: whole(n).text for name, n in measure["majority"].items()}
        )


def part_name(by: str, part: str) -> str:
    return part if by == "week" else wording.part_name(by, part)


def statistics(title: str, named: Iterable[tuple[str, Stored]], *, first: str) -> Table:
    """first: what heads the names of the figures; none where they have none."""
    reasons = Reasons()
    named = list(named)
    has_theory = any(one["asymptotic"] for _name, one in named)
    rows = [
        [
            *([words(name)] if first else []),
            words(str(wording.STATISTICS[one["statistic"]])),
            words(str(wording.LEVELS[one["level"]])),
            reasons.cell(one, one["statistic"]),
            *([theory(one)] if has_theory else []),
            *(whole(one[n]) for n in ("n_items", "n_annotators", "n_pairs")),
        ]
        for name, one in named
    ]
    head = [
        *([first] if first else []),
        *(_("Statistic"), _("Level"), _("Value")),
        *([_("By theory")] if has_theory else []),
        *(_("Tasks"), _("Annotators"), _("Pairs of labels")),
    ]
    note = _("By theory: the interval for large samples, if all labels were independent.")
    return Table(title, head, rows, [*([note] if has_theory else []), *reasons.notes])


def theory(one: Stored) -> Cell:
    return Cell(interval(one["asymptotic"], one["statistic"]) if one["asymptotic"] else "")


def confusion(measure: Stored) -> Table:
    labels = wording.values_of(measure["of_pairs"], measure["domain"])
    return Table(
        _("What is confused with what"),
        ["", *labels],
        [
            [words(label), *(whole(round(n)) for n in row)]
            for label, row in zip(labels, measure["confusion"], strict=True)
        ],
        [_("How many pairs of labels: one annotator says what stands at the row, another what heads the column.")],
    )


def of_people(people: Stored, names: Mapping[int, str]) -> Iterator[Block]:
    reasons = Reasons()
    rows = [
        [words(names[one["user"]]), whole(one["n_labels"]), *numbers(one, reasons), words(flags(one["flags"]))]
        for one in sorted(people["each"], key=lambda one: (-len(one["flags"]), names[one["user"]]))
    ]
    if people["together"]:
        labels = whole(sum(one["n_labels"] for one in people["each"]))
        rows.append([words(_("All together")), labels, *numbers(people["together"], reasons), words("")])
    columns = [str(title) for title, _unit in PERSON.values()]
    yield Table("", [_("Annotator"), _("Labels"), *columns, _("Flags")], rows, reasons.notes)
    raised = dict.fromkeys(flag for one in people["each"] for flag in one["flags"])
    if raised:
        meanings = [[words(str(word)) for word in wording.FLAGS[flag]] for flag in raised]
        yield Table(_("What the flags mean"), [_("Flag"), _("Meaning")], meanings)


def numbers(figures: Stored, reasons: Reasons) -> list[Cell]:
    return [number(figures[name], unit, reasons) for name, (_title, unit) in PERSON.items()]


def number(stored: Stored, unit: str, reasons: Reasons) -> Cell:
    if stored["value"] is None:
        return reasons.nothing(stored["undefined"])
    shown = UNITS[unit]
    span = "" if stored["low"] is None else f"{shown(stored['low'])} – {shown(stored['high'])}"
    return Cell(shown(stored["value"]), span)


def flags(raised: Iterable[str]) -> str:
    return ", ".join(str(wording.FLAGS[flag][0]) for flag in raised)
