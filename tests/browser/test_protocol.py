"""The whole InstructGPT task by keyboard alone, every kind of question, and what must not be lost on the way."""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from labeling.assignment.claim import claim
from labeling.assignment.models import Seat, SeatKind, Skip, Task
from labeling.collection.models import Annotation, Draft
from labeling.collection.submit import Circumstances, submit
from labeling.people.models import User
from labeling.projects.guidelines import write_guidelines
from labeling.projects.models import Project
from labeling.projects.presets import ARENA, DEMONSTRATION, HELPSTEER2, HH, INSTRUCTGPT, LLAMA2, REFINEMENT
from labeling.projects.questions import Question
from tests.browser.conftest import sign_in
from tests.factories import make_member, make_project, make_prompt, make_task

pytestmark = pytest.mark.django_db(transaction=True)
OpenPage = Callable[..., Page]


@pytest.fixture
def at_work(open_page: OpenPage, live_server: LiveServer) -> Callable[..., Page]:
    """Opens the labeling page of a project with some tasks, as an annotator."""

    def open_it(questions: Sequence[Question], n_tasks: int = 1, n_responses: int = 4, **options: object) -> Page:
        project = make_project("work", questions=questions)
        for _n in range(n_tasks):
            if n_responses:
                make_task(project, n_responses=n_responses, overlap=1)
            else:
                add_task_without_responses(project)
        make_member(project, username="ann")
        opened = open_page(live_server.url, **options)
        sign_in(opened, "ann", "correct horse")
        expect(opened.locator("[data-ready]")).to_be_visible()
        return opened

    return open_it


def add_task_without_responses(project: Project) -> Task:
    from labeling.assignment.make_tasks import add_tasks

    instrument = project.current_instrument()
    assert instrument is not None
    (task,) = add_tasks(instrument=instrument, plan=None, drawn=[(make_prompt(project), [])], overlap=1)
    return task


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def expect_labeled(page: Page, n: int) -> None:
    expect(page.locator(".own")).to_contain_text(f"{n} in all")


def done(page: Page) -> None:
    expect(page.get_by_role("heading", name="All tasks are done")).to_be_visible()


def is_saved(page: Page) -> None:
    expect(page.locator(".saved")).to_have_text("Saved")


def test_the_instructgpt_task_by_keyboard_alone(at_work: Callable[..., Page]) -> None:
    page = at_work(INSTRUCTGPT)
    ranking = page.locator("[data-ranking]")
    expect(ranking).to_have_attribute("inert", "")
    expect(page.get_by_text("Rate every response first")).to_be_visible()
    press(page, "6", "3")
    press(page, "a", "j", "q")  # the first: fails to follow; denigrates
    press(page, "ArrowRight", "ArrowRight", "6", "2")
    expect(ranking).not_to_have_attribute("inert", "")
    # the ranking begins as the scores have it: A and C, then B, then D
    ranks = [page.locator(f"[role=radiogroup][data-letter={letter}] input:checked") for letter in "ABCD"]
    assert [rank.get_attribute("value") for rank in ranks] == ["1", "2", "1", "3"]
    press(page, "d", "1", "c", "2")
    expect(page.get_by_text("D is ranked above A")).to_have_count(0)
    expect(page.locator(".hint")).to_contain_text("is ranked above")
    press(page, "Shift+P", "m")  # the prompt is closed domain, so hallucination is asked
    press(page, "b", "l")
    press(page, "Shift+C")
    page.keyboard.type("b is made up, 9 of 10")
    press(page, "Control+Enter")
    done(page)
    answers = Annotation.objects.get().answers
    assert answers["overall"] == [6, 3, 6, 2]
    assert answers["ranking"] == [1, 2, 2, 1]
    assert answers["flags"]["fails_instruction"] == [True, False, False, False]
    assert answers["flags"]["hallucination"] == [False, True, False, False]
    assert "satisfies_constraint" not in answers["flags"]
    assert answers["prompt"]["closed_domain"] is True
    assert answers["comment"] == "b is made up, 9 of 10"


def test_hh_by_keyboard(at_work: Callable[..., Page]) -> None:
    page = at_work(HH, n_responses=2)
    press(page, "3", "Control+Enter")
    done(page)
    assert Annotation.objects.get().answers == {"helpful": "A2"}


