"""An exam is always a way in, or says that it is none: paused in its midst, known already, switched off, or empty."""

import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labeling.assignment.change_member import pause, resume
from labeling.assignment.claim import claim, claim_ahead
from labeling.assignment.gold import make_gold
from labeling.assignment.models import Seat, SeatKind, SkipReason, Task
from labeling.assignment.skip import skip
from labeling.audit import AuditEntry
from labeling.collection.gold_results import grade, retake_exam
from labeling.collection.models import GoldResult
from labeling.collection.submit import Circumstances, submit
from labeling.people.models import User
from labeling.projects.models import Exam, Membership, Project
from labeling.projects.presets import DEMONSTRATION
from labeling.projects.roles import Role
from tests.factories import RANKING, make_member, make_project, make_task, rank

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def exam_task(project: Project) -> Task:
    task = make_task(project)
    make_gold(task=task, order=task.response_ids, answers={"ranking": [1, 2, 3]}, in_exam=True, in_work=False)
    return task


def require_exam(project: Project, required: bool = True) -> None:
    Project.objects.update(requires_exam=required)
    project.refresh_from_db()


def member_of(project: Project, user: User) -> Membership:
    return Membership.objects.select_related("project", "user").get(project=project, user=user)


def answer(project: Project, user: User, ranks: list[int]) -> Seat:
    seat = claim(project=project, user=user)
    assert seat is not None
    rank(seat.task, user, ranks)
    return seat


def at(name: str, project: Project, **rows: int) -> str:
    return reverse(name, kwargs={"slug": project.slug, **rows})


@pytest.fixture
def project() -> Project:
    """Requires an exam of three tasks."""
    project = make_project(questions=RANKING)
    for _n in range(3):
        exam_task(project)
    require_exam(project)
    return project


def test_who_was_paused_in_mid_exam_goes_on_where_they_were(project: Project) -> None:
    user = make_member(project)
    answer(project, user, [1, 2, 3])
    before = claim(project=project, user=user)
    assert before is not None
    pause(membership=member_of(project, user), because="wait")
    assert claim(project=project, user=user) is None
    resume(membership=member_of(project, user))
    assert claim(project=project, user=user) == before
    for _n in range(2):
        assert member_of(project, user).exam == Exam.OPEN
        answer(project, user, [1, 2, 3])
    assert member_of(project, user).exam == Exam.PASSED


def test_a_second_try_is_of_the_whole_exam_and_of_what_was_added_since(project: Project) -> None:
    user = make_member(project)
    for _n in range(3):
        answer(project, user, [3, 2, 1])
    exam_task(project)
    retake_exam(membership=member_of(project, user), by=user)
    answered = set()
    while member_of(project, user).exam == Exam.OPEN:
        answered.add(answer(project, user, [1, 2, 3]).task_id)
    assert len(answered) == 4
    assert member_of(project, user).exam == Exam.PASSED


def test_gold_added_in_mid_exam_belongs_to_it(project: Project) -> None:
    user = make_member(project)
    answer(project, user, [1, 2, 3])
    exam_task(project)
    for _n in range(3):
        assert member_of(project, user).exam == Exam.OPEN
        answer(project, user, [1, 2, 3])
    assert member_of(project, user).exam == Exam.PASSED


def test_what_somebody_holds_stands_in_no_exams_way(sign_in: SignIn) -> None:
    project = make_project(questions=RANKING)
    task, user = make_task(project, overlap=1), make_member(project)
    assert claim(project=project, user=user) is not None
    make_gold(task=task, order=task.response_ids, answers={"ranking": [1, 2, 3]}, in_exam=True)
    require_exam(project)
    assert "It has 1 task" in sign_in(user).get(at("exam", project)).text
    seat = claim(project=project, user=user)
    assert seat is not None
    assert (seat.task, seat.kind) == (task, SeatKind.EXAM)


