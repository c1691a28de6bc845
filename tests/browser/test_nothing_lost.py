"""What is submitted stays in the browser until the server has it, whatever tab, page or answer comes in between."""

import re
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from labeling.assignment.gold import make_gold
from labeling.assignment.models import Seat
from labeling.collection.models import Annotation, Draft
from labeling.people.models import User
from labeling.projects.guidelines import write_guidelines
from labeling.projects.models import Membership, Project, Status
from labeling.projects.presets import ARENA, DEMONSTRATION, REFINEMENT
from labeling.projects.questions import Question
from tests.browser.conftest import sign_in
from tests.browser.desk import (
    COMMENT,
    AtWork,
    OpenPage,
    press,
    ready,
    status,
    until,
)
from tests.factories import make_member, make_project, make_task

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS_HERE = "Object.keys(localStorage).filter((key) => key.includes(':outbox'))"


@pytest.fixture
def on_purpose() -> tuple[str, ...]:
    return ("Failed to load resource",)


def preferences() -> list[str]:
    return sorted(answers["preference"] for answers in Annotation.objects.values_list("answers", flat=True))


def answer(page: Page, status: int) -> None:
    page.route("**/submit/", lambda route: route.fulfill(status=status, body="no"))


def sent_by(page: Page) -> list[dict[str, list[str]]]:
    """The fields of every submission, as they are sent."""
    found: list[dict[str, list[str]]] = []

    def note(request: Request) -> None:
        if request.url.endswith("/submit/"):
            found.append(parse_qs(request.post_data or ""))

    page.on("request", note)
    return found


@pytest.mark.parametrize(
    ("code", "said"),
    [
        *[(code, "The server does not take what waits here: 1") for code in (400, 403, 404, 409, 413)],
        *[(code, "wait here to be sent: 1") for code in (408, 429, 503, 207)],
    ],
)
def test_a_letter_stays_until_the_server_has_it(at_work: AtWork, code: int, said: str) -> None:
    page = at_work(ARENA, n_tasks=3)
    answer(page, code)
    press(page, "1", "Control+Enter")
    expect(status(page)).to_contain_text(said)
    expect(page.get_by_text("Kept in this browser when you sign out")).to_be_visible()
    assert len(page.evaluate(LETTERS_HERE)) == 1
    assert not Annotation.objects.exists()
    press(page, "2")
    with page.expect_response("**/draft/"):
        pass
    expect(status(page)).to_contain_text(said)  # a draft that is saved does not make it so
    page.unroute("**/submit/")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(status(page)).to_have_text(re.compile(r"What waited here has arrived\.|Saved"))
    expect(page.get_by_text("Kept in this browser when you sign out")).to_be_hidden()
    assert page.evaluate(LETTERS_HERE) == []
    assert preferences() == ["A"]


def test_what_the_server_does_not_take_holds_nothing_else_up(at_work: AtWork) -> None:
    page = at_work(ARENA, n_tasks=3)
    first = page.locator("[data-desk]").get_attribute("data-task")
    page.route(f"**/{first}/submit/", lambda route: route.fulfill(status=404))
    press(page, "1", "Control+Enter")
    expect(status(page)).to_contain_text("does not take")
    page.wait_for_load_state("networkidle")
    press(page, "2", "Control+Enter")
    until(page, lambda: preferences() == ["tie"])
    expect(status(page)).to_contain_text("does not take what waits here: 1")


def test_two_tabs_keep_each_other_s_letters(at_work: AtWork) -> None:
    page = at_work(ARENA, n_tasks=2)
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    page.context.route("**/*", lambda route: route.abort())
    press(page, "1", "Control+Enter")
    expect(status(page)).to_contain_text("wait here")
    press(other, "3", "Control+Enter")
    expect(status(other)).to_contain_text("wait here")
    press(page, "2", "Control+Enter")
    expect(page.get_by_text("It is submitted, and waits here")).to_be_visible()
    assert len(page.evaluate(LETTERS_HERE)) == 3
    page.context.unroute("**/*")
    for tab in (page, other):
        tab.evaluate("dispatchEvent(new Event('online'))")
    until(page, lambda: preferences() == ["A", "B", "tie"])
    page.wait_for_url("**/label/")
    expect(page.get_by_role("heading", name="All tasks are done")).to_be_visible()
    assert page.evaluate(LETTERS_HERE) == []


def test_two_tabs_do_not_send_one_letter_at_once(at_work: AtWork) -> None:
    page = at_work(ARENA, n_tasks=3)
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    answer(page, 503)
    press(page, "1", "Control+Enter")
    expect(status(page)).to_contain_text("wait here")
    page.unroute("**/submit/")
    sent = [sent_by(tab) for tab in (page, other)]
    for tab in (page, other):
        tab.evaluate("dispatchEvent(new Event('online'))")
    until(page, lambda: page.evaluate(LETTERS_HERE) == [])
    page.wait_for_timeout(300)
    assert [len(found) for found in sent] in ([1, 0], [0, 1])
    assert preferences() == ["A"]


