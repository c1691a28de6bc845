"""A project of another tool is looked at and moved here, in a browser: the file is chosen once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from labeling.collection.models import Annotation
from labeling.projects.roles import Role
from tests.browser.conftest import sign_in
from tests.factories import make_member, make_project
from tests.labeling.collection.moving import exports

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_project_moves_here(
    open_page: Callable[..., Page],
    live_server: LiveServer,
    tmp_path: Path,
    check_accessibility: Callable[[Page], None],
) -> None:
    make_member(make_project("first"), Role.LEAD, "lena")
    (tmp_path / "export.json").write_bytes(exports.exported(exports.grading_export()))
    (tmp_path / "config.xml").write_text(exports.GRADING)
    page = open_page(live_server.url, viewport={"width": 390, "height": 844}, locale="en-US")
    sign_in(page, "lena", "correct horse")
    page.goto("/projects/new/")
    page.get_by_role("link", name="Or move one here").click()
    page.get_by_label("File").set_input_files(tmp_path / "export.json")
    page.get_by_label("Labeling configuration").set_input_files(tmp_path / "config.xml")
    page.get_by_role("button", name="See what is in it").click()
    expect(page.locator("#found .stats dd").first).to_have_text("2")
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Name").fill("Graded")
    page.get_by_label("Address").fill("first")
    page.get_by_role("button", name="Move it here").click()
    expect(page.locator("#found .error")).to_have_text("There is already a project at “first”.")
    page.get_by_label("Address").fill("graded")
    page.get_by_role("button", name="Move it here").click()
    page.wait_for_url("**/p/graded/")
    expect(page.locator(".messages")).to_contain_text("New here: tasks 2, annotations 2")
    assert Annotation.objects.count() == 2
