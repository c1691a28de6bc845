"""A new data set is previewed as it is being set up."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from labeling.projects.roles import Role
from tests.browser.conftest import sign_in
from tests.factories import make_endpoint, make_member, make_project, make_task, rank

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def on_purpose() -> tuple[str, ...]:
    return ("htmx:sendAbort", "htmx:afterRequest")


def test_a_preview_follows_the_settings(open_page: Callable[..., Page], live_server: LiveServer) -> None:
    project = make_project("graded")
    make_member(project, Role.LEAD, "lead")
    task = make_task(project, endpoints=[make_endpoint(project, name) for name in ("first", "second")])
    for first in (7, 7, 6):
        rank(task, make_member(project), [1, 2], overall=[first, 3])
    page = open_page(live_server.url, locale="en-US")
    sign_in(page, "lead", "correct horse")
    page.goto("/p/graded/datasets/new/")
    page.get_by_label("Margin").select_option("score")
    expect(page.locator(".first-rows td.number")).to_have_text("3.667")
    first_answer: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if first_answer:
            route.continue_()
        else:
            first_answer.append(route)

    page.route("**/datasets/new/?**", hold_the_first)
    page.get_by_label("Margin").select_option("strength")
    page.wait_for_selector(".asking.htmx-request")
    page.get_by_label("Ties").select_option("both")
    expect(page.locator(".first-rows td.number")).to_have_text("1")
    expect(page.get_by_label("Margin")).to_have_value("strength")
    expect(page.get_by_label("Ties")).to_have_value("both")
    first_answer.clear()
    page.get_by_label("Margin").select_option("score")
    page.wait_for_selector(".asking.htmx-request")
    page.get_by_label("Seed").press_sequentially("7")
    page.keyboard.press("Backspace")
    page.keyboard.press("Tab")
    expect(page.locator(".first-rows td.number").first).to_have_text("3.667")
    page.get_by_label("Validation split").fill("95")
    page.get_by_label("Validation split").blur()
    expect(page.get_by_text("less than or equal to 90")).to_be_visible()
    expect(page.get_by_role("button", name="Write it")).to_be_disabled()
