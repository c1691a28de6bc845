"""The report as a browser opens it from disk, without a server."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from evaluation.agreement.report import report_agreement
from evaluation.paper.html import as_html
from evaluation.paper.paper import paper
from evaluation.scores.report import report_scores
from tests.browser.desk import OpenPage
from tests.factories import RANKING, make_endpoint, make_member, make_project, make_task, rank

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_report_opens_from_disk(
    open_page: OpenPage, live_server: LiveServer, tmp_path: Path, check_accessibility: Callable[[Page], None]
) -> None:
    project = make_project(questions=RANKING)
    endpoints = [make_endpoint(project, name) for name in ("small", "large")]
    people = [make_member(project) for _n in range(2)]
    for ranks in ([1, 2], [2, 1], [2, 1]):
        task = make_task(project, endpoints)
        for person in people:
            rank(task, person, ranks)
    report_agreement(project=project)
    report_scores(project=project)
    file = tmp_path / "report.html"
    file.write_text(as_html(paper(project=project)))
    page = open_page(live_server.url, viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.goto(file.as_uri())
    page.get_by_role("link", name="Leaderboard").click()
    expect(page.get_by_role("heading", name="Leaderboard")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    check_accessibility(page)
