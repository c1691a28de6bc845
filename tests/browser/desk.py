"""What tests do at the labeling page, and look for there."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from labeling.projects.questions import Question

AtWork = Callable[..., Page]
OpenPage = Callable[..., Page]

COMMENT = Question("comment", "comment", "Comment")


def ready(page: Page) -> None:
    expect(page.locator("[data-ready]")).to_be_visible()
    page.wait_for_load_state("networkidle")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def status(page: Page) -> Locator:
    return page.locator(".saved")


def is_saved(page: Page) -> None:
    expect(status(page)).to_have_text("Saved")


def has_labeled(page: Page, n: int) -> None:
    expect(page.locator(".own")).to_contain_text(f"{n} in all")


def has_done_all(page: Page) -> None:
    expect(page.get_by_role("heading", name="All tasks are done")).to_be_visible()


def until(page: Page, holds: Callable[[], bool]) -> None:
    for _n in range(100):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError(holds)
