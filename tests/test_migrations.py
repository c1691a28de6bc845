"""What was stored by an earlier Concord is there after an upgrade."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
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


def test_earlier_runs_have_one_part_and_say_what_failed(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), empty_database():
        generate(migrate("0009_resumed"))
        now = migrate()
        (part,) = now.get_model("labeling", "RunPart").objects.using(NAME).select_related("run", "params__endpoint")
        assert (part.samples, part.run.project.slug, part.run.state) == (3, "old", "active")
        assert (part.params.temperature, part.params.max_new_tokens) == (0.3, 64)
        assert part.params.endpoint.provider == "local"
        samples = (
            now.get_model("labeling", "Sample").objects.using(NAME).filter(params=part.params, size=len("Hello[]"))
        )
        found = samples.order_by("number").values_list("state", "problem", "problem_detail")
        assert list(found) == [("done", "", {}), ("failed", "broke", {"why": "it broke"}), ("waiting", "", {})]
        responses = now.get_model("labeling", "Response").objects.using(NAME)
        (drawn,) = responses.values_list("sample", "text", "characters", "prompt__characters")
        assert drawn == (samples.get(number=0).pk, "Hi", len("Hi"), len("Hello"))
        endpoints = now.get_model("labeling", "Endpoint").objects.using(NAME).order_by("name")
        assert list(endpoints.values_list("name", "provider")) == [("asked", "local"), ("brought", "file")]


def generate(apps: Any) -> None:
    def model(name: str) -> Any:
        return apps.get_model("labeling", name).objects.using(NAME)

    project = model("Project").create(slug="old", name="Old")
    prompt = model("Prompt").create(project=project, text="Hello", digest="0" * 64)
    model("Endpoint").create(project=project, name="brought", provider="file")
    asked = {"name": "asked", "provider": "transformers", "model": "tiny", "temperature": 0.3, "max_new_tokens": 64}
    endpoint = model("Endpoint").create(project=project, **asked)
    run = model("GenerationRun").create(endpoint=endpoint, samples=3, seed=1)
    for number, (state, error) in enumerate([("done", ""), ("failed", "it broke"), ("waiting", "")]):
        place = {"run": run, "endpoint": endpoint, "prompt": prompt, "number": number, "seed": number}
        sample = model("Sample").create(**place, state=state, error=error)
        if state == "done":
            model("Response").create(prompt=prompt, endpoint=endpoint, sample=sample, text="Hi", digest="1" * 64)


def test_the_database_has_every_constraint_and_index_of_the_models(db: None) -> None:
    for model in apps.get_models():
        with connection.cursor() as cursor:
            there = connection.introspection.get_constraints(cursor, model._meta.db_table)
        wanted = {one.name for one in (*model._meta.constraints, *model._meta.indexes)}
        assert wanted <= there.keys(), model
