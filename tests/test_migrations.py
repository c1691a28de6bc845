"""What was stored by an earlier Concord is there after an upgrade."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from pytest_django import DjangoDbBlocker

NAME = "upgraded"
LABELS = [("counted", None), ("counted", "ann"), ("surplus", "ben")]
"""The kind of each seat at a task, and who filled it."""


@contextmanager
def empty_database() -> Iterator[None]:
    database = f"{connection.settings_dict['NAME']}_{NAME}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {database}")
        cursor.execute(f"CREATE DATABASE {database}")
    connections.settings[NAME] = {**connection.settings_dict, "NAME": database}
    yield
    connections[NAME].close()
    del connections[NAME]
    del connections.settings[NAME]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {database}")


def migrate(migration: str | None = None) -> Any:
    """The models as they are after a migration of labeling, the last one where none is given."""
    executor = MigrationExecutor(connections[NAME])
    targets = [("labeling", migration)] if migration else executor.loader.graph.leaf_nodes()
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def test_labels_of_the_first_version_stay_and_keep_their_kind(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), empty_database():
        label(migrate("0002_guards"))
        migrate()
        with connections[NAME].cursor() as cursor:
            cursor.execute(
                """SELECT seat.kind, holder.username, annotation.answers FROM labeling_seat AS seat
                LEFT JOIN labeling_user AS holder ON holder.id = seat.holder_id
                LEFT JOIN labeling_annotation AS annotation ON annotation.seat_id = seat.id ORDER BY seat.id"""
            )
            found = cursor.fetchall()
    assert [(kind, who) for kind, who, _ in found] == LABELS
    assert [answers for *_, answers in found] == [None, '{"comment": "by ann"}', '{"comment": "by ben"}']


def label(apps: Any) -> None:
    def model(name: str) -> Any:
        return apps.get_model("labeling", name).objects.using(NAME)

    project = model("Project").create(slug="old", name="Old")
    instrument = model("Instrument").create(project=project, version=1, stored_questions=[])
    prompt = model("Prompt").create(project=project, text="Hello", digest="0" * 64)
    task = model("Task").create(project=project, prompt=prompt, instrument=instrument)
    for kind, name in LABELS:
        holder = model("User").create(username=name) if name else None
        submitted_at = timezone.now() if name else None
        place = {"project": project, "task": task, "surplus": kind == "surplus"}
        seat = model("Seat").create(**place, holder=holder, submitted_at=submitted_at)
        if name:
            answers = {"comment": f"by {name}"}
            model("Annotation").create(seat=seat, revision=1, order=[], client_id=uuid.uuid4(), answers=answers)