def test_a_tab_goes_on_when_another_has_brought_its_letter(at_work: AtWork) -> None:
    page = at_work(ARENA)
    other = page.context.new_page()
    page.route("**/*", lambda route: route.abort())
    press(page, "1", "Control+Enter")
    expect(page.get_by_text("It is submitted, and waits here")).to_be_visible()
    page.unroute("**/submit/")
    answer(page, 503)
    other.goto("/")
    page.unroute("**/*")
    expect(page.get_by_role("heading", name="All tasks are done")).to_be_visible()
    assert preferences() == ["A"]


def test_without_locks_and_without_storage(at_work: AtWork) -> None:
    page = at_work(ARENA, n_tasks=2)
    page.add_init_script(
        "Object.defineProperty(navigator, 'locks', { value: undefined });"
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
    )
    page.reload()
    ready(page)
    page.route("**/*", lambda route: route.abort())
    press(page, "1", "Control+Enter")
    expect(status(page)).to_contain_text("wait here to be sent: 1")
    press(page, "2", "Control+Enter")
    expect(page.get_by_text("It is submitted, and waits here")).to_be_visible()
    page.unroute("**/*")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", name="All tasks are done")).to_be_visible()
    assert preferences() == ["A", "tie"]


def test_any_page_sends_what_waits(at_work: AtWork) -> None:
    page = at_work(ARENA)
    page.route("**/submit/", lambda route: route.abort())
    press(page, "1", "Control+Enter")
    expect(page.get_by_text("It is submitted, and waits here")).to_be_visible()
    Membership.objects.update(status=Status.PAUSED)
    Seat.objects.update(holder=None, leased_until=None, claimed_at=None)
    page.goto("/p/work/label/")
    expect(page.get_by_role("heading", name="Your work is paused")).to_be_visible()
    expect(status(page)).to_contain_text("wait here to be sent: 1")
    expect(page.get_by_text("Kept in this browser when you sign out")).to_be_visible()
    page.unroute("**/submit/")
    page.goto("/p/work/label/mine/")
    expect(status(page)).to_have_text("What waited here has arrived.")
    assert preferences() == ["A"]


def test_letters_are_their_writer_s(at_work: AtWork) -> None:
    page = at_work(ARENA)
    page.route("**/submit/", lambda route: route.abort())
    press(page, "1", "Control+Enter")
    expect(page.get_by_text("It is submitted, and waits here")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.unroute("**/submit/")
    make_member(Project.objects.get(), username="ben")
    sign_in(page, "ben", "correct horse")
    page.wait_for_load_state("networkidle")
    assert not Annotation.objects.exists()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "ann", "correct horse")
    until(page, lambda: preferences() == ["A"])
    assert Annotation.objects.get().seat.holder == User.objects.get(username="ann")


def test_refused_answers_are_a_draft_again(at_work: AtWork) -> None:
    page = at_work([*ARENA, COMMENT])
    page.get_by_label("Comment").fill("an hour of thought")
    page.wait_for_load_state("networkidle")
    page.route("**/submit/", lambda route: route.abort())
    press(page, "Control+Enter")  # no preference is given
    expect(page.get_by_text("It is submitted, and waits here")).to_be_visible()
    Draft.objects.all().delete()
    page.goto("/p/work/label/mine/")
    page.unroute("**/submit/")
    page.get_by_role("link", name="An answer was not accepted").click()
    expect(page.get_by_label("Comment")).to_have_value("an hour of thought")
    assert page.evaluate(LETTERS_HERE) == []
    assert not Annotation.objects.exists()


def test_the_header_names_what_is_on_the_page(at_work: AtWork) -> None:
    page = at_work(ARENA, n_tasks=3)
    answer(page, 503)
    press(page, "1", "Control+Enter")
    expect(status(page)).to_contain_text("wait here")
    page.wait_for_load_state("networkidle")
    page.unroute("**/submit/")
    shown = page.locator("[data-desk]").get_attribute("data-task")
    with page.expect_request("**/submit/") as sent:
        press(page, "2", "Control+Enter")
    named = sent.value.headers["x-ahead"].split(",")
    project = Project.objects.get()
    assert {int(task) for task in named} == set(project.tasks.order_by("pk").values_list("pk", flat=True)[:2])
    assert shown in named


