"""What the labeling pages answer to scripts, to late comers and to requests made by hand."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from labeling.assignment.claim import GRACE, claim, leave
from labeling.assignment.models import LEASE, Seat, Skip
from labeling.collection.drafts import save_draft
from labeling.collection.models import Annotation
from labeling.people.models import User
from labeling.projects.guidelines import write_guidelines
from labeling.projects.models import GuidelineReading, Project
from tests.factories import RANKING, make_member, make_project, make_task, rank

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def project() -> Project:
    project = make_project(questions=RANKING)
    for _n in range(6):
        make_task(project, overlap=1)
    return project


@pytest.fixture
def user(project: Project) -> User:
    return make_member(project)


def at(name: str, project: Project, **rows: int) -> str:
    return reverse(name, kwargs={"slug": project.slug, **rows})


def ranking(*ranks: int) -> dict[str, str]:
    return {"client_id": str(uuid.uuid4()), **{f"ranking.{place}": str(rank) for place, rank in enumerate(ranks)}}


def held(user: User) -> set[int]:
    return set(Seat.objects.to_fill().filter(holder=user).values_list("task", flat=True))


def test_a_page_is_given_the_task_it_holds_but_does_not_have(project: Project, user: User, sign_in: SignIn) -> None:
    client = sign_in(user)
    seat = claim(project=project, user=user)
    assert seat is not None
    address = at("submit-task", project, task_id=seat.task_id)
    letter = ranking(1, 2, 3)
    first = client.post(address, letter, headers={"X-Ahead": ""})
    (second,) = held(user)
    assert f'data-task="{second}"' in first.text
    again = client.post(address, letter, headers={"X-Ahead": ""})
    assert f'data-task="{second}"' in again.text, "the answer was lost on its way, and the letter came again"
    assert held(user) == {second}
    third = client.post(address, letter, headers={"X-Ahead": f"{second},nonsense"})
    assert third.status_code == 200
    assert len(held(user)) == 2
    assert client.post(address, letter, headers={"X-Ahead": "none"}).status_code == 204
    assert len(held(user)) == 2, "a page without a place for a task is given none"
    assert Annotation.objects.count() == 1


def test_a_revision_claims_nothing(project: Project, user: User, sign_in: SignIn) -> None:
    client, task = sign_in(user), project.tasks.order_by("pk")[0]
    rank(task, user, [1, 2, 3])
    for ranks in (3, 2, 1), (1, 1, 1):
        answer = client.post(at("submit-task", project, task_id=task.pk), ranking(*ranks), headers={"X-Ahead": ""})
        assert answer.status_code == 204
    assert held(user) == set()


def test_what_came_free_at_the_front_is_not_left_to_the_end(project: Project, user: User, sign_in: SignIn) -> None:
    client, other = sign_in(user), make_member(project)
    front = claim(project=project, user=other)
    seat = claim(project=project, user=user)
    assert front is not None
    assert seat is not None
    Seat.objects.filter(pk=front.pk).update(holder=None, claimed_at=None, leased_until=None)
    client.post(at("submit-task", project, task_id=seat.task_id), ranking(1, 2, 3))
    assert held(user) == {front.task_id}


def test_who_opens_a_page_keeps_all_they_hold(project: Project, user: User, sign_in: SignIn) -> None:
    client = sign_in(user)
    seat = claim(project=project, user=user)
    assert seat is not None
    client.post(at("ahead", project, task_id=seat.task_id))
    assert len(held(user)) == 2
    for name, rows in ("label", {}), ("label-task", {"task_id": seat.task_id}):
        leave(project=project, user=user)
        assert shortest_lease(user) <= GRACE
        client.get(at(name, project, **rows))
        assert shortest_lease(user) > LEASE - timedelta(minutes=1)


def shortest_lease(user: User) -> timedelta:
    leased_until = Seat.objects.to_fill().filter(holder=user).order_by("leased_until").values_list("leased_until")
    return leased_until[0][0] - timezone.now()


def test_what_was_begun_can_be_opened_after_the_seat_went_to_somebody_else(
    project: Project, user: User, sign_in: SignIn
) -> None:
    client = sign_in(user)
    seat = claim(project=project, user=user)
    assert seat is not None
    draft = {"answers": {"ranking": ["3", "2", "1"]}, "client_id": uuid.uuid4(), "version": 1, "active_ms": 0}
    save_draft(task=seat.task, user=user, **draft)  # type: ignore[arg-type]
    Seat.objects.filter(pk=seat.pk).update(leased_until=timezone.now() - timedelta(minutes=1))
    assert claim(project=project, user=make_member(project)) == seat
    mine = client.get(at("own-labels", project)).text
    address = at("label-task", project, task_id=seat.task_id)
    assert f'href="{address}"' in mine
    page = client.get(address)
    assert page.status_code == 200
    assert 'name="ranking.0" value="3" checked' in page.text
    client.post(at("submit-task", project, task_id=seat.task_id), ranking(3, 2, 1))
    assert Annotation.objects.get().seat.kind == "surplus"
    assert f'href="{address}"' in client.get(at("own-labels", project)).text


def test_somebody_elses_task_is_neither_shown_nor_skipped(project: Project, user: User, sign_in: SignIn) -> None:
    client, task = sign_in(user), project.tasks.order_by("pk")[3]
    for name, form in ("submit-task", {}), ("skip-task", {}), ("skip-task", {"reason": "unclear"}):
        answer = client.post(at(name, project, task_id=task.pk), form)
        assert answer.status_code == 302
        assert task.prompt.text not in answer.text
    assert not Skip.objects.exists()


def test_the_version_of_the_guidelines_that_was_read_is_the_one_acknowledged(
    project: Project, user: User, sign_in: SignIn
) -> None:
    client = sign_in(user)
    first = write_guidelines(project=project, text="Be kind.")
    page = client.get(at("guidelines", project))
    assert f'name="guideline" value="{first.pk}"' in page.text
    rank(project.tasks.order_by("pk")[0], user, [1, 2, 3])
    second = write_guidelines(project=project, text="Be kind and right.")
    client.post(at("read-guidelines", project), {"guideline": first.pk})
    assert [reading.guideline for reading in GuidelineReading.objects.all()] == [first]
    for name, rows in ("label", {}), ("label-task", {"task_id": project.tasks.order_by("pk")[0].pk}):
        answer = client.get(at(name, project, **rows))
        assert answer.url == at("guidelines", project), "the new version has not been read"  # type: ignore[attr-defined]
    client.post(at("read-guidelines", project), {"guideline": second.pk})
    assert GuidelineReading.objects.count() == 2
    assert client.post(at("read-guidelines", project), {"guideline": "x"}).status_code == 302
    assert client.post(at("read-guidelines", project), {"guideline": 10**9}).status_code == 404


def test_everybody_sets_their_own_goal_for_a_day(project: Project, user: User, sign_in: SignIn) -> None:
    client = sign_in(user)
    client.post(at("change-goal", project), {"daily_goal": "40"})
    user.refresh_from_db()
    assert user.daily_goal == 40
    refused = client.post(at("change-goal", project), {"daily_goal": "0"}, follow=True)
    assert "greater than or equal to 1" in refused.text
    user.refresh_from_db()
    assert user.daily_goal == 40


def test_what_was_skipped_is_passed_on(project: Project, user: User, sign_in: SignIn) -> None:
    client = sign_in(user)
    seat = claim(project=project, user=user)
    assert seat is not None
    draft = {"answers": {"ranking": ["3", "2", "1"]}, "client_id": uuid.uuid4(), "version": 1, "active_ms": 0}
    save_draft(task=seat.task, user=user, **draft)  # type: ignore[arg-type]
    client.post(at("skip-task", project, task_id=seat.task_id), {"reason": "beyond"})
    address = at("label-task", project, task_id=seat.task_id)
    assert f'href="{address}"' not in client.get(at("own-labels", project)).text
    assert client.get(address).status_code == 302
    client.post(at("submit-task", project, task_id=seat.task_id), ranking(3, 2, 1))
    assert Annotation.objects.get().seat.kind == "surplus", "kept, and not counted"
