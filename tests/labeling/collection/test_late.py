"""What somebody sends after they were removed is kept, and opens nothing to them."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from labeling.assignment.change_member import remove_member
from labeling.assignment.claim import claim
from labeling.assignment.models import Seat, SeatKind, Task
from labeling.collection.models import Annotation
from labeling.people.models import User
from labeling.projects.models import Membership
from tests.factories import RANKING, make_member, make_project, make_task, make_user

pytestmark = pytest.mark.django_db

LETTER = {f"ranking.{place}": str(place + 1) for place in range(3)}


@pytest.fixture
def task() -> Task:
    return make_task(make_project(questions=RANKING))


@pytest.fixture
def removed(task: Task, sign_in: Callable[[User], Client]) -> Client:
    user = make_member(task.project)
    assert claim(project=task.project, user=user) is not None
    remove_member(membership=Membership.objects.get(user=user))
    return sign_in(user)


def at(name: str, task: Task, **rows: int) -> str:
    return reverse(name, kwargs={"slug": task.project.slug, **rows})


@pytest.mark.parametrize("headers", [{}, {"X-Ahead": "1"}], ids=["form", "letter"])
def test_it_is_kept_as_surplus(headers: dict[str, str], task: Task, removed: Client) -> None:
    make_task(task.project)
    answer = removed.post(at("submit-task", task, task_id=task.pk), LETTER, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert Annotation.objects.get().seat.kind == SeatKind.SURPLUS
    assert not Seat.objects.to_fill().filter(holder__isnull=False).exists(), "and no task is given for it"


def test_it_shows_nothing(task: Task, removed: Client) -> None:
    answer = removed.post(at("submit-task", task, task_id=task.pk), {"ranking.0": "9"})
    assert answer.status_code == 404
    assert task.prompt.text not in answer.text
    for name in ("save-task", "skip-task", "ahead"):
        assert removed.post(at(name, task, task_id=task.pk), LETTER).status_code == 404
    assert removed.get(at("label-task", task, task_id=task.pk)).status_code == 404
    assert removed.get(at("label", task)).status_code == 404
    assert not Annotation.objects.exists()


def test_who_never_was_a_member_is_not_heard(task: Task, sign_in: Callable[[User], Client]) -> None:
    client = sign_in(make_user())
    assert client.post(at("submit-task", task, task_id=task.pk), LETTER).status_code == 404
    assert not Annotation.objects.exists()
