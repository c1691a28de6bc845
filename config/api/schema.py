"""The description of what programs can ask, in OpenAPI 3.1, made of the views themselves."""

from functools import cache
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.plumbing import normalize_result_object


@cache
def make_schema() -> dict[str, Any]:
    """In English, as the documents are."""
    with translation.override("en"):
        made: dict[str, Any] = normalize_result_object(SchemaGenerator().get_schema(request=None, public=True))
    return made
