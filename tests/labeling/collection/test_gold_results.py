"""The exam before work, gold among it, and what follows from how people do."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.assignment.change_member import resume
from labeling.assignment.claim import claim, claim_ahead
from labeling.assignment.gold import drop_gold, make_gold
from labeling.assignment.models import Gold, Seat, SeatKind, SkipReason, Task
from labeling.assignment.skip import skip
from labeling.audit import AuditEntry
from labeling.collection.answers import reordered
from labeling.collection.gold_results import agreed_on, grade, marks_of, retake_exam
from labeling.collection.models import Annotation, GoldResult
from labeling.collection.submit import Circumstances, submit
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Exam, Membership, Project, Status
from labeling.projects.presets import DEMONSTRATION, HH, INSTRUCTGPT
from labeling.projects.questions import Question
from tests.factories import RANKING, make_member, make_project, make_task, rank

pytestmark = pytest.mark.django_db

N_GOLD = 4


def gold_task(project: Project, ranks: list[int], **use: bool) -> Task:
    task = make_task(project)
    make_gold(task=task, order=task.response_ids, answers={"ranking": ranks}, explanation="**Because**", **use)
    return task


def membership(project: Project, user: User) -> Membership:
    return Membership.objects.select_related("project", "user").get(project=project, user=user)


@pytest.fixture
def project() -> Project:
    """Requires an exam of four tasks."""
    project = make_project(questions=RANKING)
    for _n in range(N_GOLD):
        gold_task(project, [1, 2, 3], in_exam=True, in_work=False)
    Project.objects.update(requires_exam=True)
    project.refresh_from_db()
    make_task(project)
    return project


def take_exam(project: Project, user: User, said: list[list[int]]) -> None:
    for ranks in said:
        seat = claim(project=project, user=user)
        assert seat is not None
        assert seat.kind == SeatKind.EXAM
        rank(seat.task, user, ranks)


def test_who_agrees_with_what_is_known_passes_and_works(project: Project) -> None:
    user = make_member(project)
    take_exam(project, user, [[1, 2, 3]] * N_GOLD)
    assert membership(project, user).exam == Exam.PASSED
    (comparisons,) = [mark for mark in marks_of(project, user) if mark.gauge == "comparisons"]
    assert (comparisons.got, comparisons.needed) == (1.0, 0.75)
    seat = claim(project=project, user=user)
    assert seat is not None
    assert seat.kind == SeatKind.COUNTED


def test_who_does_not_gets_no_work_until_a_lead_lets_them_try_again(project: Project) -> None:
    user, lead = make_member(project), make_member(project)
    take_exam(project, user, [[3, 2, 1]] * 2 + [[1, 2, 3]] * 2)
    assert membership(project, user).exam == Exam.FAILED
    assert claim(project=project, user=user) is None
    assert claim_ahead(project=project, user=user, beside=[]) is None
    retake_exam(membership=membership(project, user), by=lead)
    take_exam(project, user, [[1, 2, 3]] * N_GOLD)
    assert membership(project, user).exam == Exam.PASSED
    assert Annotation.objects.filter(seat__kind=SeatKind.EXAM).count() == 2 * N_GOLD, "the first try is kept"


def test_the_soft_cut_of_three_quarters_is_of_pairs(project: Project) -> None:
    """Nine pairs of twelve: [2, 1, 3] has one pair of three wrong."""
    user = make_member(project)
    take_exam(project, user, [[2, 1, 3]] * 3 + [[1, 2, 3]])
    assert membership(project, user).exam == Exam.PASSED
    other = make_member(project)
    take_exam(project, other, [[2, 1, 3]] * 4)
    assert membership(project, other).exam == Exam.FAILED


def test_an_answer_of_the_exam_counts_as_it_was_first_given(project: Project) -> None:
    user = make_member(project)
    seat = claim(project=project, user=user)
    assert seat is not None
    rank(seat.task, user, [3, 2, 1])
    with pytest.raises(Refused, match="first given"):
        rank(seat.task, user, [1, 2, 3])
    with pytest.raises(Refused, match="cannot be skipped"):
        skip(task=claim(project=project, user=user).task, user=user, reason=SkipReason.UNCLEAR)  # type: ignore[union-attr]
    assert Annotation.objects.count() == 1


def test_the_exam_is_not_counted_and_takes_no_seats(project: Project) -> None:
    take_exam(project, make_member(project), [[1, 2, 3]] * N_GOLD)
    assert not Annotation.objects.counted().exists()
    assert not Annotation.objects.final().exists()
    assert Seat.objects.counted().count() == 3, "those of the one task that is no gold"


def test_who_reviews_needs_no_exam(project: Project) -> None:
    reviewer = make_member(project)
    Membership.objects.filter(user=reviewer).update(role="reviewer")
    seat = claim(project=project, user=reviewer)
    assert seat is not None
    assert seat.kind == SeatKind.COUNTED


def test_what_is_written_in_an_exam_waits_for_its_grade() -> None:
    project = make_project(questions=DEMONSTRATION)
    lead, user, other = (make_member(project) for _n in range(3))
    for _n in range(2):
        task = make_task(project)
        make_gold(task=task, order=task.response_ids, answers={}, in_exam=True)
    Project.objects.update(requires_exam=True)
    project.refresh_from_db()
    for person, grades, outcome in ((user, [6, 7], Exam.PASSED), (other, [5, 6], Exam.FAILED)):
        for _n in range(2):
            seat = claim(project=project, user=person)
            assert seat is not None
            answers = {"demonstration": "Dear Kim"}
            submit(task=seat.task, user=person, answers=answers, circumstances=Circumstances(uuid.uuid4()))
        results = GoldResult.objects.filter(annotation__seat__holder=person).order_by("pk")
        for result, given_ in zip(results, grades, strict=True):
            assert membership(project, person).exam == Exam.WAITING
            grade(result=result, grade=given_, by=lead)
        assert membership(project, person).exam == outcome


def make_golds(n: int, **standards: float) -> Project:
    project = make_project(questions=RANKING)
    for _n in range(n):
        gold_task(project, [1, 2, 3])
    for _n in range(3 * n):
        make_task(project)
    Project.objects.update(**standards)
    project.refresh_from_db()
    return project


def work(project: Project, user: User, ranks: list[int], n: int) -> list[SeatKind]:
    kinds = []
    for _n in range(n):
        if (seat := claim(project=project, user=user)) is None:
            break
        kinds.append(SeatKind(seat.kind))
        rank(seat.task, user, ranks)
    return kinds


def test_gold_comes_among_the_work_at_its_rate() -> None:
    project = make_golds(20, gold_rate=0.3)
    kinds = work(project, make_member(project), [1, 2, 3], 60)
    assert 8 <= kinds.count(SeatKind.GOLD) <= 20
    assert len(set(kinds[:20])) == 2, "mixed"


def test_no_gold_comes_twice_to_anybody_nor_after_it_is_no_gold_any_more() -> None:
    project = make_golds(2, gold_rate=0.5)
    for _n in range(40):
        make_task(project)
    user = make_member(project)
    drop_gold(task=Gold.objects.first().task)  # type: ignore[union-attr]
    assert work(project, user, [1, 2, 3], 100).count(SeatKind.GOLD) == 1


def test_who_keeps_missing_gold_is_paused_and_the_lead_is_told() -> None:
    project = make_golds(10, gold_rate=0.5, gold_threshold=0.6, gold_after=3)
    good, poor = make_member(project), make_member(project)
    work(project, good, [1, 2, 3], 30)
    assert membership(project, good).status == Status.ACTIVE
    kinds = work(project, poor, [3, 2, 1], 30)
    assert kinds.count(SeatKind.GOLD) == 3, "not before three golds, and not after"
    found = membership(project, poor)
    assert found.status == Status.PAUSED
    assert found.paused_at == 0
    assert found.why_paused.startswith("Agreement with known answers is 0 %")
    assert AuditEntry.objects.filter(action="member.paused", project_id=project.pk).count() == 1
    assert claim(project=project, user=poor) is None


def test_who_is_let_go_on_is_judged_by_what_they_do_from_then_on() -> None:
    project = make_golds(12, gold_rate=0.5, gold_threshold=0.6, gold_after=3)
    user = make_member(project)
    work(project, user, [3, 2, 1], 60)
    resume(membership=membership(project, user))
    kinds = []
    while SeatKind.GOLD not in kinds:
        kinds += work(project, user, [1, 2, 3], 1)
    old = Seat.objects.filter(holder=user, kind=SeatKind.GOLD).order_by("submitted_at")[0]
    rank(old.task, user, [3, 1, 2])
    assert membership(project, user).status == Status.ACTIVE, "an old answer revised is an old answer"
    while kinds.count(SeatKind.GOLD) < 3:
        kinds += work(project, user, [1, 2, 3], 1)
    assert membership(project, user).status == Status.ACTIVE
    again = work(project, user, [3, 2, 1], 60)
    assert again.count(SeatKind.GOLD) == 3, "right three times, then wrong three times"
    assert membership(project, user).paused_at == 0.5


def test_the_known_answer_counts_whatever_the_order_shown() -> None:
    project = make_project(questions=INSTRUCTGPT)
    task = make_task(project)
    known = {"ranking": [1, 2, 3], "overall": [7, 4, 1], "flags": {"fails_instruction": [False, True, None]}}
    make_gold(task=task, order=task.response_ids, answers=known)
    user = make_member(project)
    Project.objects.update(gold_rate=0.5)
    project.refresh_from_db()
    seat = None
    while seat is None:  # drawn, so asked for until it comes
        seat = claim(project=project, user=user)
        user = make_member(project) if seat is None else user
    rank(task, user, [1, 2, 3], overall=[6, 4, 3], flags={"fails_instruction": [True, True, True]})
    result = GoldResult.objects.get()
    assert result.agreed == {"comparisons": [3, 3], "ratings": [2, 3], "flags": [1, 2]}


@given(st.permutations(range(3)), st.lists(st.integers(1, 3), min_size=3, max_size=3))
def test_reordering_there_and_back_changes_nothing(order: list[int], ranks: list[int]) -> None:
    questions = [Question("ranking", "ranking", "")]
    given_ = {"ranking": ranks}
    there = reordered(questions, given_, [0, 1, 2], order)
    assert reordered(questions, there, order, [0, 1, 2]) == given_
    assert agreed_on(questions, given_, given_) == {"comparisons": (3, 3)}


def test_preferences_turn_with_the_order() -> None:
    said = {"helpful": "A3", "harmless": "B1"}
    assert reordered(HH, said, [1, 2], [2, 1]) == {"helpful": "B3", "harmless": "A1"}
    assert reordered(HH, said, [1, 2], [1, 2]) == said
