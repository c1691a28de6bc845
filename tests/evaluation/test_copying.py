"""Rows copied out of PostgreSQL: what comes is what is there, in order, and whoever leaves early can go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import psycopg
import pytest
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import BigIntegerField, JSONField, OuterRef, QuerySet, TextField, Value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation import copying
from evaluation.copying import JsonArray, json_rows
from labeling.projects.models import Project
from tests.factories import make_project, make_prompt

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
"""What PostgreSQL stores."""

LARGE = "x" * 2_000_000
"""More than waits at a socket."""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=TEXTS, number=st.integers(-(2**63), 2**63 - 1) | st.none(), answers=st.lists(st.dictionaries(TEXTS, TEXTS)))
def test_values_are_as_they_are(text: str, number: int | None, answers: list[dict[str, str]]) -> None:
    Project.objects.all().delete()
    project = make_project()
    values = Value(text, TextField()), Value(number, BigIntegerField()), Value(answers, JSONField())
    assert list(json_rows(Project.objects.all(), "slug", *values)) == [[project.slug, text, number, answers]]


def test_rows_are_in_order_and_as_many_as_asked_for() -> None:
    for slug in "dbac":
        make_project(slug)
    in_order = Project.objects.order_by("-slug")
    assert list(json_rows(in_order, "slug")) == [["d"], ["c"], ["b"], ["a"]]
    assert list(json_rows(in_order[:2], "slug")) == [["d"], ["c"]]
    assert list(json_rows(Project.objects.filter(slug="e"), "slug")) == []


def test_arrays_within_a_row() -> None:
    project, other = make_project("first"), make_project("second")
    for text in ("one", "two"):
        make_prompt(project, text)
    prompts = project.prompts.model.objects.filter(project=OuterRef("pk")).order_by("pk")
    texts = ArraySubquery(prompts.values(row=JsonArray("text", "history")))
    found = dict(json_rows(Project.objects.order_by("pk"), "slug", texts))
    assert found == {project.slug: [["one", []], ["two", []]], other.slug: []}


def test_values_are_made_after_sorting(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the first of a hundred thousand need not wait for the last."""
    asked: list[QuerySet[Any]] = []
    real = copying.copying

    @contextmanager
    def noted(rows: QuerySet[Any], form: Literal["csv", "binary"]) -> Iterator[psycopg.Copy]:
        asked.append(rows)
        with real(rows, form) as copy:
            yield copy

    project = make_project()
    for _n in range(20):
        make_prompt(project)
    names = ArraySubquery(Project.objects.filter(pk=OuterRef("project")).values("name"))
    monkeypatch.setattr(copying, "copying", noted)
    assert len(list(json_rows(project.prompts.order_by("text"), "text", names))) == 20
    with connection.cursor() as cursor:
        sql, params = asked[0].query.sql_with_params()
        cursor.execute(f"EXPLAIN (VERBOSE) {sql}", params)
        plan = [line for (line,) in cursor.fetchall()]
    sort = next(number for number, line in enumerate(plan) if "Sort  (" in line)
    assert "json_build_array" in "".join(plan[:sort])
    assert "json_build_array" not in "".join(plan[sort:])


def test_whoever_leaves_early_can_go_on() -> None:
    for _n in range(5):
        make_project()
    rows = json_rows(Project.objects.order_by("pk"), "slug", Value(LARGE, TextField()))
    assert next(rows)[1] == LARGE
    rows.close()
    assert Project.objects.count() == 5


def test_an_error_while_rows_come_undoes_the_transaction() -> None:
    for _n in range(5):
        make_project()

    def rename_then_fail() -> None:
        with transaction.atomic():
            Project.objects.update(name="renamed")
            for _row in json_rows(Project.objects.order_by("pk"), Value(LARGE, TextField())):
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rename_then_fail()
    assert not Project.objects.filter(name="renamed").exists()
