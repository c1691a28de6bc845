"""Long lists of what is computed, a page at a time."""

from collections.abc import Iterator
from itertools import dropwhile, islice
from typing import Any

from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

Row = dict[str, Any]


def page_of(
    request: Request, rows: Iterator[Row], *, limit: int, cursor: str | None = None
) -> tuple[list[Row], str | None]:
    """Rows by question and task, and the address of what comes after them.

    The cursor says which row was the last, so none is missed or given twice when there are more meanwhile.
    """
    if cursor is not None:
        question, _colon, task = cursor.rpartition(":")
        rows = dropwhile(lambda row: row["question"] != question, rows)
        rows = dropwhile(lambda row: row["question"] == question and row["task"] <= int(task), rows)
    found = list(islice(rows, limit))
    if next(rows, None) is None:
        return found, None
    last = f"{found[-1]['question']}:{found[-1]['task']}"
    return found, replace_query_param(request.build_absolute_uri(), "cursor", last)
