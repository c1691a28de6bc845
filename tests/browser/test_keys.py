"""Keys answer the question that is marked, and rest while somebody writes."""

import re

import pytest
from playwright.sync_api import expect

from labeling.people.models import User
from labeling.projects.presets import ARENA, HELPSTEER2, HH, INSTRUCTGPT
from labeling.projects.questions import Question
from tests.browser.desk import (
    COMMENT,
    AtWork,
    press,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_digits_answer_the_question_that_is_marked(at_work: AtWork) -> None:
    page = at_work(HH)
    first, second = page.locator("[data-choices]").all()
    expect(first).to_have_class(re.compile("active"))
    expect(first.locator("kbd").first).to_be_visible()
    expect(second.locator("kbd").first).to_be_hidden()
    press(page, "1")
    expect(second).to_have_class(re.compile("active"))
    expect(first.locator("kbd").first).to_be_hidden()
    press(page, "8", "7")
    chosen = [group.locator("input:checked") for group in (first, second)]
    assert [radio.input_value() for radio in chosen] == ["A4", "B3"]
    press(page, "ArrowUp", "2")
    assert [radio.input_value() for radio in chosen] == ["A3", "B3"]
    first.locator("input:checked").focus()
    press(page, "3")
    assert [radio.input_value() for radio in chosen] == ["A2", "B3"]


def test_two_lists_of_flags_share_no_letter(at_work: AtWork) -> None:
    lists = [
        Question(name, "flags", name, options={"flags": {f"{name}{n}": f"{name} {n}" for n in range(10)}})
        for name in ("one", "two")
    ]
    page = at_work([*ARENA, *lists])
    for card in page.locator(".response").all():
        assert "".join(card.locator(".check kbd").all_text_contents()) == "JKLMNOPQRSTUVWXYZ"
    press(page, "a", "j", "b", "t")
    raised = page.locator(".flags input:checked")
    assert [box.get_attribute("name") for box in raised.all()] == ["one.one0.0", "two.two0.1"]
    second = page.locator(".response").first.locator(".flags").nth(1)
    second.locator("summary").focus()
    press(page, "Enter", *["Tab"] * 10, "Space")  # beyond Z a flag is reached as any box is
    expect(second.get_by_label("two 9")).to_be_checked()


@pytest.mark.parametrize(
    ("low", "high", "keys"),
    [
        (1, 10, {"7": "7", "0": "10"}),
        (0, 10, {"0": "0", "9": "9"}),
        (50, 60, {"1": "50", "0": "59"}),
        (4, 8, {"4": "4", "8": "8"}),
    ],
)
def test_every_value_of_a_scale_has_a_way(at_work: AtWork, low: int, high: int, keys: dict[str, str]) -> None:
    page = at_work([Question("q", "likert", "Quality", required=True, options={"low": low, "high": high})])
    scale = page.locator("[data-scale]").first
    for key, value in keys.items():
        press(page, "a")
        scale.locator("input").first.focus()
        press(page, key)
        expect(scale.locator("input:checked")).to_have_value(value)
    for label in scale.locator(".segment").all():
        digit, printed = label.get_attribute("data-digit"), label.locator("kbd").all_text_contents()
        assert printed == [digit] if digit and digit != label.locator("input").input_value() else not printed
    scale.locator("input:checked").focus()
    for _n in range(low, high + 1):
        if scale.locator("input:checked").input_value() == str(high):
            break
        press(page, "ArrowRight")
    expect(scale.locator("input:checked")).to_have_value(str(high))


def test_all_can_be_answered_with_tab_arrows_and_space(at_work: AtWork) -> None:
    page = at_work(HELPSTEER2)
    page.locator(".prompt").focus()
    for _n in range(80):
        press(page, "Tab")
        if page.evaluate("document.activeElement.matches('[data-scale] input')"):
            press(page, "Space", "ArrowRight")
    assert page.locator("[data-scale] input:checked").count() == 10


@pytest.mark.parametrize("key", [";", "Enter"])
def test_plain_keys_rest_while_one_writes(at_work: AtWork, key: str) -> None:
    page = at_work([*ARENA, COMMENT], n_tasks=2)
    press(page, "?")
    page.locator("[data-rebind=submit]").click()
    with page.expect_response("**/keys/"):
        press(page, key)
    press(page, "Escape", "1")
    page.get_by_label("Comment").click()
    press(page, "x", key, "y")
    expect(page.get_by_label("Comment")).to_have_value("x\ny" if key == "Enter" else "x;y")
    expect(page.locator(".own")).to_contain_text("0 in all")
    press(page, "Escape", key)
    expect(page.locator(".own")).to_contain_text("1 in all")


def test_composing_is_no_command(at_work: AtWork) -> None:
    page = at_work([*ARENA, COMMENT], n_tasks=2)
    press(page, "1")
    page.get_by_label("Comment").focus()
    dispatch = (
        "(isComposing) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        " { key: 'Enter', ctrlKey: true, isComposing, bubbles: true, cancelable: true }))"
    )
    page.evaluate(dispatch, True)
    expect(page.locator(".own")).to_contain_text("0 in all")
    page.evaluate(dispatch, False)
    expect(page.locator(".own")).to_contain_text("1 in all")


def test_keys_of_ones_own(at_work: AtWork) -> None:
    page = at_work(INSTRUCTGPT, n_responses=4)
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
