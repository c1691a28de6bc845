"""Reads a mapping, and refuses one that is wrong before any row is read."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import IO, Any, TypeVar

from django.utils.translation import gettext as _

from labeling.collection.mapping.shape import Candidate, FileMapping, Item, Saying
from labeling.collection.mapping.sources import (
    Source,
    code_of,
    moment,
    number,
    preference,
    text,
    truth,
    whole,
)
from labeling.collection.mapping.yaml_text import YamlRefused, plain_yaml
from labeling.errors import FileRefused, Problem
from labeling.prompts.files import RowRefused

T = TypeVar("T")
Stated = dict[str, Any]
Take = Callable[[str, object], T]

LARGEST = 64 * 2**10
"""Bytes."""

MOST_ENTRIES = 100
"""In a list, and rows in a group."""

MAPPED_ANSWERS = ("ranks", "preference", "scores", "flags", "comment")
OF_THE_PROMPT = ("system", "reference", "source", "owner", "use_case", "language")
OF_A_JUDGMENT = ("annotator", "count", *MAPPED_ANSWERS, "created_at")
OF_AN_ITEM = ("prompt", *OF_THE_PROMPT, "responses", "judgments", *OF_A_JUDGMENT)
OF_A_FILE = ("columns", "group", "missing", "items", *OF_AN_ITEM)
OF_A_SOURCE = ("field", "constant", "codes", "before", "after")


class MappingRefused(Exception):
    pass


def read_mapping(stream: IO[bytes], name: str) -> FileMapping:
    """Of a YAML or JSON file. Raises FileRefused."""
    line = 0
    try:
        return file_mapping(plain_yaml(written_in(stream, is_json=name.lower().endswith(".json"))))
    except YamlRefused as refused:
        line, cause = refused.line, str(refused)
    except (MappingRefused, RowRefused) as refused:
        cause = str(refused)
    raise FileRefused(PurePath(name).name, [Problem(line, cause)])


def written_in(stream: IO[bytes], *, is_json: bool) -> str:
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise MappingRefused(_("a mapping has at most %(n)d KB.") % {"n": LARGEST // 2**10})
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise MappingRefused(_("byte %(n)d is not UTF-8.") % {"n": wrong.start + 1}) from None
    return written.replace("\t", " ") if is_json else written  # JSON may stand in tabs, YAML may not


def file_mapping(stated: object) -> FileMapping:
    """Raises MappingRefused or RowRefused."""
    top = an_object(stated, _("the mapping"), OF_A_FILE)
    group = whole("group", top.get("group", "1"))
    if not 1 <= group <= MOST_ENTRIES:
        raise MappingRefused(_("“group” is a number of rows, at most %(n)d.") % {"n": MOST_ENTRIES})
    missing = frozenset(map(code_of, words(top, "missing")))
    shared = {key: value for key, value in top.items() if key in OF_AN_ITEM}
    reader = ItemReader(missing, names_annotators=group > 1)
    items = [reader.item(merged(shared, item)) for item in entries(top, "items", OF_AN_ITEM)]
    return FileMapping(tuple(words(top, "columns")), group, tuple(items))


class ItemReader:
    """Each method raises MappingRefused."""

    def __init__(self, missing: frozenset[str], *, names_annotators: bool) -> None:
        self.missing = missing
        self.names_annotators = names_annotators
        """Whether annotators have names without being given any."""

    def item(self, stated: Stated) -> Item:
        responses = listed(stated.get("responses", []), "responses")
        if not responses:
            raise MappingRefused(_("“responses” is missing: a list with the “model” of each response, and its “text”."))
        shared = {key: stated[key] for key in OF_A_JUDGMENT if key in stated and key != "count"}
        judgments = [merged(shared, judgment) for judgment in entries(stated, "judgments", OF_A_JUDGMENT)]
        return Item(
            prompt=parts(stated, "prompt"),
            texts={name: source_of(stated[name], name, text) for name in OF_THE_PROMPT if name in stated},
            candidates=tuple(map(candidate, responses)),
            count=self.count(stated),
            sayings=tuple(self.saying(judgment, len(responses)) for judgment in judgments),
        )

    def saying(self, stated: Stated, n_responses: int) -> Saying:
        if not set(MAPPED_ANSWERS) & stated.keys():
            raise MappingRefused(
                _("a judgment needs at least one of %(fields)s.") % {"fields": ", ".join(MAPPED_ANSWERS)}
            )
        if not (self.names_annotators or {"annotator", "count"} & stated.keys()):
            raise MappingRefused(_("“annotator” is missing: who judged."))
        preferred, names_winner = winner_or_code(stated.get("preference"))
        ranked, best = ranks_and_best(stated.get("ranks", []))
        return Saying(
            annotator=source_of(stated["annotator"], "annotator", text) if "annotator" in stated else None,
            count=self.count(stated),
            preference=None if preferred is None else self.source(preferred, "preference", preference),
            names_winner=names_winner,
            ranks=self.each(ranked, "ranks", number, n_responses) if "ranks" in stated else (),
            best_is_high=best == "high",
            scores=self.named(stated, "scores", whole, n_responses),
            flags=self.named(stated, "flags", truth, n_responses),
            comment=source_of(stated["comment"], "comment", text) if "comment" in stated else None,
            created_at=source_of(stated["created_at"], "created_at", moment) if "created_at" in stated else None,
        )

    def count(self, stated: Stated) -> Source[int] | None:
        return self.source(stated["count"], "count", whole) if "count" in stated else None

    def named(self, stated: Stated, key: str, take: Take[T], n_responses: int) -> dict[str, tuple[Source[T], ...]]:
        given = an_object(stated.get(key, {}), key)
        return {name: self.each(one, f"{key}.{name}", take, n_responses) for name, one in given.items()}

    def each(self, stated: object, name: str, take: Take[T], n_responses: int) -> tuple[Source[T], ...]:
        """A source for each response; where there is one response, it need not be in a list."""
        given = listed(stated, name) if n_responses > 1 or isinstance(stated, list) else [stated]
        if len(given) != n_responses:
            raise MappingRefused(
                _("“%(name)s” needs one field for each of the %(n)d responses.") % {"name": name, "n": n_responses}
            )
        return tuple(self.source(one, name, take) for one in given)

    def source(self, stated: object, name: str, take: Take[T]) -> Source[T]:
        return source_of(stated, name, take, self.missing)


def candidate(stated: object) -> Candidate:
    response = an_object(stated, "responses", ("model", "text"))
    if "model" not in response:
        raise MappingRefused(_("a response in “responses” has no “model”."))
    return Candidate(source_of(response["model"], "model", text), parts(response, "text"))


def parts(stated: Stated, key: str) -> tuple[Source[str], ...]:
    """One source of text, or a list of them, or none."""
    given = stated.get(key, [])
    return tuple(source_of(part, key, text) for part in (given if isinstance(given, list) else [given]))


def winner_or_code(stated: object) -> tuple[object, bool]:
    """The source of a preference, and whether it names the winner."""
    if not isinstance(stated, dict) or "winner" not in stated:
        return stated, False
    an_object(stated, "preference", ("winner", "codes"))
    return {"field" if key == "winner" else key: value for key, value in stated.items()}, True


def ranks_and_best(stated: object) -> tuple[object, str]:
    """The sources of the ranks, and whether low or high ones are best."""
    if not isinstance(stated, dict):
        return stated, "low"
    given = an_object(stated, "ranks", ("fields", "best"))
    best = given.get("best", "low")
    if best not in ("low", "high"):
        raise MappingRefused(_("“best” of “ranks” is either low or high."))
    return given.get("fields", []), best


def source_of(stated: object, name: str, take: Take[T], missing: frozenset[str] = frozenset()) -> Source[T]:
    if not isinstance(stated, (str, dict)):
        raise MappingRefused(_("“%(name)s” must be the name of a field, {field: …} or {constant: …}.") % {"name": name})
    if isinstance(stated, str):
        stated = {"field": stated}
    given = an_object(stated, name, OF_A_SOURCE)
    if ("field" in given) == ("constant" in given) or {"before", "after"} <= given.keys():
        raise MappingRefused(
            _("“%(name)s” needs either “field” or “constant”, and at most one of “before” and “after”.")
            % {"name": name}
        )
    codes = {code_of(code): meant for code, meant in an_object(given.get("codes", {}), f"{name}.codes").items()}
    for key, one in [*given.items(), *codes.items()]:
        if key != "codes" and (not isinstance(one, str) or not one):
            raise MappingRefused(_("“%(key)s” of “%(name)s” must be text.") % {"key": key, "name": name})
    for meant in codes.values():
        take(name, meant)
    rest = {key: given[key] for key in OF_A_SOURCE if key in given and key != "codes"}
    return Source(name, take, codes=codes, missing=missing, **rest)


def merged(above: Stated, below: Stated) -> Stated:
    """What is stated below, and above of the rest; so within objects too."""
    both = dict(above)
    for key, value in below.items():
        covered = above.get(key)
        both[key] = merged(covered, value) if isinstance(covered, dict) and isinstance(value, dict) else value
    return both


def entries(stated: Stated, key: str, known: Sequence[str]) -> list[Stated]:
    """The list of objects in `key`; where there is none, one that states nothing of its own."""
    return [an_object(one, key, known) for one in listed(stated[key], key)] if key in stated else [{}]


def words(stated: Stated, key: str) -> list[str]:
    given = listed(stated.get(key, []), key)
    if not all(isinstance(one, str) for one in given):
        raise MappingRefused(_("“%(key)s” must be a list of texts.") % {"key": key})
    return given


def listed(stated: object, name: str) -> list[Any]:
    if not isinstance(stated, list) or len(stated) > MOST_ENTRIES:
        raise MappingRefused(_("“%(name)s” must be a list, of at most %(n)d.") % {"name": name, "n": MOST_ENTRIES})
    return stated


def an_object(stated: object, name: str, known: Sequence[str] | None = None) -> Stated:
    """With no other keys than those `known`; None: with any."""
    if not isinstance(stated, dict):
        raise MappingRefused(_("“%(name)s” must be an object.") % {"name": name})
    unknown = [] if known is None else sorted(stated.keys() - set(known))
    if unknown:
        raise MappingRefused(
            _("“%(name)s” has an unknown key %(keys)s; known are %(known)s.")
            % {"name": name, "keys": ", ".join(f"“{key}”" for key in unknown), "known": ", ".join(known or ())}
        )
    return stated
