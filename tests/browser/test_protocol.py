"""The whole InstructGPT task by keyboard alone, every kind of question, and what must not be lost on the way."""

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from labeling.collection.models import Annotation
from labeling.projects.models import Project
from labeling.projects.presets import ARENA, DEMONSTRATION, HELPSTEER2, HH, INSTRUCTGPT, LLAMA2, REFINEMENT
from tests.browser.conftest import sign_in
from tests.browser.desk import AtWork, OpenPage, has_done_all, press
from tests.factories import make_member, make_project, make_prompt, make_task

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_instructgpt_task_by_keyboard_alone(at_work: AtWork) -> None:
    page = at_work(INSTRUCTGPT, n_responses=4)
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
    has_done_all(page)
    answers = Annotation.objects.get().answers
    assert answers["overall"] == [6, 3, 6, 2]
    assert answers["ranking"] == [1, 2, 2, 1]
    assert answers["flags"]["fails_instruction"] == [True, False, False, False]
    assert answers["flags"]["hallucination"] == [False, True, False, False]
    assert "satisfies_constraint" not in answers["flags"]
    assert answers["prompt"]["closed_domain"] is True
    assert answers["comment"] == "b is made up, 9 of 10"


def test_hh_by_keyboard(at_work: AtWork) -> None:
    page = at_work(HH)
    press(page, "3", "Control+Enter")
    has_done_all(page)
    assert Annotation.objects.get().answers == {"helpful": "A2"}


def test_llama_2_by_keyboard(at_work: AtWork) -> None:
    page = at_work(LLAMA2)
    press(page, "8", "b", "j", "Control+Enter")
    has_done_all(page)
    assert Annotation.objects.get().answers == {"better": "B4", "safety": {"unsafe": [False, True]}}


def test_arena_by_keyboard(at_work: AtWork) -> None:
    page = at_work(ARENA)
    press(page, "4", "Control+Enter")
    has_done_all(page)
    assert Annotation.objects.get().answers == {"preference": "both_bad"}


def test_helpsteer_2_by_keyboard(at_work: AtWork) -> None:
    page = at_work(HELPSTEER2)
    press(page, *"0123443210")
    press(page, "ArrowUp", "a", "2")  # back to the first response: its verbosity
    press(page, "Control+Enter")
    has_done_all(page)
    answers = Annotation.objects.get().answers
    assert [answers[question.name] for question in HELPSTEER2] == [[0, 4], [1, 3], [2, 2], [3, 1], [2, 0]]


def test_a_demonstration(at_work: AtWork) -> None:
    page = at_work(DEMONSTRATION, n_responses=0)
    page.get_by_label("Use case").select_option("chat")
    press(page, "Escape", "Tab")
    page.get_by_label("Write the ideal response").fill("Dear Kim,\n\nthank you.")
    press(page, "Control+Enter")
    has_done_all(page)
    assert Annotation.objects.get().answers == {"use_case": "chat", "demonstration": "Dear Kim,\n\nthank you."}


def test_a_refinement_shows_what_was_changed(at_work: AtWork) -> None:
    page = at_work(REFINEMENT, n_responses=1)
    area = page.get_by_label("Edit the response")
    original = area.input_value()
    assert original.startswith("Response ")
    expect(page.locator("[data-changes]")).to_be_hidden()
    area.fill(original.replace("Response", "Reply"))
    expect(page.locator("[data-changes] del")).to_have_text("Response")
    expect(page.locator("[data-changes] ins")).to_have_text("Reply")
    press(page, "Control+Enter")
    has_done_all(page)
    assert Annotation.objects.get().answers["refinement"]["of"] == "A"


def test_differences_between_responses(at_work: AtWork) -> None:
    page = at_work(INSTRUCTGPT)
    press(page, "Shift+D")
    first, second = page.locator(".response").all()
    expect(second.locator("ins")).to_have_count(1)
    expect(first.locator("ins")).to_have_count(0)
    press(page, "b")
    expect(first.locator("ins")).to_have_count(1)
    press(page, "Shift+D")
    expect(page.locator("ins")).to_have_count(0)


def test_source_and_rendered_one_key_apart(at_work: AtWork) -> None:
    page = at_work(INSTRUCTGPT, n_responses=4)
    first = page.locator(".response").first
    expect(first.locator(".source")).to_be_hidden()
    press(page, "Shift+M")
    expect(first.locator(".source")).to_be_visible()
    expect(first.locator(".rendered")).to_be_hidden()


def test_a_long_text_is_enlarged_and_made_small_again(at_work: AtWork) -> None:
    page = at_work(INSTRUCTGPT, n_responses=4, viewport={"width": 1280, "height": 800})
    press(page, "b", "Shift+F")
    expect(page.locator(".response[data-letter=A]")).to_be_hidden()
    expect(page.locator(".response[data-letter=B]")).to_be_visible()
    press(page, "Escape")
    expect(page.locator(".response[data-letter=A]")).to_be_visible()


def test_the_whole_task_without_javascript(open_page: OpenPage, live_server: LiveServer) -> None:
    project = make_project("work")
    make_task(project, n_responses=4, overlap=1)
    make_member(project, username="ann")
    page = open_page(live_server.url, java_script_enabled=False)
    sign_in(page, "ann", "correct horse")
    page.get_by_role("button", name="Look for a task").click()
    page.get_by_role("button", name="Submit and go on").click()
    expect(page.get_by_role("alert").first).to_contain_text("No answer yet")
    for letter, value in zip("ABCD", "6362", strict=True):
        page.locator(f".response[data-letter={letter}] .segment").nth(int(value) - 1).click()
        page.locator(f"[role=radiogroup][data-letter={letter}] .lane").nth(int(value) % 4).click()
    page.get_by_label("Source").check(force=True)
    expect(page.locator(".response .source").first).to_be_visible()
    page.get_by_role("button", name="Submit and go on").click()
    has_done_all(page)
    assert Annotation.objects.get().answers["overall"] == [6, 3, 6, 2]


def test_blind_until_the_project_says_so(at_work: AtWork) -> None:
    page = at_work(ARENA)
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


def test_a_ranking_against_the_ratings_is_pointed_out_and_can_be_begun_again(at_work: AtWork) -> None:
    page = at_work(INSTRUCTGPT, n_responses=3)
    press(page, "6", "3", "2")
    again, hint = page.get_by_role("button", name="Rank by the ratings again"), page.locator("[data-hint]")
    expect(again).to_be_hidden()
    press(page, "c", "1", "a", "2", "b", "2")
    expect(hint).to_have_text("C is ranked above A, B, which you rated higher.")
    again.click()
    expect(hint).to_have_text("")
    ranks = [page.locator(f"[role=radiogroup][data-letter={letter}] input:checked") for letter in "ABC"]
    assert [rank.get_attribute("value") for rank in ranks] == ["1", "2", "3"]
    expect(again).to_be_hidden()
    press(page, "Control+Enter")
    has_done_all(page)
    assert Annotation.objects.get().answers["ranking"] == [1, 2, 3]
