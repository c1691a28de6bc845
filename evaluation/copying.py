"""What a query finds, copied out of PostgreSQL, which works on meanwhile: a cursor waits until it is asked."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import orjson
import psycopg
from django.db import connection
from django.db.models import Func, JSONField, QuerySet

ALL = 2**63 - 1


class JsonArray(Func):
    """Values as one JSON array; queries for an array of such are arrays of arrays."""

    function = "json_build_array"
    output_field = JSONField()


@contextmanager
def copying(rows: QuerySet[Any], form: Literal["csv", "binary"]) -> Iterator[psycopg.Copy]:
    """To be read to its end, or left by an exception, which ends the query and fails the transaction.

    Whatever else asks the connection for something before that waits for ever, and so does who rolls back: a generator
    in such a block must be closed first, also when what it yields to fails.
    """
    sql, params = rows.query.sql_with_params()
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        psycopg.ClientCursor(connection.connection) as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT {form})", params) as copy,
    ):
        yield copy


def json_rows(rows: QuerySet[Any], *values: Any) -> Generator[list[Any], None, None]:
    """These values of the rows of a query, in its order: fields or expressions, as JSON has them.

    The first comes before the last is made, since with a limit PostgreSQL sorts before it makes what is asked for.
    """
    limited = rows if rows.query.is_sliced else rows[:ALL]
    with copying(limited.values_list(JsonArray(*values)), "binary") as copy:
        copy.set_types(["bytea"])
        for (row,) in copy.rows():
            yield orjson.loads(row)
