"""How much room words take, as nobody can ask the reader's font on the server."""

from functools import cache
from unicodedata import east_asian_width

NARROW = frozenset("ijlI.,:;'|!()[]{} /\\-·ftr")
BROAD = frozenset("mwMW%@…—")


def width_of(words: str, size: float) -> float:
    """In the units of `size`, after DejaVu Sans, the broadest of the fonts a page may end up with."""
    return size * sum(map(em, words))


@cache
def em(character: str) -> float:
    if east_asian_width(character) in "WF":
        return 1.0
    if character in NARROW:
        return 0.39
    if character in BROAD:
        return 0.95
    return 0.72 if character.isupper() else 0.635


def shortened(name: str, size: float, room: float) -> str:
    """The name, or its beginning and its end: names of models often begin alike, and differ in their ends."""
    if width_of(name, size) <= room:
        return name
    for kept in range(len(name) - 1, 0, -1):
        head = (kept + 1) // 2
        short = f"{name[:head].rstrip()}…{name[len(name) - kept + head :].lstrip()}"
        if width_of(short, size) <= room:
            return short
    return "…"


def fitted(words: str, size: float, room: float) -> str:
    """The words, or as many letters of them as there is room for."""
    if width_of(words, size) <= room:
        return words
    kept = words
    while kept and width_of(f"{kept}…", size) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