def test_an_exam_answered_without_a_network(open_page: OpenPage, live_server: LiveServer) -> None:
    project = make_project("work", questions=DEMONSTRATION)
    task = make_task(project, n_responses=2)
    make_gold(task=task, order=task.response_ids, answers={}, in_exam=True)
    Project.objects.update(requires_exam=True)
    make_member(project, username="ann")
    page = open_page(live_server.url)
    sign_in(page, "ann", "correct horse")
    page.get_by_role("button", name="Begin the exam").click()
    ready(page)
    page.route("**/*", lambda route: route.abort())
    page.locator("textarea").first.fill("an hour of writing")
    press(page, "Control+Enter")
    page.wait_for_timeout(500)
    page.unroute("**/*")
    page.goto("/p/work/label/")
    expect(page.locator("textarea").first).to_have_value("an hour of writing")
    sent = sent_by(page)
    page.wait_for_load_state("networkidle")
    press(page, "Control+Enter")
    expect(page.get_by_role("heading", name="What is right, and why")).to_be_visible()
    assert Annotation.objects.get().answers["demonstration"] == "an hour of writing"
    assert 0 < int(sent[0]["wall_ms"][0]) < 60_000
    assert page.evaluate("Object.keys(localStorage)") == []


def test_wall_time_is_since_the_desk_was_shown(at_work: AtWork) -> None:
    page = at_work(ARENA, n_tasks=3)
    sent = sent_by(page)
    page.wait_for_timeout(1000)
    press(page, "1", "Control+Enter")
    expect(status(page)).to_have_text("Saved")
    page.wait_for_load_state("networkidle")
    press(page, "1", "Control+Enter")
    expect(page.locator(".own")).to_contain_text("2 in all")
    until(page, lambda: len(sent) == 2)
    first, second = (int(fields["wall_ms"][0]) for fields in sent)
    assert first >= 1000
    assert 0 < second < 10_000


def is_renewed(page: Page) -> None:
    task = int(page.locator("[data-desk]").get_attribute("data-task") or 0)

    def holds() -> bool:
        until_when = Seat.objects.values_list("leased_until", flat=True).get(task=task)
        return until_when is not None and until_when > timezone.now() + timedelta(minutes=3)

    until(page, holds)


def test_a_desk_that_is_shown_later_renews_its_seat(at_work: AtWork) -> None:
    page = at_work(ARENA, n_tasks=2)
    Seat.objects.held_by(User.objects.get(username="ann")).update(leased_until=timezone.now() + timedelta(minutes=1))
    press(page, "1", "Control+Enter")
    is_renewed(page)


def test_whoever_only_reads_keeps_the_seat(at_work: AtWork) -> None:
    page = at_work(ARENA)
    page.clock.install()
    page.reload()
    ready(page)

    def read(seconds: int) -> None:
        for _step in range(seconds // 30):
            page.clock.run_for(30_000)
            page.mouse.wheel(0, 10)

    begin = timezone.now() + timedelta(minutes=1)
    for seconds in (30, 5 * 60 + 30, 5 * 60 + 30):  # the page before may have said late that it was left
        Seat.objects.update(leased_until=begin)
        read(seconds)
        is_renewed(page)


def test_an_empty_line_at_the_beginning_stays(at_work: AtWork) -> None:
    page = at_work([*DEMONSTRATION, *REFINEMENT])
    texts = page.locator(".written textarea")
    assert texts.count() == 2
    for n in range(2):
        texts.nth(n).fill("\n\nbelow")
    expect(status(page)).to_have_text("Saved")
    page.evaluate("localStorage.clear()")
    page.reload()
    for n in range(2):
        expect(texts.nth(n)).to_have_value("\n\nbelow")


def test_a_task_taken_back_is_at_work_once(at_work: AtWork) -> None:
    flags = Question("flags", "flags", "Flags", options={"flags": {"bad": "Bad"}})
    required = Question("comment", "comment", "Comment", required=True)
    page = at_work([*ARENA, required, flags], n_tasks=3)

    def refuse(route: Route) -> None:
        route.fallback(post_data=re.sub("preference=[^&]*", "preference=", route.request.post_data or ""))

    page.route("**/submit/", refuse)
    press(page, "1")
    page.get_by_label("Comment").fill("x")
    press(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.unroute("**/submit/")
    press(page, "Escape", "1", "Control+Enter")
    expect(page.locator(".own")).to_contain_text("1 in all")
    assert page.locator(".response").first.locator(".check kbd").all_text_contents() == ["J"]


def test_what_the_tools_promise(at_work: AtWork) -> None:

    page = at_work(ARENA)
    write_guidelines(project=Project.objects.get(), text="Be fair")
    page.goto("/p/work/label/")
    page.get_by_role("button", name="I have read them").click()
    ready(page)
    link = page.locator("[aria-controls=guidelines]")
    expect(link).to_have_attribute("aria-expanded", "false")
    press(page, "Shift+G")
    expect(link).to_have_attribute("aria-expanded", "true")
    assert not page.get_by_role("toolbar").count()
