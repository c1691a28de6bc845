"""Many rows at once, by COPY: for what comes by the hundred thousand. The caller is in a transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection, models


def bare_cursor() -> psycopg.ClientCursor[Any]:
    """One that COPY works with, and whose statements are planned for the values they are given."""
    connection.ensure_connection()
    return psycopg.ClientCursor(connection.connection)


def new_ids(model: type[models.Model], n: int) -> list[int]:
    """Numbers for rows to come."""
    with bare_cursor() as cursor:
        cursor.execute(
            "WITH numbers AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name) "
            "SELECT array_agg(nextval(name)) FROM numbers, generate_series(1, %s)",
            [model._meta.db_table, n],
        )
        ((found,),) = cursor
        return found or []


def add_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows with values for these fields; the others have what the database gives them. JSON and arrays come as text."""
    known = {field.name: field.column for field in model._meta.concrete_fields}
    columns = ", ".join(f'"{known[field]}"' for field in fields)
    with bare_cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def as_array(values: Iterable[object]) -> str:
    """Numbers or plain words as PostgreSQL writes an array: psycopg takes ten times as long."""
    return f"{{{','.join(map(str, values))}}}"


def check_at_once() -> None:
    """Have references checked with each of these statements, and not all of them when the transaction ends."""
    with bare_cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def found_rows(statement: str, *values: object) -> list[tuple[Any, ...]]:
    with bare_cursor() as cursor:
        return cursor.execute(statement, values).fetchall()