def test_llama_2_by_keyboard(at_work: Callable[..., Page]) -> None:
    page = at_work(LLAMA2, n_responses=2)
    press(page, "8", "b", "j", "Control+Enter")
    done(page)
    assert Annotation.objects.get().answers == {"better": "B4", "safety": {"unsafe": [False, True]}}


def test_arena_by_keyboard(at_work: Callable[..., Page]) -> None:
    page = at_work(ARENA, n_responses=2)
    press(page, "4", "Control+Enter")
    done(page)
    assert Annotation.objects.get().answers == {"preference": "both_bad"}


def test_helpsteer_2_by_keyboard(at_work: Callable[..., Page]) -> None:
    page = at_work(HELPSTEER2, n_responses=2)
    press(page, *"0123443210")
    press(page, "ArrowUp", "a", "2")  # back to the first response: its verbosity
    press(page, "Control+Enter")
    done(page)
    answers = Annotation.objects.get().answers
    assert [answers[question.name] for question in HELPSTEER2] == [[0, 4], [1, 3], [2, 2], [3, 1], [2, 0]]


def test_a_demonstration(at_work: Callable[..., Page]) -> None:
    page = at_work(DEMONSTRATION, n_responses=0)
    page.get_by_label("Use case").select_option("chat")
    press(page, "Escape", "Tab")
    page.get_by_label("Write the ideal response").fill("Dear Kim,\n\nthank you.")
    press(page, "Control+Enter")
    done(page)
    assert Annotation.objects.get().answers == {"use_case": "chat", "demonstration": "Dear Kim,\n\nthank you."}


def test_a_refinement_shows_what_was_changed(at_work: Callable[..., Page]) -> None:
    page = at_work(REFINEMENT, n_responses=1)
    area = page.get_by_label("Edit the response")
    original = area.input_value()
    assert original.startswith("Response ")
    expect(page.locator("[data-changes]")).to_be_hidden()
    area.fill(original.replace("Response", "Reply"))
    expect(page.locator("[data-changes] del")).to_have_text("Response")
    expect(page.locator("[data-changes] ins")).to_have_text("Reply")
    press(page, "Control+Enter")
    done(page)
    assert Annotation.objects.get().answers["refinement"]["of"] == "A"


def test_differences_between_responses(at_work: Callable[..., Page]) -> None:
    page = at_work(INSTRUCTGPT, n_responses=2)
    press(page, "Shift+D")
    first, second = page.locator(".response").all()
    expect(second.locator("ins")).to_have_count(1)
    expect(first.locator("ins")).to_have_count(0)
    press(page, "b")
    expect(first.locator("ins")).to_have_count(1)
    press(page, "Shift+D")
    expect(page.locator("ins")).to_have_count(0)


def test_source_and_rendered_one_key_apart(at_work: Callable[..., Page]) -> None:
    page = at_work(INSTRUCTGPT)
    first = page.locator(".response").first
    expect(first.locator(".source")).to_be_hidden()
    press(page, "Shift+M")
    expect(first.locator(".source")).to_be_visible()
    expect(first.locator(".rendered")).to_be_hidden()


def test_a_long_text_is_enlarged_and_made_small_again(at_work: Callable[..., Page]) -> None:
    page = at_work(INSTRUCTGPT, viewport={"width": 1280, "height": 800})
    press(page, "b", "Shift+F")
    expect(page.locator(".response[data-letter=A]")).to_be_hidden()
    expect(page.locator(".response[data-letter=B]")).to_be_visible()
    press(page, "Escape")
    expect(page.locator(".response[data-letter=A]")).to_be_visible()


def test_the_next_task_is_at_hand(at_work: Callable[..., Page]) -> None:
    page = at_work(ARENA, n_tasks=3, n_responses=2)
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    prompts = set()
    for n in range(1, 4):
        prompts.add(page.locator(".prompt .turn.last .rendered").inner_text())
        expect(page.locator(".submit")).to_be_enabled()
        press(page, "1", "Control+Enter")
        if n < 3:
            expect_labeled(page, n)
    done(page)
    assert len(prompts) == 3
    assert Annotation.objects.count() == 3
    assert sum(address.endswith("/label/") for address in addresses) <= 1  # no page is loaded but the last


