"""Order the import of a file that is kept, and import it in the background."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.calling import call_worker
from labeling.collection.import_annotations import import_annotations
from labeling.collection.imported import ImportedAnnotations
from labeling.errors import FileRefused, Problem, Refused
from labeling.generation.import_responses import ImportedResponses, import_responses
from labeling.imports.brings import Brings
from labeling.imports.look import fields_in, first_rows
from labeling.imports.models import LEASE, Import, ImportState
from labeling.imports.understand import Understanding
from labeling.people.models import User
from labeling.prompts.files import ImportFile
from labeling.prompts.import_prompts import ImportedPrompts, import_prompts

JOB = "labeling.imports.jobs.bring_in"
MOST_ATTEMPTS = 3
EVERY = 0.5
"""Seconds between two notes of how far it is."""

Imported = ImportedPrompts | ImportedResponses | ImportedAnnotations
IMPORTERS: dict[str, Callable[..., Imported]] = {
    Brings.PROMPTS: import_prompts,
    Brings.RESPONSES: import_responses,
    Brings.JUDGMENTS: import_annotations,
}
RESULTS: dict[str, type[Imported]] = {
    Brings.PROMPTS: ImportedPrompts,
    Brings.RESPONSES: ImportedResponses,
    Brings.JUDGMENTS: ImportedAnnotations,
}


class ClaimLost(Exception):
    """Another worker has taken the file on."""


@transaction.atomic
def order_import(*, kept: Import, understanding: Understanding, by: User) -> None:
    """Have a worker import the file, so understood. What was ordered before stays as it was."""
    ordered = Import.objects.filter(pk=kept.pk, state=ImportState.CHOSEN).update(
        state=ImportState.WAITING,
        brings=understanding.brings,
        shape=understanding.shape,
        columns=understanding.columns,
        language=translation.get_language() or "",
    )
    if ordered:
        record("import.ordered", actor=by, project_id=kept.project_id, file=kept.name, brings=understanding.brings)
        call_worker(JOB, kept.pk)


def run_import(*, import_id: int) -> None:
    """Import the file wholly or not at all, unless that is done or another worker is at it."""
    claim = uuid.uuid4()
    free = Import.objects.stranded().filter(pk=import_id)
    if not free.update(claim=claim, leased_until=timezone.now() + LEASE, attempts=F("attempts") + 1):
        return
    ordered = Import.objects.select_related("project", "created_by").get(pk=import_id)
    with translation.override(ordered.language or None):
        try:
            bring_in(ordered)
        except ClaimLost:
            return
        except FileRefused as refused:
            end(ordered, state=ImportState.REFUSED, problems=stored(refused.problems), n_problems=refused.n_problems)
        except Refused as refused:
            end(ordered, state=ImportState.REFUSED, problems=stored([Problem(0, str(refused))]), n_problems=1)
    ordered.file.delete(save=False)
    Import.objects.filter(pk=import_id).update(file="")


def bring_in(ordered: Import) -> None:
    """Raises Refused, or ClaimLost, with nothing imported."""
    if ordered.attempts > MOST_ATTEMPTS:
        raise Refused(_("It was begun %(n)d times, and each time the worker stopped.") % {"n": MOST_ATTEMPTS})
    understanding = Understanding(Brings(ordered.brings), ordered.shape, ordered.columns, ordered.mapping)
    with opened(ordered) as file:
        known = fields_in(file, first_rows(file))
    with noting(ordered) as note, opened(ordered, note) as file, transaction.atomic():
        importer = IMPORTERS[ordered.brings]
        reshape = understanding.reshape(ordered.name, known)
        imported = importer(project=ordered.project, file=file, reshape=reshape, by=ordered.created_by)
        counts = {"n_bytes": ordered.size, "n_rows": file.n_rows}
        end(ordered, state=ImportState.DONE, result=asdict(imported), **counts)


@contextmanager
def opened(ordered: Import, note: Callable[[int, int], object] = lambda _bytes, _rows: None) -> Iterator[ImportFile]:
    def advance(n_bytes: int) -> None:
        note(n_bytes, file.n_rows)

    with ordered.file.open("rb") as stream, ImportFile(stream, ordered.name, advance) as file:
        yield file


@contextmanager
def noting(ordered: Import) -> Iterator[Callable[[int, int], None]]:
    """Yields what is told of bytes read since, and of rows so far; it is stored beside the import's transaction."""
    beside = connection.copy()
    beside.inc_thread_sharing()  # files are read by a thread
    n_read, noted = 0, time.monotonic()

    def note(n_bytes: int, n_rows: int) -> None:
        nonlocal n_read, noted
        n_read += n_bytes
        if time.monotonic() - noted > EVERY:
            noted = time.monotonic()
            with beside.cursor() as cursor:
                cursor.execute(NOTE, [n_read, n_rows, timezone.now() + LEASE, ordered.pk, ordered.claim])

    try:
        yield note
    finally:
        beside.close()


NOTE = "UPDATE labeling_import SET n_bytes = %s, n_rows = %s, leased_until = %s WHERE id = %s AND claim = %s"


def end(ordered: Import, **changes: Any) -> None:
    """Raises ClaimLost."""
    mine = Import.objects.filter(pk=ordered.pk, claim=ordered.claim, state=ImportState.WAITING)
    if not mine.update(leased_until=None, ended_at=timezone.now(), **changes):
        raise ClaimLost


def stored(problems: list[Problem]) -> list[list[object]]:
    return [[problem.line, problem.cause, problem.within] for problem in problems]


def sentence_of(done: Import) -> str:
    """What came of it."""
    return RESULTS[done.brings](**done.result).sentence()
