"""From one task to the next, back and on again, in two tabs, and while the network is gone."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from labeling.assignment.claim import claim
from labeling.assignment.models import Seat, SeatKind, Skip, Task
from labeling.collection.models import Annotation, Draft
from labeling.collection.submit import Circumstances, submit
from labeling.projects.guidelines import write_guidelines
from labeling.projects.models import Project
from labeling.projects.presets import ARENA, INSTRUCTGPT
from labeling.projects.questions import Question
from tests.browser.conftest import sign_in
from tests.browser.desk import COMMENT, AtWork, OpenPage, has_done_all, has_labeled, is_saved, press, ready
from tests.factories import make_member, make_project, make_task

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_next_task_is_at_hand(at_work: AtWork) -> None:
    page = at_work(ARENA, n_tasks=3)
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    prompts = set()
    for n in range(1, 4):
        prompts.add(page.locator(".prompt .turn.last .rendered").inner_text())
        expect(page.locator(".submit")).to_be_enabled()
        press(page, "1", "Control+Enter")
        if n < 3:
            has_labeled(page, n)
    has_done_all(page)
    assert len(prompts) == 3
    assert Annotation.objects.count() == 3
    assert sum(address.endswith("/label/") for address in addresses) <= 1  # no page is loaded but the last


def test_what_is_begun_is_there_again(at_work: AtWork) -> None:
    page = at_work(INSTRUCTGPT, n_responses=4)
    press(page, "5", "4")
    page.get_by_label("Comment").fill("half a thought")
    is_saved(page)
    assert Draft.objects.get().answers["overall"] == ["5", "4", None, None]
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(page.get_by_label("Comment")).to_have_value("half a thought")
    expect(page.locator(".response[data-letter=B] input:checked")).to_have_value("4")


def test_offline_and_back(at_work: AtWork) -> None:
    """The network goes while a task is open: work goes on with the task at hand, and everything arrives later."""
    page = at_work(ARENA, n_tasks=2, service_workers="block")
    page.wait_for_function("document.querySelector('[data-ready]')")
    expect(page.locator(".submit")).to_be_enabled()
    page.wait_for_load_state("networkidle")
    page.route("**/*", lambda route: route.abort())
    press(page, "1", "Control+Enter")
    expect(page.locator(".saved")).to_contain_text("wait here to be sent: 1")
    has_labeled(page, 1)
    press(page, "2", "Control+Enter")
    expect(page.get_by_text("It is submitted, and waits here")).to_be_visible()
    assert not Annotation.objects.exists()
    page.unroute("**/*")
    page.evaluate("dispatchEvent(new Event('online'))")
    has_done_all(page)
    assert sorted(answers["preference"] for answers in Annotation.objects.values_list("answers", flat=True)) == [
        "A",
        "tie",
    ]


def test_a_draft_made_offline_survives_the_browser(at_work: AtWork) -> None:
    page = at_work(INSTRUCTGPT, n_responses=4)
    page.wait_for_load_state("networkidle")
    page.route("**/draft/", lambda route: route.abort())
    page.get_by_label("Comment").fill("written on a train")
    expect(page.locator(".saved")).to_contain_text("Saved here")
    address = page.url
    page.goto("about:blank")
    page.unroute("**/draft/")
    page.goto(address)
    expect(page.get_by_label("Comment")).to_have_value("written on a train")
    is_saved(page)


def test_undo_edit_redo(at_work: AtWork) -> None:
    page = at_work(ARENA, n_tasks=2)
    press(page, "1", "Control+Enter")
    has_labeled(page, 1)
    second = page.locator(".prompt .turn.last .rendered").inner_text()
    press(page, "Shift+Z")
    expect(page.get_by_text("You have submitted this task.")).to_be_visible()
    expect(page.locator("input:checked[type=radio]")).to_have_value("A")
    press(page, "Shift+Y")
    expect(page.locator(".prompt .turn.last .rendered")).to_have_text(second)
    ready(page)
    press(page, "Shift+Z")
    expect(page.get_by_text("You have submitted this task.")).to_be_visible()
    press(page, "3", "Control+Enter")
    expect(page.locator(".prompt .turn.last .rendered")).to_have_text(second)
    first, revised = Annotation.objects.order_by("revision")
    assert (first.answers["preference"], first.is_current) == ("A", False)
    assert (revised.answers["preference"], revised.is_current) == ("B", True)
    assert Seat.objects.filter(submitted_at__isnull=False).count() == 1


def test_two_tabs_of_one_person(at_work: AtWork) -> None:
    page = at_work(ARENA)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("[data-ready]")).to_be_visible()
    press(page, "1", "Control+Enter")
    has_done_all(page)
    press(other, "3", "Control+Enter")
    has_done_all(other)
    assert [(one.revision, one.answers["preference"]) for one in Annotation.objects.order_by("revision")] == [
        (1, "A"),
        (2, "B"),
    ]


def test_a_seat_that_was_given_away_under_an_open_page(at_work: AtWork) -> None:
    page = at_work(ARENA)
    project = Project.objects.get()
    quick = make_member(project)
    Seat.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    seat = claim(project=project, user=quick)
    assert seat is not None
    press(page, "1")
    expect(page.locator(".saved")).to_contain_text("given to somebody else")
    submit(task=seat.task, user=quick, answers={"preference": "B"}, circumstances=Circumstances(uuid.uuid4()))
    press(page, "Control+Enter")
    has_done_all(page)
    assert Annotation.objects.counted().get().seat.holder == quick
    assert Annotation.objects.get(seat__kind=SeatKind.SURPLUS).answers == {"preference": "A"}


def test_two_people_never_get_one_seat(at_work: AtWork, open_page: OpenPage, live_server: LiveServer) -> None:
    """By the same link, a reload, a bookmark or a direct address."""
    page = at_work(ARENA)
    make_member(Project.objects.get(), username="ben")
    other = open_page(live_server.url)
    sign_in(other, "ben", "correct horse")
    task = Task.objects.get()
    for address in (page.url, f"/p/work/label/{task.pk}/", f"{page.url}?again"):
        other.goto(address)
        expect(other.get_by_role("heading", name="Nothing is left for you just now")).to_be_visible()
    page.reload()
    expect(page.locator(".response")).to_have_count(2)
    assert Seat.objects.count() == 1


def test_skipping(at_work: AtWork) -> None:
    page = at_work(ARENA, n_tasks=2)
    skipped = page.locator(".prompt .turn.last .rendered").inner_text()
    press(page, "Shift+S")
    page.get_by_label("Another reason").check()
    page.get_by_role("button", name="Skip this task").click()
    expect(page.get_by_text("Say what the reason is")).to_be_visible()
    page.get_by_label("In your words").fill("I wrote one of these")
    page.get_by_role("button", name="Skip this task").click()
    expect(page.locator(".prompt .turn.last .rendered")).not_to_have_text(skipped)
    assert Skip.objects.get().text == "I wrote one of these"
    press(page, "1", "Control+Enter")
    expect(page.get_by_role("heading", name="Nothing is left for you just now")).to_be_visible()


def test_guidelines_are_read_first_and_again_when_they_change(open_page: OpenPage, live_server: LiveServer) -> None:
    project = make_project("work", questions=ARENA)
    for _n in range(3):
        make_task(project, n_responses=2)
    make_member(project, username="ann")
    first = write_guidelines(project=project, text="# Be **fair**")
    page = open_page(live_server.url)
    sign_in(page, "ann", "correct horse")
    expect(page.get_by_text("Read this before your first task")).to_be_visible()
    page.get_by_role("button", name="I have read them").click()
    expect(page.locator("[data-ready]")).to_be_visible()
    press(page, "Shift+G")
    expect(page.locator("#guidelines strong")).to_have_text("fair")
    press(page, "1", "Control+Enter")
    has_labeled(page, 1)
    second = write_guidelines(project=project, text="# Be kind")
    for n in (2, 3):
        if page.get_by_text("The guidelines have changed").count():
            break
        page.wait_for_load_state("networkidle")
        press(page, "1", "Control+Enter")
        expect(
            page.locator("[data-today]").filter(has_text=str(n)).or_(page.get_by_text("The guidelines have changed"))
        ).to_be_visible()
    expect(page.get_by_text("The guidelines have changed")).to_be_visible()
    page.get_by_role("button", name="I have read them").click()
    used = set(Annotation.objects.values_list("guideline", flat=True))
    assert first.pk in used
    assert used <= {first.pk, second.pk}


def test_active_time_is_recorded(at_work: AtWork) -> None:
    page = at_work(ARENA)
    page.wait_for_function("() => new Promise((done) => setTimeout(() => done(true), 2100))")
    press(page, "1", "Control+Enter")
    has_done_all(page)
    annotation = Annotation.objects.get()
    assert annotation.active_ms is not None
    assert annotation.started_at is not None
    wall = (annotation.submitted_at - annotation.started_at).total_seconds() * 1000
    assert 1000 <= annotation.active_ms <= wall


def test_what_was_submitted_elsewhere_is_pointed_out(at_work: AtWork) -> None:
    """Before it is replaced: as the page is come back to, or as something is changed there."""
    page = at_work([*ARENA, COMMENT])
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    press(page, "1", "Control+Enter")
    has_done_all(page)
    notice = other.get_by_text("You have submitted this task elsewhere meanwhile")
    expect(notice).to_be_hidden()
    other.evaluate("dispatchEvent(new Event('focus'))")
    expect(notice).to_be_visible()
    press(other, "3")
    is_saved(other)
    expect(notice).to_be_visible()
    other.get_by_role("button", name="show what I submitted").click()
    ready(other)
    expect(other.locator("[data-choices] input:checked")).to_have_value("A")
    expect(notice).to_be_hidden()
    assert not Draft.objects.exists()


def test_changes_to_what_was_submitted_can_be_discarded(at_work: AtWork) -> None:
    page = at_work([*ARENA, COMMENT])
    task = page.locator("[data-desk]").get_attribute("data-task")
    press(page, "1", "Control+Enter")
    has_done_all(page)
    page.goto(f"/p/work/label/{task}/")
    discard = page.get_by_role("button", name="Discard the changes")
    expect(discard).to_be_hidden()
    page.get_by_label("Comment").fill("on second thought")
    is_saved(page)
    page.reload()
    expect(page.get_by_label("Comment")).to_have_value("on second thought")
    discard.click()
    expect(page.get_by_label("Comment")).to_have_value("")
    assert not Draft.objects.exists()
    assert Annotation.objects.get().answers == {"preference": "A"}


def test_what_is_missing_is_said_until_it_is_given(at_work: AtWork) -> None:
    required = Question("comment", "comment", "Comment", required=True)
    page = at_work([*ARENA, required])
    press(page, "Control+Enter")
    alerts = page.get_by_role("alert")
    expect(alerts).to_have_text([re.compile("No answer yet"), "Comment: No answer yet."])
    press(page, "1")
    expect(alerts).to_have_text(["Comment: No answer yet."])
    page.get_by_label("Comment").fill("x")
    expect(alerts).to_have_count(0)
    press(page, "Control+Enter")
    has_done_all(page)


def test_looking_at_a_draft_does_not_bring_it_back(at_work: AtWork) -> None:
    """A tab that shows a draft gets the focus after another has submitted the task."""
    page = at_work([*ARENA, COMMENT])
    page.get_by_label("Comment").fill("half a thought")
    is_saved(page)
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    expect(other.get_by_label("Comment")).to_have_value("half a thought")
    press(page, "Escape", "1", "Control+Enter")
    has_done_all(page)
    other.evaluate("dispatchEvent(new Event('focus'))")
    expect(other.get_by_text("You have submitted this task elsewhere meanwhile")).to_be_visible()
    assert not Draft.objects.exists()


def test_a_missing_ranking_is_said_until_the_ratings_give_it(at_work: AtWork) -> None:
    page = at_work(INSTRUCTGPT)
    press(page, "Control+Enter")
    alerts = page.get_by_role("alert")
    expect(alerts).to_have_count(2)
    press(page, "5")
    expect(alerts).to_have_count(2)
    press(page, "3")
    expect(alerts).to_have_count(0)
