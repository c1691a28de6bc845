"""Many rows at once, by COPY: for what comes by the hundred thousand. The caller is in a transaction."""

import io
import os
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, models
from psycopg.copy import FileWriter

MOST_UNDER_WAY = 8
"""Statements that wait for the database; who comes with more waits too, so that their rows do not fill the memory."""


AHEAD = 2**21
"""Bytes that wait at a socket of this machine, if the system allows as many, so that the database need not for us."""


class Behind:
    """Has a thread do with a connection, one after the other, what its caller need not wait for."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.raw = raw
        self.pool = ThreadPoolExecutor(1)
        self.under_way: deque[Future[Any]] = deque()
        self.drawn: dict[str, tuple[list[int], Future[list[int]] | None]] = {}  # ids by table: those left, and to come
        self.wrong: BaseException | None = None
        with socket.socket(fileno=os.dup(raw.fileno())) as way:
            if way.family == socket.AF_UNIX:  # elsewhere the system fits it to the network
                way.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, AHEAD)

    def submit(self, work: Callable[..., Any], *given: Any) -> Future[Any]:
        self.under_way.append(self.pool.submit(self._work, work, *given))
        if len(self.under_way) > MOST_UNDER_WAY:
            self.under_way.popleft().result()
        return self.under_way[-1]

    def _work(self, work: Callable[..., Any], *given: Any) -> Any:
        if self.wrong is not None:
            raise self.wrong  # what the database says of the next statement is only that something was wrong
        try:
            return work(self.raw, *given)
        except BaseException as wrong:
            self.wrong = wrong
            raise

    def wait(self) -> None:
        """Until all is done. Raises what was wrong with it."""
        while self.under_way:
            self.under_way.popleft().result()

    def new_ids(self, table: str, n: int) -> list[int]:
        """As many more are drawn for the next time, of who asks for the second time or later."""
        left, coming = self.drawn.get(table, ([], None))
        if coming is not None:
            left += coming.result()
        if len(left) < n:
            left += self.submit(drawn_ids, table, n - len(left)).result()
        rest = left[n:]
        is_short = len(rest) < n and table in self.drawn
        self.drawn[table] = rest, self.submit(drawn_ids, table, n) if is_short else None
        return left[:n]


class Local(threading.local):
    behind: Behind | None = None


local = Local()


@contextmanager
def loading_behind() -> Iterator[None]:
    """What `add_rows` adds within may still be under way when it returns. When this ends, all is there.

    Whatever else is asked of the database meanwhile waits for it.
    """
    behind = local.behind = Behind(connected())
    try:
        with connection.execute_wrapper(wait_first):
            yield
        behind.wait()
    finally:
        local.behind = None
        behind.pool.shutdown(cancel_futures=True)


def wait_first(execute: Callable[..., Any], *given: Any) -> Any:
    if local.behind:
        local.behind.wait()
    return execute(*given)


def connected() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    return raw


def bare_cursor() -> psycopg.ClientCursor[Any]:
    """One whose statements are planned for the values they are given."""
    if local.behind:
        local.behind.wait()
    return psycopg.ClientCursor(connected())


def new_ids(model: type[models.Model], n: int) -> list[int]:
    """Numbers for rows to come."""
    table = model._meta.db_table
    return local.behind.new_ids(table, n) if local.behind else drawn_ids(connected(), table, n)


def drawn_ids(raw: psycopg.Connection[Any], table: str, n: int) -> list[int]:
    with psycopg.ClientCursor(raw) as cursor:
        cursor.execute(
            "WITH numbers AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name) "
            "SELECT array_agg(nextval(name)) FROM numbers, generate_series(1, %s)",
            [table, n],
        )
        ((found,),) = cursor
        return found or []


def add_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows with values for these fields; the others have what the database gives them. JSON and arrays come as text."""
    known = {field.name: field.column for field in model._meta.concrete_fields}
    columns = ", ".join(f'"{known[field]}"' for field in fields)
    statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
    raw, written = connected(), io.BytesIO()
    with psycopg.ClientCursor(raw) as cursor, psycopg.Copy(cursor, writer=FileWriter(written)) as lines:
        for row in rows:
            lines.write_row(row)
    if local.behind:
        local.behind.submit(copy_in, statement, written)
    else:
        copy_in(raw, statement, written)


def copy_in(raw: psycopg.Connection[Any], statement: str, written: io.BytesIO) -> None:
    with psycopg.ClientCursor(raw) as cursor, cursor.copy(statement) as copy:
        copy.write(written.getbuffer())


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
