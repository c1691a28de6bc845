"""The OpenAPI description in the order in which people read it: what can be asked, then the shapes of the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from labeling.markup import to_html

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Value:
    """A parameter, or a field of a shape."""

    name: str
    type: str
    shape: str
    """The name of the shape that it has, or that each of several has; empty for plain values."""
    meaning: SafeString


@dataclass(frozen=True)
class Answer:
    status: str
    shape: str
    """Empty for files, of which the media type says what they are."""
    media_type: str
    meaning: str


@dataclass(frozen=True)
class Operation:
    id: str
    name: str
    method: str
    path: str
    meaning: SafeString
    parameters: list[Value]
    answers: list[Answer]


@dataclass(frozen=True)
class Shape:
    name: str
    meaning: str
    values: list[Value]


def operations(schema: Schema) -> list[Operation]:
    return [
        Operation(
            id=described["operationId"],
            name=described["summary"],
            method=method.upper(),
            path=path,
            meaning=to_html(described["description"]),
            parameters=[value(one["name"], {**one["schema"], **one}) for one in described["parameters"]],
            answers=[answer(status, one) for status, one in described["responses"].items()],
        )
        for path, methods in schema["paths"].items()
        for method, described in methods.items()
    ]


def answer(status: str, described: Schema) -> Answer:
    ((media_type, content),) = described["content"].items()
    return Answer(status, shape_of(content["schema"]), media_type, described["description"])


def shapes(schema: Schema) -> list[Shape]:
    """A shape without fields is a choice of words."""
    return [
        Shape(
            name,
            described.get("description") or type_of(described),
            [value(field, one) for field, one in described.get("properties", {}).items()],
        )
        for name, described in schema["components"]["schemas"].items()
    ]


def value(name: str, described: Schema) -> Value:
    return Value(name, type_of(described), shape_of(described), to_html(described.get("description", "")))


def type_of(described: Schema) -> str:
    """In words, such as “list of string” or “number or null”; what is missing at its end is a shape."""
    if "enum" in described:
        return " | ".join(described["enum"])
    if is_nullable(described):
        return "null or"
    types = described.get("type", [])
    said = " or ".join([types] if isinstance(types, str) else types).replace("array", "list")
    inner = inside(described)
    return f"{said} of {type_of(inner)}".strip() if inner else said


def shape_of(described: Schema) -> str:
    """The name of the shape that is referred to, directly or as what a list or an object holds; empty if none is."""
    if is_nullable(described):
        return shape_of(described["oneOf"][0])
    (referring,) = described.get("allOf", [described])
    if "$ref" in referring:
        return str(referring["$ref"]).rpartition("/")[2]
    inner = inside(described)
    return shape_of(inner) if inner else ""


def is_nullable(described: Schema) -> bool:
    """Whether it is a shape or null."""
    return {"type": "null"} in described.get("oneOf", [])


def inside(described: Schema) -> Schema | None:
    """What each element of a list or an object is."""
    return described.get("items") or described.get("additionalProperties")
