"""Which columns of somebody else's file are which fields of ours, said in short: field=column."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from labeling.collection.mapping.read import MappingRefused, file_mapping
from labeling.collection.mapping.shape import FileMapping
from labeling.collection.mapping.sources import SHOWN, at
from labeling.errors import Refused
from labeling.imports.brings import Brings
from labeling.imports.shapes.base import together
from labeling.prompts.files import LinedRow, Reshape, Row, RowRefused
from labeling.prompts.staging import printable

ColumnMap = Mapping[str, Sequence[str]]
"""For each field the columns it is made of, none where it is to be left out. A column is a path, as in mappings; what
begins with an equals sign is the same for all rows."""

TEXTS = ("prompt", "system", "reference", "use_case", "language", "source", "owner")
WHOLE = ("messages", "constraints", "metadata", "images")
"""Fields that are lists or objects, and taken as they are."""

OF_JUDGMENTS = ("annotator", "preference", "winner", "ranks", "comment", "created_at", "count")
NAMED = re.compile(r"(scores|flags)\..+")
RESPONSE = re.compile(r"responses\.([1-9])\.(model|text)")
SEVERAL = {"prompt", "ranks"}
CONSTANT = "="
MOST_SHOWN = 20


def fields_of(brings: Brings) -> list[str]:
    """Those that are the same in all files."""
    if brings == Brings.JUDGMENTS:
        return [*TEXTS, *OF_JUDGMENTS]
    return [*TEXTS, *WHOLE, *(["responses"] if brings == Brings.RESPONSES else [])]


def check_columns(brings: Brings, columns: ColumnMap) -> None:
    """Raises Refused."""
    for field, given in columns.items():
        is_response = brings != Brings.PROMPTS and RESPONSE.fullmatch(field)
        is_named = brings == Brings.JUDGMENTS and NAMED.fullmatch(field)
        if field not in fields_of(brings) and not is_response and not is_named:
            raise Refused(
                _("“%(field)s” is no field of %(what)s; known are %(known)s.")
                % {"field": field, "what": brings.label, "known": ", ".join(known_fields(brings))}
            )
        if len(given) > 1 and field not in SEVERAL and not is_named:
            raise Refused(_("“%(field)s” is mapped twice.") % {"field": field})


def known_fields(brings: Brings) -> list[str]:
    responses = [] if brings == Brings.PROMPTS else ["responses.1.model", "responses.1.text", "responses.2.model", "…"]
    named = ["scores.NAME", "flags.NAME"] if brings == Brings.JUDGMENTS else []
    return [*fields_of(brings), *responses, *named]


class ByColumns(Reshape):
    """Prompts, or prompts with responses. Columns that have the name of a field are that, unless it is mapped."""

    def __init__(self, brings: Brings, columns: ColumnMap) -> None:
        check_columns(brings, columns)
        self.columns = columns
        self.fields = fields_of(brings)
        self.responses = responses_in(columns)
        self.unfound = {one for given in columns.values() for one in given if not one.startswith(CONSTANT)}
        self.first_row: list[str] = []

    def __call__(self, line: int, row: Row) -> Iterator[LinedRow]:
        self.first_row = self.first_row or list(row)
        if self.unfound:
            self.unfound = {path for path in self.unfound if path not in row and at(row, path) is None}
        ours: Row = {field: row[field] for field in self.fields if field in row and field not in self.columns}
        for field, given in self.columns.items():
            if field in TEXTS:
                ours[field] = together(*(text_at(row, path) for path in given))
            elif field in self.fields and given:
                ours[field] = at(row, given[0])
        if self.responses:
            ours["responses"] = [
                {"model": text_at(row, model), "text": text_at(row, text)} for model, text in self.responses
            ]
        yield line, {field: value for field, value in ours.items() if value not in (None, "")}

    def causes(self, columns: Sequence[str]) -> Iterable[str]:
        if unfound := sorted(self.unfound - set(columns)):
            known = [printable(name, SHOWN) for name in [*(columns or self.first_row)][:MOST_SHOWN]]
            yield _("no row has the field %(fields)s; there are %(known)s.") % {
                "fields": ", ".join(f"“{path}”" for path in unfound),
                "known": ", ".join(known),
            }


def text_at(row: Row, path: str) -> str:
    if path.startswith(CONSTANT):
        return path.removeprefix(CONSTANT)
    value = at(row, path)
    if isinstance(value, (dict, list)):
        raise RowRefused(
            _("“%(field)s” holds a list or an object; name a field in it, as in %(field)s.0.") % {"field": path}
        )
    return "" if value is None else str(value)


def responses_in(columns: ColumnMap) -> list[tuple[str, str]]:
    """Model and text of each response that is mapped; where no model is named, the column's name is the model's."""
    given: dict[str, dict[str, str]] = {}
    for field, paths in columns.items():
        if paths and (response := RESPONSE.fullmatch(field)):
            given.setdefault(response[1], {})[response[2]] = paths[0]
    return [
        (one.get("model", f"{CONSTANT}{one.get('text', '')}"), one.get("text", ""))
        for _number, one in sorted(given.items())
    ]


def judged_by_columns(columns: ColumnMap, known: Iterable[str]) -> FileMapping:
    """The same for judgments, as a mapping; `known` are the columns there are. Raises Refused."""
    check_columns(Brings.JUDGMENTS, columns)
    named = {field: [field] for field in (*TEXTS, *OF_JUDGMENTS) if field in known and field not in columns}
    stated: dict[str, Any] = {}
    for field, given in {**named, **columns}.items():
        sources = [source_of(path) for path in given]
        group, _dot, name = field.partition(".")
        if not sources or group == "responses":
            continue
        if field == "winner":
            stated["preference"] = {"winner": given[0]}
        elif NAMED.fullmatch(field):
            stated.setdefault(group, {})[name] = sources
        else:
            stated[field] = sources if field in SEVERAL else sources[0]
    responses = responses_in(columns)
    stated["responses"] = [
        {"model": source_of(model), **({"text": source_of(text)} if text else {})} for model, text in responses
    ]
    try:
        return file_mapping(stated)
    except (MappingRefused, RowRefused) as refused:
        raise Refused(str(refused)) from None


def source_of(path: str) -> str | dict[str, str]:
    return {"constant": path.removeprefix(CONSTANT)} if path.startswith(CONSTANT) else path