def test_what_is_begun_is_there_again(at_work: Callable[..., Page]) -> None:
    page = at_work(INSTRUCTGPT)
    press(page, "5", "4")
    page.get_by_label("Comment").fill("half a thought")
    is_saved(page)
    assert Draft.objects.get().answers["overall"] == ["5", "4", None, None]
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(page.get_by_label("Comment")).to_have_value("half a thought")
    expect(page.locator(".response[data-letter=B] input:checked")).to_have_value("4")


def test_offline_and_back(at_work: Callable[..., Page]) -> None:
    """The network goes while a task is open: work goes on with the task at hand, and everything arrives later."""
    page = at_work(ARENA, n_tasks=2, n_responses=2, service_workers="block")
    page.wait_for_function("document.querySelector('[data-ready]')")
    expect(page.locator(".submit")).to_be_enabled()
    page.wait_for_load_state("networkidle")
    page.route("**/*", lambda route: route.abort())
    press(page, "1", "Control+Enter")
    expect(page.locator(".saved")).to_contain_text("wait here to be sent: 1")
    expect_labeled(page, 1)
    press(page, "2", "Control+Enter")
    expect(page.locator(".saved")).to_contain_text("There is no network")
    assert not Annotation.objects.exists()
    page.unroute("**/*")
    page.evaluate("dispatchEvent(new Event('online'))")
    done(page)
    assert sorted(answers["preference"] for answers in Annotation.objects.values_list("answers", flat=True)) == [
        "A",
        "tie",
    ]


def test_a_draft_made_offline_survives_the_browser(at_work: Callable[..., Page]) -> None:
    page = at_work(INSTRUCTGPT)
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


def test_undo_edit_redo(at_work: Callable[..., Page]) -> None:
    page = at_work(ARENA, n_tasks=2, n_responses=2)
    press(page, "1", "Control+Enter")
    expect_labeled(page, 1)
    second = page.locator(".prompt .turn.last .rendered").inner_text()
    page.wait_for_load_state("networkidle")
    press(page, "Shift+Z")
    expect(page.get_by_text("You have submitted this task")).to_be_visible()
    expect(page.locator("input:checked[type=radio]")).to_have_value("A")
    press(page, "Shift+Y")
    expect(page.locator(".prompt .turn.last .rendered")).to_have_text(second)
    press(page, "Shift+Z")
    expect(page.get_by_text("You have submitted this task")).to_be_visible()
    press(page, "3", "Control+Enter")
    expect(page.locator(".prompt .turn.last .rendered")).to_have_text(second)
    first, revised = Annotation.objects.order_by("revision")
    assert (first.answers["preference"], first.is_current) == ("A", False)
    assert (revised.answers["preference"], revised.is_current) == ("B", True)
    assert Seat.objects.filter(submitted_at__isnull=False).count() == 1


def test_two_tabs_of_one_person(at_work: Callable[..., Page]) -> None:
    page = at_work(ARENA, n_responses=2)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("[data-ready]")).to_be_visible()
    press(page, "1", "Control+Enter")
    done(page)
    press(other, "3", "Control+Enter")
    done(other)
    assert [(one.revision, one.answers["preference"]) for one in Annotation.objects.order_by("revision")] == [
        (1, "A"),
        (2, "B"),
    ]


def test_a_seat_that_was_given_away_under_an_open_page(at_work: Callable[..., Page]) -> None:
    page = at_work(ARENA, n_responses=2)
    project = Project.objects.get()
    quick = make_member(project)
    Seat.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    seat = claim(project=project, user=quick)
    assert seat is not None
    press(page, "1")
    expect(page.locator(".saved")).to_contain_text("given to somebody else")
    submit(task=seat.task, user=quick, answers={"preference": "B"}, circumstances=Circumstances(uuid.uuid4()))
    press(page, "Control+Enter")
    done(page)
    assert Annotation.objects.counted().get().seat.holder == quick
    assert Annotation.objects.get(seat__kind=SeatKind.SURPLUS).answers == {"preference": "A"}


def test_two_people_never_get_one_seat(
    at_work: Callable[..., Page], open_page: OpenPage, live_server: LiveServer
) -> None:
    """By the same link, a reload, a bookmark or a direct address."""
    page = at_work(ARENA, n_responses=2)
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


