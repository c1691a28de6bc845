"""How heavy is the labeling screen, how soon is it there, and how soon is the next task after Ctrl+Enter?

Real Chromium, headless, on the server as `manage.py run` starts it. The InstructGPT preset with four responses.
Compared with what is published of Label Studio 1.23's screen.

    .venv/bin/python -m benchmarks.screen
"""

import argparse
import os
import shutil
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from benchmarks.annotate import Annotator, make_annotators, make_project, web_server  # first: it sets Django up

# isort: split
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.table import Row, show
from config.embedded.holding import hold
from config.supervisor import probed
from labeling.projects.models import Project

LABEL_STUDIO = "Label Studio 1.23"
THEIR_REQUESTS, THEIR_KB, THEIR_NEXT_MS = 35, 7900, 540

RATINGS = "5432"
READY = """
new MutationObserver((_changes, observer) => {
  if (!document.querySelector("[data-ready]")) return;
  window.readyAt = performance.now();
  observer.disconnect();
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-ready"] });
"""
"""When keys and buttons are at work."""

WATCH = """
() => {
  const workplace = document.querySelector("[data-workplace]");
  const textOf = () => workplace.querySelector(".prompt .turn.last .rendered")?.textContent;
  let pressed, before;
  window.took = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey) return;
    pressed = event.timeStamp;
    before = textOf();
  }, { capture: true });
  new MutationObserver(() => {
    if (pressed === undefined || !textOf() || textOf() === before) return;
    const began = pressed;
    pressed = undefined;
    const stands = performance.now() - began;
    requestAnimationFrame(() => window.took.push([stands, performance.now() - began]));
  }).observe(workplace, { childList: true, subtree: true });
}
"""
"""Of every Ctrl+Enter: milliseconds until the next task's text stands in the document, and until it is to be drawn."""


@dataclass
class Traffic:
    """What a page fetched, as Chromium's network layer counts it: headers and compressed bodies."""

    addresses: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)

    def follow(self, page: Page) -> None:
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self.sent)
        session.on("Network.responseReceived", self.received)
        session.on("Network.loadingFinished", self.finished)
        session.send("Network.enable")

    def sent(self, event: dict[str, Any]) -> None:
        self.addresses[event["requestId"]] = event["request"]["url"]

    def received(self, event: dict[str, Any]) -> None:
        """The icon of the tab is on the page as well: what the cache has is asked of nobody."""
        if event["response"]["fromDiskCache"]:
            del self.addresses[event["requestId"]]

    def finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.addresses:
            self.sizes[event["requestId"]] = event["encodedDataLength"]

    @property
    def kilobytes(self) -> float:
        return sum(self.sizes.values()) / 1000


class Visit:
    """A browser that was never here, of somebody who is signed in and holds a task."""

    def __init__(self, browser: Browser, project: Project, port: int) -> None:
        (session,) = make_annotators(project, 1)
        person = Annotator(port, project, session)
        person.ask("POST", f"{person.base}next/")
        self.context = browser.new_context(base_url=f"http://localhost:{port}", viewport={"width": 1440, "height": 900})
        self.context.add_cookies([{"name": "sessionid", "value": session, "url": f"http://localhost:{port}"}])
        self.address = person.base
        self.page = self.context.new_page()

    def open(self) -> Page:
        self.page.goto(self.address)
        self.page.locator("[data-ready]").wait_for()
        self.page.wait_for_load_state("networkidle")
        return self.page

    def close(self) -> None:
        self.context.close()


def weigh(browser: Browser, project: Project, port: int) -> Iterator[Row]:
    visit, traffic = Visit(browser, project, port), Traffic()
    traffic.follow(visit.page)
    visit.open()
    visit.close()
    requests = len(traffic.addresses)
    yield Row("first visit", "requests", requests, "", LABEL_STUDIO, requests / THEIR_REQUESTS)
    yield Row("first visit", "transferred", traffic.kilobytes, "kB", LABEL_STUDIO, traffic.kilobytes / THEIR_KB)
    for request, address in traffic.addresses.items():
        yield Row("first visit", f"  {urlsplit(address).path}", traffic.sizes[request] / 1000, "kB")


def paint(browser: Browser, project: Project, port: int, times: int) -> Iterator[Row]:
    figures: dict[str, list[float]] = {"first contentful paint": [], "keys at work": []}
    for _time in range(times):
        visit = Visit(browser, project, port)
        visit.page.add_init_script(READY)
        page = visit.open()
        painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        figures["first contentful paint"].append(painted)
        figures["keys at work"].append(page.evaluate("window.readyAt"))
        visit.close()
    for metric, values in figures.items():
        yield Row("first visit", f"{metric}, median of {times}", statistics.median(values), "ms")
        yield Row("first visit", f"{metric}, slowest", max(values), "ms")


def go_on(browser: Browser, project: Project, port: int, tasks: int, *, hurried: bool) -> Iterator[Row]:
    """`hurried`: the keys of a task are pressed as soon as it is there, whether or not the one after it is at hand."""
    visit = Visit(browser, project, port)
    page = visit.open()
    page.evaluate(WATCH)
    for n in range(1, tasks + 1):
        for rating in RATINGS:
            page.keyboard.press(rating)
        page.keyboard.press("Control+Enter")
        page.wait_for_function("n => window.took.length === n", arg=n)
        if not hurried:
            page.wait_for_load_state("networkidle")
            page.wait_for_function("() => document.querySelector('[data-saved]').dataset.state === 'saved'")
    took = page.evaluate("window.took")
    visit.close()
    case = "Ctrl+Enter, in haste" if hurried else "Ctrl+Enter"
    for metric, number in (("text stands", 0), ("frame begins", 1)):
        sorted_ = sorted(one[number] for one in took)
        median, p95 = statistics.median(sorted_), sorted_[min(tasks - 1, tasks * 95 // 100)]
        yield Row(case, f"next task's {metric}, median of {tasks}", median, "ms", LABEL_STUDIO, median / THEIR_NEXT_MS)
        yield Row(case, f"next task's {metric}, p95", p95, "ms", LABEL_STUDIO, p95 / THEIR_NEXT_MS)


def measure(options: argparse.Namespace) -> Iterator[Row]:
    port = probed("127.0.0.1", 0)
    project = make_project(1000)
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    with web_server(port), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*quiet, *as_root])
        yield from weigh(browser, project, port)
        yield from paint(browser, project, port, options.loads)
        for hurried in (False, True):
            yield from go_on(browser, project, port, options.tasks, hurried=hurried)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--loads", type=int, default=15, help="first visits to take the time of")
    parser.add_argument("--tasks", type=int, default=30, help="tasks to submit")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread
    settings.FOLDERS.make()
    with hold("postgres", settings.FOLDERS), hold("valkey", settings.FOLDERS):
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        show(measure(options), as_json=options.json)


if __name__ == "__main__":
    main()
