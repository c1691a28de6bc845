"""One worker at a time at something of a project."""

from django.db import connection

TRY = "SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)"
WAIT = "SELECT pg_advisory_xact_lock(hashtext(%s), %s) IS NOT NULL"


def alone(at: str, project_id: int, *, wait: bool) -> bool:
    """Whether nobody else is at it until the transaction ends; with `wait`, once they are done."""
    with connection.cursor() as cursor:
        cursor.execute(WAIT if wait else TRY, [at, project_id])
        (is_mine,) = cursor.fetchone()
    return bool(is_mine)
