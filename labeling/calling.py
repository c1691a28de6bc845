"""Call a worker. The database is the truth: a lost call only means that a sweeper calls later."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def call_worker(job: str, row_id: int, queue: str = "default", expires: float | None = None) -> None:
    """Queue the job named `job` for a row, once the current transaction is committed.

    A call that nobody took within `expires` seconds is dropped, so that calls don't pile up at busy workers.
    """
    transaction.on_commit(lambda: send(job, row_id, queue, expires))


def send(job: str, row_id: int, queue: str, expires: float | None) -> None:
    try:
        current_app.send_task(job, [row_id], queue=queue, expires=expires, retry=False)
    except OperationalError:
        logger.warning("No broker to queue %s(%d) at; the sweeper will call again.", job, row_id)
