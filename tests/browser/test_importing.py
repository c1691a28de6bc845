"""A lead brings files: what the page says of them changes as another format or column is chosen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from labeling.imports.brings import Brings
from labeling.imports.models import Import
from labeling.imports.run_import import order_import, run_import
from labeling.imports.understand import Understanding
from labeling.projects.roles import Role
from labeling.prompts.models import Prompt
from tests.browser.conftest import sign_in
from tests.factories import make_member, make_project

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "Question,Best answer,topic\n" + "\n".join(
    f'"What is {n}? 长提示 and averylongwordwithoutanyspacesthatgoesonandonandonandon",It is {n}.,maths'
    for n in range(12)
)
LOOKS = [
    {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
]


@pytest.mark.parametrize("look", LOOKS, ids=["wide-light", "narrow-dark"])
def test_bringing_a_table(
    look: dict[str, object],
    open_page: Callable[..., Page],
    live_server: LiveServer,
    check_accessibility: Callable[[Page], None],
) -> None:
    project = make_project("brought", questions=None)
    make_member(project, Role.LEAD, "lead")
    page = open_page(live_server.url, locale="en-US", **look)
    sign_in(page, "lead", "correct horse")
    page.goto("/p/brought/import/")
    settled(page, check_accessibility)
    file = {"name": "questions.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    page.get_by_label("Drop a file here").set_input_files(files=[file])
    page.get_by_role("button", name="Look into it").click()
    expect(page.get_by_text("Which column is what")).to_be_visible()
    page.wait_for_load_state()
    expect(page.get_by_text("It is 3.")).to_have_count(0)
    page.get_by_label("Reference").select_option("Best answer")
    expect(page.get_by_text("It is 3.")).to_be_visible()
    settled(page, check_accessibility)
    page.get_by_label("Format").select_option("alpaca")
    expect(page.get_by_text("either “prompt” or “messages”").first).to_be_visible()
    settled(page, check_accessibility)
    page.get_by_label("Format").select_option("columns")
    page.get_by_label("Reference").select_option("Best answer")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Being imported")).to_be_visible()
    settled(page, check_accessibility)
    run_import(import_id=Import.objects.get().pk)
    expect(page.get_by_text("Prompts imported: 12")).to_be_visible()
    settled(page, check_accessibility)
    assert set(Prompt.objects.values_list("reference", flat=True)) == {f"It is {n}." for n in range(12)}
    page.goto("/p/brought/import/")
    settled(page, check_accessibility)


def test_a_file_that_somebody_else_orders_meanwhile(open_page: Callable[..., Page], live_server: LiveServer) -> None:
    project = make_project("brought", questions=None)
    lead = make_member(project, Role.LEAD, "lead")
    page = open_page(live_server.url, locale="en-US")
    sign_in(page, "lead", "correct horse")
    page.goto("/p/brought/import/")
    file = {"name": "questions.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    page.get_by_label("Drop a file here").set_input_files(files=[file])
    page.get_by_role("button", name="Look into it").click()
    expect(page.get_by_text("Which column is what")).to_be_visible()
    kept = Import.objects.get()
    order_import(kept=kept, understanding=Understanding(Brings.PROMPTS, columns={"prompt": ["Question"]}), by=lead)
    page.get_by_label("Format").select_option("alpaca")
    expect(page.get_by_text("Being imported")).to_be_visible()
    run_import(import_id=kept.pk)
    expect(page.get_by_text("Prompts imported: 12")).to_be_visible()


def settled(page: Page, check_accessibility: Callable[[Page], None]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    check_accessibility(page)
