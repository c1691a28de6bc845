"""The exam, and the decision of a task people disagree on, in a browser and by keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from labeling.assignment.gold import make_gold
from labeling.assignment.models import Seat, SeatKind
from labeling.collection.models import Annotation
from labeling.projects.models import Exam, Membership, Project
from labeling.projects.roles import Role
from tests.browser.conftest import sign_in
from tests.factories import make_member, make_project, make_task, rank

pytestmark = pytest.mark.django_db(transaction=True)
OpenPage = Callable[..., Page]


def test_an_exam_with_explained_feedback_opens_the_work(
    open_page: OpenPage, live_server: LiveServer, check_accessibility: Callable[[Page], None]
) -> None:
    project = make_project("work")
    for _n in range(2):
        task = make_task(project, n_responses=2)
        known = {"overall": [4, 4], "ranking": [1, 1]}
        make_gold(task=task, order=task.response_ids, answers=known, explanation="Both **help**.", in_exam=True)
    make_task(project, n_responses=2)
    Project.objects.update(requires_exam=True)
    make_member(project, username="ann")
    page = open_page(live_server.url, viewport={"width": 1280, "height": 800})
    sign_in(page, "ann", "correct horse")
    expect(page.get_by_role("heading", name="First, a short exam")).to_be_visible()
    check_accessibility(page)
    page.get_by_role("button", name="Begin the exam").click()
    for last in (False, True):
        expect(page.locator("[data-ready]")).to_be_visible()
        page.keyboard.press("4")
        page.keyboard.press("4")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("heading", name="What is right, and why")).to_be_visible()
        expect(page.locator(".prose strong").first).to_have_text("help")
        check_accessibility(page)
        if not last:
            page.get_by_role("button", name="Go on with the exam").click()
    page.get_by_role("link", name="See how the exam ended").click()
    expect(page.get_by_role("heading", name="You have passed")).to_be_visible()
    assert Membership.objects.get(user__username="ann").exam == Exam.PASSED
    page.get_by_role("button", name="Begin to work").click()
    expect(page.locator("[data-ready]")).to_be_visible()
    expect(page.get_by_text("This is a task of the exam")).to_have_count(0)


def test_gold_among_the_work_looks_like_any_task(open_page: OpenPage, live_server: LiveServer) -> None:
    project = make_project("work")
    gold = make_task(project, n_responses=2)
    make_gold(task=gold, order=gold.response_ids, answers={"ranking": [1, 2]})
    other = make_task(project, n_responses=2)
    user = make_member(project, username="ann")
    attributes = "[...document.querySelectorAll('body *')].map((one) => one.tagName + one.getAttributeNames()).join()"
    seen = []
    for task, kind in ((gold, SeatKind.GOLD), (other, SeatKind.COUNTED)):
        Seat.objects.filter(holder=user).delete()
        Seat.objects.create(
            project=project, task=task, holder=user, kind=kind, leased_until="2999-01-01T00:00Z", claimed_at=None
        )
        page = open_page(live_server.url)
        sign_in(page, "ann", "correct horse")
        expect(page.locator("[data-ready]")).to_be_visible()
        page.wait_for_load_state("networkidle")
        seen.append(page.evaluate(attributes))
        assert "gold" not in page.content()
        page.goto("about:blank")  # it would claim its next task while the other is looked at
    assert seen[0] == seen[1]


def test_a_reviewer_decides_by_keyboard(
    open_page: OpenPage, live_server: LiveServer, check_accessibility: Callable[[Page], None]
) -> None:
    project = make_project("work")
    task = make_task(project, n_responses=2)
    for ranks in ([1, 2], [2, 1]):
        rank(task, make_member(project), ranks)
    make_member(project, Role.REVIEWER, "rita")
    page = open_page(live_server.url, viewport={"width": 1280, "height": 800})
    sign_in(page, "rita", "correct horse")
    page.goto("/p/work/review/")
    expect(page.get_by_text("100 %")).to_be_visible()
    page.locator("table a").click()
    check_accessibility(page)
    expect(page.locator(".split-row")).to_have_count(2)
    page.locator("h2#decide-title").click()
    for key in "63":
        page.keyboard.press(key)
    page.locator(".submit").click()
    expect(page.get_by_text("decided", exact=True)).to_be_visible()
    decision = Annotation.objects.final().get()
    assert decision.answers["overall"] == [6, 3]
    assert decision.answers["ranking"] == [1, 2]
    page.goto("/p/work/review/")
    expect(page.get_by_text("Nothing left to decide")).to_be_visible()
