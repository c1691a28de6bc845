"""What leads and reviewers do in the pages, over HTTP and without JavaScript."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from labeling.assignment.claim import claim
from labeling.assignment.gold import make_gold
from labeling.assignment.make_tasks import make_tasks
from labeling.assignment.models import Gold, Seat, SeatKind, Skip, Task
from labeling.assignment.order import shown_order
from labeling.collection.models import Annotation, GoldResult
from labeling.collection.review_queue import Shelf, tasks_on
from labeling.collection.submit import Circumstances, submit
from labeling.people.models import User
from labeling.projects.models import Exam, Membership, Project, Status, TaskOrder
from labeling.projects.presets import DEMONSTRATION
from labeling.projects.roles import Role
from tests.conftest import at
from tests.factories import (
    RANKING,
    make_endpoint,
    make_member,
    make_project,
    make_prompt,
    make_response,
    make_task,
    rank,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

SETTINGS = {
    "name": "Helpful",
    "personal_data": "nothing",
    "task_order": "uniform",
    "most_overlap": "5",
    "pass_comparisons": "0.8",
    "pass_flags": "0.75",
    "pass_ratings": "0",
    "pass_demonstrations": "6",
    "gold_rate": "0.1",
    "gold_threshold": "0.6",
    "gold_after": "5",
}


@pytest.fixture
def project() -> Project:
    return make_project(questions=RANKING)


@pytest.fixture
def lead(project: Project, sign_in: SignIn) -> Client:
    return sign_in(make_member(project, Role.LEAD))


def test_settings_are_stored_whole_or_not_at_all(lead: Client, project: Project) -> None:
    wrong = lead.post(at("project-settings", project), SETTINGS | {"gold_rate": "0.9", "name": "Other"})
    assert wrong.status_code == 422
    assert "0.5" in wrong.text
    project.refresh_from_db()
    assert project.name != "Other"
    empty = lead.post(at("project-settings", project), SETTINGS | {"requires_exam": "on", "name": "Other"})
    assert empty.status_code == 422
    assert "The exam has no tasks yet" in empty.text
    project.refresh_from_db()
    assert project.name != "Other"
    task = make_task(project)
    make_gold(task=task, order=task.response_ids, answers={"ranking": [1, 2, 3]}, in_exam=True)
    lead.post(at("project-settings", project), SETTINGS | {"requires_exam": "on", "reveals_models": "on"})
    project.refresh_from_db()
    assert (project.task_order, project.most_overlap, project.gold_rate) == (TaskOrder.UNIFORM, 5, 0.1)
    assert project.requires_exam
    assert project.reveals_models


def test_who_has_labeled_works_on_when_an_exam_comes(lead: Client, project: Project) -> None:
    at_work, newcomer = make_member(project), make_member(project)
    rank(make_task(project), at_work, [1, 2, 3])
    task = make_task(project)
    make_gold(task=task, order=task.response_ids, answers={"ranking": [1, 2, 3]}, in_exam=True)
    lead.post(at("project-settings", project), SETTINGS | {"requires_exam": "on"})
    exams = {member.user: member.exam for member in Membership.objects.filter(user__in=[at_work, newcomer])}
    assert exams == {at_work: Exam.PASSED, newcomer: Exam.OPEN}


def test_the_overlap_of_a_plan_changes(lead: Client, project: Project) -> None:
    prompt = make_prompt(project)
    for _n in range(2):
        make_response(prompt, make_endpoint(project))
    plan, _n = make_tasks(project=project, responses=2, overlap=2)
    lead.post(at("change-overlap", project, plan_id=plan.pk), {"overlap": "4"})
    assert Seat.objects.count() == 4
    rank(project.tasks.get(), make_member(project), [1, 2])
    lead.post(at("change-overlap", project, plan_id=plan.pk), {"overlap": "1"})
    assert Seat.objects.get().submitted_at is not None
    answer = lead.post(at("change-overlap", project, plan_id=plan.pk), {"overlap": "0"}, follow=True)
    assert "greater than or equal to 1" in answer.text
    assert Seat.objects.count() == 1


def test_reviewing_deciding_and_making_gold(lead: Client, project: Project) -> None:
    task, user = make_task(project), make_member(project, username="ann")
    rank(task, user, [1, 2, 3])
    page = lead.get(at("task", project, task_id=task.pk)).text
    assert "ann" in page
    assert "Nobody has labeled" not in page
    annotation = Annotation.objects.get()
    verdict = {"verdict": "returned", "note": ""}
    address = at("review-annotation", project, task_id=task.pk, annotation_id=annotation.pk)
    refused = lead.post(address, verdict)
    assert refused.status_code == 422
    assert "what is to be done better" in refused.text
    lead.post(address, verdict | {"note": "Look at C."})
    assert Seat.objects.get(holder=user).returned_at is not None
    unfinished = lead.post(at("decide-task", project, task_id=task.pk), {"ranking.0": "1", "from": str(annotation.pk)})
    assert unfinished.status_code == 422
    assert "Still without a rank" in unfinished.text
    answers = {f"ranking.{place}": str(place + 1) for place in range(3)}
    lead.post(at("decide-task", project, task_id=task.pk), answers | {"from": str(annotation.pk)})
    assert Annotation.objects.final().get().seat.kind == SeatKind.DECISION
    nowhere = lead.post(at("gold", project, task_id=task.pk), {"explanation": "x"})
    assert "choose one" in nowhere.text
    lead.post(at("gold", project, task_id=task.pk), {"in_exam": "on", "explanation": "**So**"})
    assert Gold.objects.get().answers == {"ranking": [1, 2, 3]}
    lead.post(at("gold", project, task_id=task.pk), {"drop": "1"})
    assert not Gold.objects.exists()


def test_a_reviewer_goes_through_a_shelf(lead: Client, project: Project) -> None:
    """From each decision to the next task there, past what was left undecided, and round to it at the end."""
    tasks = [make_task(project) for _n in range(3)]
    for task in tasks:
        for ranks in ([1, 2, 3], [3, 2, 1]):
            rank(task, make_member(project), ranks)

    def address(task: Task) -> str:
        return f"{at('task', project, task_id=task.pk)}?shelf=disagreed"

    first, second, third = tasks_on(project, Shelf.DISAGREED)
    assert address(first) in lead.get(at("review", project)).text
    assert address(second) in lead.get(address(first)).text
    answers = {f"ranking.{place}": str(place + 1) for place in range(3)}

    def decide(task: Task) -> str:
        return lead.post(f"{at('decide-task', project, task_id=task.pk)}?shelf=disagreed", answers).headers["Location"]

    assert decide(second) == address(third)
    assert "Decided:" in lead.get(address(third)).text
    assert decide(third) == address(first)
    assert decide(first) == address(first), "nothing else is there"
    elsewhere = lead.post(at("decide-task", project, task_id=first.pk), answers)
    assert elsewhere.headers["Location"] == at("task", project, task_id=first.pk)


def test_a_revision_stands_beside_why_it_was_wanted(lead: Client, project: Project) -> None:
    task, user = make_task(project), make_member(project)
    rank(task, user, [1, 2, 3])
    address = at("review-annotation", project, task_id=task.pk, annotation_id=Annotation.objects.get().pk)
    lead.post(address, {"verdict": "returned", "note": "Look at C."})
    page = lead.get(at("task", project, task_id=task.pk)).text
    assert "Look at C." in page
    assert "revised since" not in page
    rank(task, user, [1, 3, 2])
    page = lead.get(at("task", project, task_id=task.pk)).text
    assert "Look at C." in page
    assert "revised since" in page


def test_what_came_back_is_shown_first_with_its_note(project: Project, sign_in: SignIn) -> None:
    task, user, reviewer = make_task(project), make_member(project), make_member(project, Role.REVIEWER)
    rank(task, user, [1, 2, 3])
    make_task(project)
    form = {"verdict": "returned", "note": "Look at C again."}
    annotation = Annotation.objects.get()
    client = sign_in(reviewer)
    client.post(at("review-annotation", project, task_id=task.pk, annotation_id=annotation.pk), form)
    client = sign_in(user)
    client.post(at("next-task", project))
    page = client.get(at("label", project)).text
    assert "Look at C again." in page
    assert f'data-task="{task.pk}"' in page


def test_a_member_is_paused_and_goes_on(lead: Client, project: Project, sign_in: SignIn) -> None:
    user = make_member(project, username="ann")
    make_task(project)
    change = at("change-member", project, user_id=user.pk)
    lead.post(change, {"deed": "pause", "why": "Please call me."})
    page = lead.get(at("member", project, user_id=user.pk)).text
    assert "Please call me." in page
    assert "paused" in lead.get(at("people", project)).text
    assert "ann" in lead.get(at("overview", project)).text, "the lead is told where they look first"
    client = Client()
    client.force_login(user)
    client.post(at("next-task", project))
    assert "Your work is paused" in client.get(at("label", project)).text
    lead.post(change, {"deed": "resume"})
    client.post(at("next-task", project))
    assert "data-task" in client.get(at("label", project)).text
    lead.post(change, {"deed": "hold_out"})
    assert Membership.objects.get(user=user).held_out
    lead.post(change, {"deed": "remove"})
    assert Membership.objects.get(user=user).status == Status.REMOVED
    assert client.get(at("label", project)).status_code == 404


def test_a_reviewer_sees_whose_letters_are_whose_and_who_skipped(project: Project, sign_in: SignIn) -> None:
    task, reviewer = make_task(project), make_member(project, Role.REVIEWER)
    annotators = [make_member(project) for _n in range(6)]
    for annotator in annotators:
        rank(task, annotator, [1, 2, 3])
    other = next(one for one in annotators if shown_order(task, one, task.response_ids) != ours(task, reviewer))
    Skip.objects.create(task=task, user=make_member(project, username="ned"), reason="other", text="too long")
    page = sign_in(reviewer).get(at("task", project, task_id=task.pk)).text
    theirs = shown_order(task, other, task.response_ids)
    letters = [
        f"{'ABC'[place]} → {'ABC'[ours(task, reviewer).index(response)]}" for place, response in enumerate(theirs)
    ]
    assert f"<td>{' · '.join(letters)}</td>" in page
    assert "ned skipped it: Another reason – too long" in page


def ours(task: Task, reviewer: User) -> list[int]:
    return shown_order(task, reviewer, task.response_ids)


def test_a_lead_grades_what_was_written_in_the_exam(sign_in: SignIn) -> None:
    project = make_project(questions=DEMONSTRATION)
    lead, user = sign_in(make_member(project, Role.LEAD)), make_member(project)
    task = make_task(project)
    Gold.objects.create(task=task, project=project, order=task.response_ids, answers={}, in_exam=True)
    Project.objects.update(requires_exam=True)
    project.refresh_from_db()
    claim(project=project, user=user)
    submit(
        task=task,
        user=user,
        answers={"demonstration": "Dear Kim"},
        circumstances=Circumstances(uuid.uuid4()),
    )
    page = lead.get(at("member", project, user_id=user.pk)).text
    assert "Dear Kim" in page
    address = at("grade-member", project, user_id=user.pk, result_id=GoldResult.objects.get().pk)
    answer = lead.post(address, {"grade": "9"}, follow=True)
    assert "less than or equal to 7" in answer.text
    lead.post(address, {"grade": "7"})
    assert Membership.objects.get(user=user).exam == Exam.PASSED


def test_the_exam_over_http(project: Project, sign_in: SignIn) -> None:
    task, user = make_task(project), make_member(project)
    order = task.response_ids
    known = {"ranking": [1, 2, 3]}
    Gold.objects.create(task=task, project=project, order=order, answers=known, explanation="*Why*", in_exam=True)
    make_task(project)
    Project.objects.update(requires_exam=True)
    client = sign_in(user)
    assert client.get(at("label", project), follow=True).redirect_chain[-1][0] == at("exam", project)
    assert client.get(at("feedback", project, task_id=task.pk)).status_code == 404, "not before the answer"
    client.post(at("next-task", project))
    page = client.get(at("label", project)).text
    assert "a task of the exam" in page
    assert "Skip this task" not in page
    shown = shown_order(task, user, order)
    answers = {f"ranking.{place}": str(order.index(response) + 1) for place, response in enumerate(shown)}
    answer = client.post(at("submit-task", project, task_id=task.pk), answers, follow=True)
    assert "<em>Why</em>" in answer.text
    assert "See how the exam ended" in answer.text
    assert "You have passed" in client.get(at("exam", project)).text
    assert client.get(at("label-task", project, task_id=task.pk)).status_code == 302, "no second answer"
    client.post(at("next-task", project))
    assert "a task of the exam" not in client.get(at("label", project)).text