def test_who_knows_every_task_of_the_exam_is_told_and_a_lead_lets_them_in(sign_in: SignIn) -> None:
    project = make_project(questions=RANKING)
    user, lead = make_member(project), make_member(project, Role.LEAD)
    labeled, skipped = exam_task(project), exam_task(project)
    rank(labeled, user, [1, 2, 3])
    skip(task=skipped, user=user, reason=SkipReason.UNCLEAR)
    work = make_task(project)
    require_exam(project)
    assert claim(project=project, user=user) is None
    page = sign_in(user).get(at("exam", project)).text
    assert "There is no exam for you" in page
    assert "Begin the exam" not in page
    client = sign_in(lead)
    page = client.get(at("member", project, user_id=user.pk)).text
    assert "no task left to examine them with" in page
    assert "Let them work without an exam" in page
    client.post(at("change-member", project, user_id=user.pk), {"deed": "pass"})
    assert AuditEntry.objects.filter(action="exam.excused", actor=lead, project_id=project.pk).exists()
    seat = claim(project=project, user=user)
    assert seat is not None
    assert seat.task == work
    assert "Let them work" not in client.get(at("member", project, user_id=user.pk)).text


def test_an_exam_without_tasks_is_being_prepared_and_the_lead_sees_its_size(sign_in: SignIn) -> None:
    project = make_project(questions=RANKING)
    require_exam(project)
    assert "being prepared" in sign_in(make_member(project)).get(at("exam", project)).text
    client = sign_in(make_member(project, Role.LEAD))
    assert "It has no task yet" in client.get(at("project-settings", project)).text
    exam_task(project)
    exam_task(project)
    assert "It has 2 tasks." in client.get(at("project-settings", project)).text


def test_who_was_let_in_stays_in_when_their_exam_is_answered_or_graded(project: Project) -> None:
    user, lead = make_member(project), make_member(project, Role.LEAD)
    open_page = claim(project=project, user=user)
    assert open_page is not None
    client = Client()
    client.force_login(lead)
    client.post(at("change-member", project, user_id=user.pk), {"deed": "pass"})
    for seat in Seat.objects.exam_of(user):
        rank(seat.task, user, [3, 2, 1])
    assert member_of(project, user).exam == Exam.PASSED


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
def test_an_exam_that_is_switched_off_is_nobodys_work(again: bool, project: Project, sign_in: SignIn) -> None:
    user = make_member(project)
    answer(project, user, [3, 2, 1])
    if again:
        for _n in range(2):
            answer(project, user, [3, 2, 1])
        retake_exam(membership=member_of(project, user), by=user)
    assert claim(project=project, user=user) is not None
    work = [make_task(project) for _n in range(2)]
    require_exam(project, False)
    first = claim(project=project, user=user)
    assert first is not None
    assert (first.task, first.kind) == (work[0], SeatKind.COUNTED)
    assert f'data-task="{work[0].pk}"' in sign_in(user).get(at("label", project)).text
    second = claim_ahead(project=project, user=user, beside={first.task_id})
    assert second is not None
    assert second.task == work[1]
    require_exam(project)
    back = claim(project=project, user=user)
    assert back is not None
    assert back.kind == SeatKind.EXAM
    assert "a task of the exam" in sign_in(user).get(at("label", project)).text


def locks_of(queries: CaptureQueriesContext) -> list[str]:
    """In their order, what was locked or changed of members, and of what they sit at."""
    said = [query["sql"] for query in queries.captured_queries]
    taken = [sql for sql in said if "FOR NO KEY UPDATE" in sql or sql.startswith("UPDATE")]
    tables = ["labeling_membership", "labeling_seat", "labeling_task", "labeling_goldresult"]
    return [min((sql.find(table), table) for table in tables if table in sql)[1] for sql in taken]


def test_the_member_is_locked_before_what_they_sit_at() -> None:
    project = make_project(questions=DEMONSTRATION)
    task, user, lead = make_task(project), make_member(project), make_member(project, Role.LEAD)
    make_gold(task=task, order=task.response_ids, answers={}, in_exam=True)
    require_exam(project)
    claim(project=project, user=user)
    circumstances = Circumstances(uuid.uuid4())
    submit(task=task, user=user, answers={"demonstration": "Dear Kim"}, circumstances=circumstances)
    member, result = member_of(project, user), GoldResult.objects.select_related("annotation__seat").get()
    deeds: list[Callable[[], None]] = [
        lambda: grade(result=result, grade=2, by=lead),
        lambda: retake_exam(membership=member, by=lead),
        lambda: pause(membership=member),
    ]
    for deed in deeds:
        with CaptureQueriesContext(connection) as queries:
            deed()
        assert locks_of(queries)[0] == "labeling_membership"
