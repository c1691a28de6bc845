from collections.abc import Iterable

import psycopg
import pytest
from django.db import connection, transaction

from labeling.loading import MOST_UNDER_WAY, add_rows, check_at_once, found_rows, loading_behind, new_ids
from labeling.projects.models import Project
from labeling.prompts.digests import text_digest
from labeling.prompts.models import Prompt
from tests.factories import make_project, make_user

FIELDS = ("id", "project", "text", "characters", "digest")


def add_prompts(project: Project, texts: Iterable[str]) -> list[int]:
    texts = list(texts)
    ids = new_ids(Prompt, len(texts))
    add_rows(
        Prompt,
        FIELDS,
        ((pk, project.pk, text, len(text), text_digest(text)) for pk, text in zip(ids, texts, strict=True)),
    )
    return ids


@pytest.mark.django_db
def test_rows_come_as_they_were_given() -> None:
    project = make_project()
    texts = ["plain", "tab\tline\nreturn\r", "\\N", "\\.", 'quote " and back\\slash', "名前", "x" * 300_000]
    add_prompts(project, texts)
    with loading_behind():
        add_prompts(project, [f"{text}!" for text in texts])
    assert list(project.prompts.order_by("pk").values_list("text", flat=True)) == [*texts, *(f"{t}!" for t in texts)]


@pytest.mark.django_db
def test_whoever_asks_the_database_meanwhile_finds_all_that_was_added() -> None:
    project = make_project()
    with loading_behind():
        for n in range(1, 3 * MOST_UNDER_WAY):
            add_prompts(project, (f"{n} {m}" for m in range(50)))
            if n % 5 == 0:
                assert project.prompts.count() == n * 50
            if n % 7 == 0:
                assert found_rows("SELECT count(*) FROM labeling_prompt WHERE project_id = %s", project.pk) == [
                    (n * 50,)
                ]
            if n % 11 == 0:
                make_user()


@pytest.mark.django_db
def test_numbers_are_drawn_in_advance_for_who_asks_again_and_given_once() -> None:
    (before,) = new_ids(Prompt, 1)
    with loading_behind():
        first = new_ids(Prompt, 5)
    assert new_ids(Prompt, 1) == [first[-1] + 1], "who asks once draws no more than that"
    with loading_behind():
        given = [pk for n in (3, 3, 0, 1, 40, 40, 2, 3) for pk in new_ids(Prompt, n)]
    assert len(set(given)) == 92
    assert min(given) > first[-1] > before


def load(project: Project, *batches: Iterable[str], then: type[Exception] | None = None) -> None:
    with transaction.atomic(), loading_behind():
        check_at_once()
        for texts in batches:
            add_prompts(project, texts)
        if then:
            raise then


@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_is_raised_as_it_said_it_and_nothing_is_stored() -> None:
    project = make_project()
    more = ([str(n)] for n in range(3 * MOST_UNDER_WAY))
    with pytest.raises(psycopg.errors.UniqueViolation, match="prompt_once"):
        load(project, ["a", "b"], ["a"], *more)
    with pytest.raises(psycopg.errors.UniqueViolation, match="prompt_once"):
        load(project, ["a", "a"])
    assert not project.prompts.exists()
    load(project, ["a"])
    assert project.prompts.count() == 1


@pytest.mark.django_db(transaction=True)
def test_references_are_checked_with_the_rows() -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        load(Project(pk=0), ["a"])


@pytest.mark.django_db(transaction=True)
def test_who_gives_up_leaves_nothing_behind() -> None:
    project = make_project()
    with pytest.raises(KeyError):
        load(project, (str(n) for n in range(1000)), then=KeyError)
    assert not project.prompts.exists()
    assert not connection.execute_wrappers