def test_skipping(at_work: Callable[..., Page]) -> None:
    page = at_work(ARENA, n_tasks=2, n_responses=2)
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
    expect_labeled(page, 1)
    second = write_guidelines(project=project, text="# Be kind")
    for n in (2, 3):
        if page.get_by_text("The guidelines have changed").count():
            break
        page.wait_for_load_state("networkidle")
        press(page, "1", "Control+Enter")
        expect(page.locator("[data-today]").filter(has_text=str(n)).or_(page.locator(".lede, .notice"))).to_be_visible()
    expect(page.get_by_text("The guidelines have changed")).to_be_visible()
    page.get_by_role("button", name="I have read them").click()
    used = set(Annotation.objects.values_list("guideline", flat=True))
    assert first.pk in used
    assert used <= {first.pk, second.pk}


def test_keys_of_ones_own(at_work: Callable[..., Page]) -> None:
    page = at_work(INSTRUCTGPT)
    press(page, "?")
    sheet = page.get_by_role("dialog")
    sheet.locator("[data-rebind=source]").click()
    press(page, "Shift+P")  # is taken
    expect(sheet.get_by_text("That key does something else already")).to_be_visible()
    sheet.locator("[data-rebind=source]").click()
    with page.expect_response("**/keys/"):
        press(page, "F2")
    assert User.objects.get(username="ann").keys == {"source": "F2"}
    page.reload()
    expect(page.locator("[data-ready]")).to_be_visible()
    press(page, "F2")
    expect(page.locator(".response .source").first).to_be_visible()


def test_active_time_is_recorded(at_work: Callable[..., Page]) -> None:
    page = at_work(ARENA, n_responses=2)
    page.wait_for_function("() => new Promise((done) => setTimeout(() => done(true), 2100))")
    press(page, "1", "Control+Enter")
    done(page)
    annotation = Annotation.objects.get()
    assert annotation.active_ms is not None
    assert annotation.started_at is not None
    wall = (annotation.submitted_at - annotation.started_at).total_seconds() * 1000
    assert 1000 <= annotation.active_ms <= wall


def test_the_whole_task_without_javascript(open_page: OpenPage, live_server: LiveServer) -> None:
    project = make_project("work")
    make_task(project, n_responses=4, overlap=1)
    make_member(project, username="ann")
    page = open_page(live_server.url, java_script_enabled=False)
    sign_in(page, "ann", "correct horse")
    page.get_by_role("button", name="Look for a task").click()
    page.get_by_role("button", name="Submit and go on").click()
    expect(page.get_by_role("alert").first).to_contain_text("has no answer yet")
    for letter, value in zip("ABCD", "6362", strict=True):
        page.locator(f".response[data-letter={letter}] .segment").nth(int(value) - 1).click()
        page.locator(f"[role=radiogroup][data-letter={letter}] .lane").nth(int(value) % 4).click()
    page.get_by_label("Source").check(force=True)
    expect(page.locator(".response .source").first).to_be_visible()
    page.get_by_role("button", name="Submit and go on").click()
    done(page)
    assert Annotation.objects.get().answers["overall"] == [6, 3, 6, 2]


def test_blind_until_the_project_says_so(at_work: Callable[..., Page]) -> None:
    page = at_work(ARENA, n_responses=2)
    project = Project.objects.get()
    names = list(project.endpoints.values_list("name", flat=True))
    assert not any(name in page.content() for name in names)
    Project.objects.update(reveals_models=True)
    page.reload()
    assert all(name in page.content() for name in names)


def test_right_to_left_and_chinese_stand_as_they_should(open_page: OpenPage, live_server: LiveServer) -> None:
    project = make_project("work", questions=ARENA)
    prompt = make_prompt(project, "ما هي عاصمة فرنسا؟")
    make_task(project, prompt=prompt, texts=["باريس", "巴黎是法国的首都。"])
    make_member(project, username="ann")
    page = open_page(live_server.url)
    sign_in(page, "ann", "correct horse")
    direction = "element => getComputedStyle(element).direction"
    assert page.locator(".prompt .rendered").evaluate(direction) == "rtl"
    shown = page.locator(".response .rendered").all()
    directions = {one.inner_text().strip(): one.evaluate(direction) for one in shown}
    assert directions == {"باريس": "rtl", "巴黎是法国的首都。": "ltr"}
