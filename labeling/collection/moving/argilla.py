"""Reads what Argilla's `dataset.to_disk()` writes: a folder, or a zip archive of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Any

from django.utils.translation import gettext as _

from labeling.collection.moving.elements import elements_of
from labeling.collection.moving.fields import guess
from labeling.collection.moving.shape import Asks, Control, ForeignAnnotation, Item, LeftOut, Tool
from labeling.errors import FileRefused, Problem
from labeling.prompts.archive import LITTER, Archive, ArchiveRefused
from labeling.prompts.files import LONGEST_TEXT, Row, RowRefused, check_text, text_of
from labeling.prompts.json_text import JsonRefused, value_of
from labeling.prompts.rows import typed

RECORDS, SETTINGS = "records.json", ".argilla/settings.json"

LARGEST_SETTINGS = 2**20
"""Bytes."""

ASKS = {
    "rating": Asks.RATING,
    "ranking": Asks.RANKING,
    "label_selection": Asks.CHOICES,
    "multi_label_selection": Asks.CHOICES,
    "text": Asks.TEXT,
}


class Disk:
    """Where the two files are."""

    def __init__(self, place: Path | IO[bytes]) -> None:
        """Raises ArchiveRefused."""
        self.folder = place if isinstance(place, Path) else None
        self.archive = None if isinstance(place, Path) else Archive(place, lambda _bytes: None)

    def open(self, name: str) -> IO[bytes]:
        """Raises ArchiveRefused, as does reading."""
        if self.folder is not None:
            try:
                return (self.folder / name).open("rb")
            except OSError as wrong:
                raise ArchiveRefused(f"{name}: {wrong.strerror}.") from None
        assert self.archive is not None
        found = [path for path in self.archive.members if is_named(path, name)]
        if len(found) != 1:
            raise ArchiveRefused(
                _("the archive must hold one %(name)s; it holds %(n)d.") % {"name": name, "n": len(found)}
            )
        return self.archive.open(found[0])


def is_named(path: str, name: str) -> bool:
    """Whether it is that file, in whatever folder the archive begins with."""
    parts = PurePosixPath(path).parts
    wanted = PurePosixPath(name).parts
    return LITTER not in parts and parts[-len(wanted) :] == wanted


class Argilla:
    tool = Tool.ARGILLA

    def __init__(
        self, place: Path | IO[bytes], name: str, *, prompt: Sequence[str] = (), responses: Sequence[str] = ()
    ) -> None:
        """Raises Refused."""
        self.name = PurePath(name).name
        try:
            self.disk = Disk(place)
            with self.disk.open(SETTINGS) as file:
                settings = settings_of(file)
            self.guidelines = guidelines_of(settings)
            self.overlap = overlap_of(settings)
            names = [name_of(one) for one in typed(settings, "fields", list, [])]
            self.fields = guess(names, all_shown=True, prompt=prompt, responses=responses)
            questions = typed(settings, "questions", list, [])
            self.controls = {name_of(one): self._control(one) for one in questions}
        except (ArchiveRefused, JsonRefused, RowRefused) as wrong:
            raise FileRefused(self.name, [Problem(0, str(wrong))]) from None

    def tasks(self) -> Iterator[tuple[int, Any]]:
        try:
            with self.disk.open(RECORDS) as file:
                yield from elements_of(file)
        except ArchiveRefused as wrong:
            raise JsonRefused(0, str(wrong)) from None

    def _control(self, question: Row) -> Control:
        settings = typed(question, "settings", dict, {})
        kind = str(settings.get("type", ""))
        options = dict(option_of(one) for one in typed(settings, "options", list, []))
        numbers = [int(one) for one in options if one.lstrip("-").isdecimal()] if kind == "rating" else []
        name, title = name_of(question), question.get("title")
        return Control(
            name=name,
            asks=ASKS.get(kind, Asks.NOTHING),
            what=kind,
            title=title if isinstance(title, str) and title != name else "",
            about=self._about(name),
            is_required=question.get("required") is True,
            is_single=kind == "label_selection",
            options=options if kind in ("label_selection", "multi_label_selection") else {},
            low=min(numbers, default=1),
            high=max(numbers, default=1),
        )

    def _about(self, name: str) -> str | None:
        """Argilla does not say which field a question is about, but its name may."""
        if len(self.fields.responses) < 2:
            return None
        named = [field for field in self.fields.responses if plain(field) in plain(name)]
        numbered = [field for field in self.fields.responses if ending(field) and ending(field) == ending(name)]
        found = named or numbered
        return found[0] if len(found) == 1 else None

    def item(self, number: int, task: Any) -> Item:
        if not isinstance(task, dict):
            raise RowRefused(_("not a JSON object: a row is {…}."))
        check_text(task)
        data = typed(task, "fields", dict, {})
        identity = task.get("id") or number
        row = self.fields.row(data, f"Record {identity}")
        row["metadata"] |= {**typed(task, "metadata", dict, {}), "argilla_id": identity}
        left_out: Counter[LeftOut] = Counter()
        if n := len(typed(task, "suggestions", dict, {})):
            left_out[LeftOut(_("suggestions"), _("models said them, not people"))] += n
        if n := len(typed(task, "vectors", dict, {})):
            left_out[LeftOut(_("vectors"), _("nothing here works with vectors"))] += n
        return Item(row, self.fields.candidates(data), tuple(self._said(task, left_out)), left_out)

    def _said(self, task: Row, left_out: Counter[LeftOut]) -> Iterator[ForeignAnnotation]:
        """What Argilla keeps by question, by person."""
        values: dict[str, dict[str, Any]] = defaultdict(dict)
        states: dict[str, set[str]] = defaultdict(set)
        for name, given in typed(task, "responses", dict, {}).items():
            if name not in self.controls or not isinstance(given, list):
                raise RowRefused(_("there is no question “%(name)s” in the settings.") % {"name": name})
            for one in given:
                if not isinstance(one, dict):
                    raise RowRefused(_("an answer to “%(name)s” is not an object.") % {"name": name})
                annotator = str(one.get("user_id", ""))
                states[annotator].add(text_of(one, "status"))
                if one.get("value") is not None:
                    values[annotator][name] = self._value(self.controls[name], one["value"])
        for annotator, found in states.items():
            if "draft" in found:
                left_out[LeftOut(_("drafts"), _("nobody has submitted them"))] += 1
                continue
            if found == {""}:
                unknown = _("the file does not tell drafts and discarded ones from the others: all count as submitted")
                left_out[LeftOut(_("the state of responses"), unknown)] += 1
            is_skip = "discarded" in found
            yield ForeignAnnotation(annotator, {} if is_skip else values[annotator], is_skip=is_skip)

    def _value(self, control: Control, value: Any) -> Any:
        try:
            return self._levels(value) if control.asks == Asks.RANKING else READERS[control.asks](value)
        except (KeyError, TypeError, ValueError):
            raise RowRefused(
                _("what “%(name)s” says cannot be read as the value of a %(what)s.")
                % {"name": control.name, "what": control.what}
            ) from None

    def _levels(self, value: Any) -> list[list[str]]:
        """Values in order, or with their ranks, of which equal ones are ties; each is named after a response."""
        if not isinstance(value, list):
            raise TypeError
        by_rank: dict[int, list[str]] = defaultdict(list)
        for place, one in enumerate(value, 1):
            name, rank = (one["value"], one.get("rank") or place) if isinstance(one, dict) else (one, place)
            if not isinstance(name, str) or not isinstance(rank, int):
                raise TypeError
            by_rank[rank].append(self._ranked(name))
        return [by_rank[rank] for rank in sorted(by_rank)]

    def _ranked(self, name: str) -> str:
        """The field that an option of a ranking means; itself where none is like it."""
        fields = self.fields.responses
        alike = [one for one in fields if plain(one) == plain(name)]
        alike = alike or [one for one in fields if ending(one) and ending(one) == ending(name)]
        return alike[0] if len(alike) == 1 else name


def settings_of(file: IO[bytes]) -> Row:
    """Raises JsonRefused, or RowRefused."""
    content = file.read(LARGEST_SETTINGS + 1)
    if len(content) > LARGEST_SETTINGS:
        raise RowRefused(_("the settings are larger than %(n)d MB.") % {"n": 1})
    try:
        settings = value_of(content.removeprefix(b"\xef\xbb\xbf"), 1)
    except UnicodeDecodeError:
        raise RowRefused(_("the settings are not UTF-8.")) from None
    if not isinstance(settings, dict):
        raise RowRefused(_("the settings are not an object."))
    check_text(settings)
    return settings


def guidelines_of(settings: Row) -> str:
    given = settings.get("guidelines")
    return given.strip()[:LONGEST_TEXT] if isinstance(given, str) else ""


def overlap_of(settings: Row) -> int:
    wanted = typed(settings, "distribution", dict, {}).get("min_submitted")
    return wanted if isinstance(wanted, int) and 1 <= wanted <= 100 else 1


def name_of(stated: Any) -> str:
    if not isinstance(stated, dict) or not isinstance(stated.get("name"), str) or not stated["name"]:
        raise RowRefused(_("a field or question of the settings has no name."))
    return str(stated["name"])


def option_of(option: Any) -> tuple[str, str]:
    """Its value, and what people read."""
    if not isinstance(option, dict) or not isinstance(option.get("value"), (str, int)):
        raise RowRefused(_("an option of a question has no value."))
    return str(option["value"]), str(option.get("text") or option["value"])


def plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


def ending(name: str) -> str:
    """The number or letter at the end: 1 of response-1 and of rating1."""
    word = name.lower()
    digits = word[len(word.rstrip("0123456789")) :]
    is_letter = len(word) > 1 and word[-1] in "abcdefghi" and not word[-2].isalnum()
    return digits or (word[-1] if is_letter else "")


def number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError
    return value


def chosen(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in listed):
        raise TypeError
    return listed


def words(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


READERS: Mapping[Asks, Any] = {
    Asks.RATING: number,
    Asks.CHOICES: chosen,
    Asks.TEXT: words,
    Asks.NOTHING: lambda value: value,
}
