import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, expect
from pytest_django.live_server_helper import LiveServer

from labeling.projects.questions import Question
from tests.browser.desk import AtWork, OpenPage, ready
from tests.factories import make_member, make_project, make_task
from tests.in_flight import shut_the_door

LONGEST_WAIT = 20_000  # ms: other tests may have the cores
expect.set_options(timeout=LONGEST_WAIT)


@pytest.fixture(scope="session")
def playwright(playwright: Playwright) -> Iterator[Playwright]:
    """While its loop runs, Django has connections of its own for this thread, and nobody sees them afterwards."""
    yield playwright
    connections.close_all()


@pytest.fixture
def on_purpose() -> tuple[str, ...]:
    """What browsers may complain about: refused on purpose, and offline on purpose."""
    return ("410", "422", "ERR_FAILED")


@pytest.fixture
def open_page(browser: Browser, on_purpose: tuple[str, ...]) -> Iterator[Callable[..., Page]]:
    """A new browser context's page; whatever its console complains about fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []
    outstanding: set[Request] = set()

    def open_one(base_url: str, **options: Any) -> Page:
        context = browser.new_context(base_url=base_url, **options)
        contexts.append(context)
        context.on("request", lambda request: outstanding.add(request))
        for over in ("requestfinished", "requestfailed"):
            context.on(over, lambda request: outstanding.discard(request))
        page = context.new_page()
        page.set_default_timeout(LONGEST_WAIT)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        return page

    yield open_one
    deadline = time.monotonic() + 3
    while outstanding and time.monotonic() < deadline:
        contexts[0].pages[0].wait_for_timeout(10)
    for context in contexts:
        context.route("**/*", lambda route: route.abort())  # what a page says as it closes comes too late for the test
        context.close()
    shut_the_door()
    assert not [one for one in complaints if not any(word in one for word in on_purpose)], complaints


@pytest.fixture
def check_accessibility() -> Callable[[Page], None]:
    """axe finds nothing serious in the page as it is."""
    axe = Axe()

    def check(page: Page) -> None:
        violations = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        serious = [one for one in violations if one["impact"] in ("serious", "critical")]
        assert not serious, [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious]

    return check


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


@pytest.fixture
def prompts_file(tmp_path: Path) -> Path:
    file = tmp_path / "prompts.jsonl"
    file.write_text("\n".join(f'{{"prompt": "Describe the number {n}.", "language": "en"}}' for n in range(6)))
    return file


@pytest.fixture
def at_work(open_page: OpenPage, live_server: LiveServer) -> AtWork:
    """The labeling page of a project with some tasks, as an annotator, with the next one at hand if there is one."""

    def open_it(questions: Sequence[Question], n_tasks: int = 1, n_responses: int = 2, **options: object) -> Page:
        project = make_project("work", questions=questions)
        for _n in range(n_tasks):
            make_task(project, n_responses=n_responses, overlap=1)
        make_member(project, username="ann")
        opened = open_page(live_server.url, **options)
        sign_in(opened, "ann", "correct horse")
        ready(opened)
        return opened

    return open_it
