"""The labeling screen in a real browser: keyboard, dragging, and what cannot go wrong."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from labeling.assignment.order import shown_order
from labeling.collection.models import Annotation
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.questions import Question
from tests.browser.conftest import sign_in
from tests.factories import RANKING, make_member, make_project, make_task

pytestmark = pytest.mark.django_db(transaction=True)
OpenPage = Callable[..., Page]


QUESTIONS = [
    Question("overall", "likert", "Overall quality", options={"low": 1, "high": 7}),
    Question("flags", "flags", "Flags", options={"flags": {"hallucination": "Hallucination"}}),
    *RANKING,
    Question("comment", "comment", "Comment"),
]
"""Nothing but the ranking is required, so there is one stage only."""


@pytest.fixture
def project() -> Project:
    return make_project(questions=QUESTIONS)


@pytest.fixture
def annotator(project: Project) -> User:
    return make_member(project, username="ann")


@pytest.fixture
def page(project: Project, annotator: User, open_page: OpenPage, live_server: LiveServer) -> Page:
    for _n in range(2):
        make_task(project, n_responses=3)
    opened = open_page(live_server.url)
    sign_in(opened, "ann", "correct horse")
    expect(opened.locator(".response")).to_have_count(3)
    expect(opened.locator("[data-ready]")).to_be_visible()  # the script is there
    return opened


def row(page: Page, letter: str) -> Locator:
    return page.get_by_role("radiogroup", name=f"Rank of response {letter}")


def rank_of(page: Page, letter: str) -> str | None:
    checked = row(page, letter).locator("input:checked")
    return checked.get_attribute("value") if checked.count() else None


def ranks(page: Page) -> list[str | None]:
    return [rank_of(page, letter) for letter in "ABC"]


def submit(page: Page) -> None:
    page.get_by_role("button", name="Submit and go on").click()
    is_stored(page)


def is_stored(page: Page) -> None:
    expect(page.locator(".own")).to_contain_text("1 in all")
    expect(page.locator(".saved")).to_have_text("Saved")


def test_digits_rank_one_after_the_other(page: Page) -> None:
    for key in "2", "1", "2":
        page.keyboard.press(key)
    assert ranks(page) == ["2", "1", "2"]
    page.keyboard.press("Control+Enter")
    is_stored(page)
    assert Annotation.objects.get().answers["ranking"] == [2, 1, 2]
    assert ranks(page) == [None, None, None]


def test_letters_choose_whom_a_digit_ranks(page: Page) -> None:
    page.keyboard.press("c")
    page.keyboard.press("1")
    page.keyboard.press("c")
    page.keyboard.press("3")
    assert ranks(page) == [None, None, "3"]


def test_keys_mean_themselves_where_one_writes(page: Page) -> None:
    page.get_by_label("Comment").fill("")
    page.get_by_label("Comment").press_sequentially("b1 and c2")
    assert ranks(page) == [None, None, None]
    expect(page.get_by_label("Comment")).to_have_value("b1 and c2")


def test_keys_that_do_not_exist_do_nothing(page: Page) -> None:
    for key in "9", "z", "0", "Escape", "Enter":
        page.keyboard.press(key)
    assert ranks(page) == [None, None, None]


def drag(page: Page, grip: Locator, lane: Locator) -> None:
    start, end = grip.bounding_box(), lane.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=6)
    page.mouse.up()


def lane(page: Page, letter: str, rank: int) -> Locator:
    return row(page, letter).locator(".lane").nth(rank - 1)


def test_a_chip_is_dragged_to_a_rank_and_on_to_another(page: Page) -> None:
    drag(page, row(page, "A").locator(".tray"), lane(page, "A", 2))
    drag(page, page.locator(".response[data-letter=B] .chip"), lane(page, "B", 2))
    assert ranks(page) == ["2", "2", None]
    drag(page, lane(page, "A", 2).locator(".chip"), lane(page, "A", 3))
    drag(page, row(page, "C").locator(".tray"), lane(page, "C", 1))
    assert ranks(page) == ["3", "2", "1"]
    submit(page)
    assert Annotation.objects.get().answers["ranking"] == [3, 2, 1]


def test_a_chip_let_go_elsewhere_stays_where_it_was(page: Page) -> None:
    drag(page, row(page, "A").locator(".tray"), lane(page, "A", 2))
    drag(page, lane(page, "A", 2).locator(".chip"), page.locator(".prompt"))
    assert rank_of(page, "A") == "2"


def test_ranking_by_clicks_and_by_arrows(page: Page) -> None:
    lane(page, "A", 3).click()
    row(page, "B").locator("input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert ranks(page) == ["3", "2", None]


def test_what_is_missing_is_shown_and_nothing_is_lost(page: Page) -> None:
    page.keyboard.press("1")
    page.get_by_label("Comment").fill("a thought")
    page.locator(".response[data-letter=B]").get_by_role("radio", name="6").check(force=True)
    page.get_by_role("button", name="Submit and go on").click()
    expect(page.get_by_role("alert")).to_have_text("Rank the responses: Still without a rank: B, C.")
    assert ranks(page) == ["1", None, None]
    expect(page.get_by_label("Comment")).to_have_value("a thought")
    expect(page.locator(".response[data-letter=B]").get_by_role("radio", name="6")).to_be_checked()
    page.keyboard.press("2")
    page.keyboard.press("3")
    submit(page)
    assert Annotation.objects.get().answers["comment"] == "a thought"


def test_answers_go_with_the_responses_they_were_given_to(page: Page, project: Project, annotator: User) -> None:
    task = project.tasks.order_by("pk").first()
    assert task is not None
    texts = dict(task.candidates.values_list("response_id", "response__text"))
    order = shown_order(task, annotator, list(texts))
    assert page.locator(".response-text .rendered").all_inner_texts() == [texts[pk] for pk in order]
    page.locator(".response[data-letter=C]").get_by_role("radio", name="7").check(force=True)
    page.locator(".response[data-letter=A] summary").click()
    page.locator(".response[data-letter=A]").get_by_label("Hallucination").check()
    for key in "3", "2", "1":
        page.keyboard.press(key)
    submit(page)
    annotation = Annotation.objects.get()
    assert annotation.order == order
    assert annotation.answers["overall"] == [None, None, 7]
    assert annotation.answers["flags"]["hallucination"] == [True, False, False]


def test_a_double_click_on_submit_is_one_annotation(page: Page) -> None:
    for key in "1", "2", "3":
        page.keyboard.press(key)
    page.get_by_role("button", name="Submit and go on").dblclick()
    is_stored(page)
    assert Annotation.objects.count() == 1


def test_two_tabs_show_the_same_task(page: Page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    assert other.locator(".prompt").inner_text() == page.locator(".prompt").inner_text()


def test_a_task_opens_by_itself(
    project: Project, annotator: User, open_page: OpenPage, live_server: LiveServer
) -> None:
    opened = open_page(live_server.url)
    sign_in(opened, "ann", "correct horse")
    expect(opened.get_by_role("heading", name="There are no tasks yet")).to_be_visible()
    make_task(project)
    expect(opened.locator(".response")).to_have_count(3)


def test_without_javascript(project: Project, annotator: User, open_page: OpenPage, live_server: LiveServer) -> None:
    make_task(project)
    opened = open_page(live_server.url, java_script_enabled=False)
    sign_in(opened, "ann", "correct horse")
    opened.get_by_role("button", name="Look for a task").click()
    for letter, rank in zip("ABC", (2, 1, 2), strict=True):
        lane(opened, letter, rank).click()
    opened.get_by_role("button", name="Submit and go on").click()
    expect(opened.get_by_role("heading", name="Nothing is left")).to_be_visible()
    assert Annotation.objects.get().answers["ranking"] == [2, 1, 2]


@pytest.mark.parametrize("n_responses", [2, 3, 4, 5, 7, 9])
def test_nothing_is_out_of_reach(
    n_responses: int, project: Project, annotator: User, open_page: OpenPage, live_server: LiveServer
) -> None:
    """On a laptop the dock is always in view; nowhere does the page scroll sideways."""
    make_task(project, n_responses=n_responses)
    opened = open_page(live_server.url, viewport={"width": 1280, "height": 800})
    sign_in(opened, "ann", "correct horse")
    expect(opened.locator(".response")).to_have_count(n_responses)
    expect(opened.get_by_role("button", name="Submit and go on")).to_be_in_viewport(ratio=1)
    for width in (1280, 390):
        opened.set_viewport_size({"width": width, "height": 800})
        assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    opened.get_by_role("button", name="Submit and go on").scroll_into_view_if_needed()
    expect(opened.get_by_role("button", name="Submit and go on")).to_be_in_viewport(ratio=0.95)
