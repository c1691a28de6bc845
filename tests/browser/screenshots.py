"""Every screen as a picture for the documents: `pytest -n 0 tests/browser/screenshots.py` writes them."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from evaluation.datasets.models import Snapshot
from labeling.assignment.models import Task
from labeling.imports.models import Import
from labeling.people.models import User
from labeling.projects.presets import ARENA
from tests.browser import elsewhere, material, scene
from tests.embedded import ROOT
from tests.factories import rank

pytestmark = pytest.mark.django_db(transaction=True)
OpenPage = Callable[..., Page]
Browse = Callable[[str], Page]
Shoot = Callable[[Page, str], None]

FOLDER = ROOT / "docs" / "images" / "screens"
WIDTHS = {"wide": (1280, 800), "narrow": (390, 844)}
LOOKS = [("wide", "light", "en"), ("wide", "dark", "zh"), ("narrow", "light", "zh"), ("narrow", "dark", "en")]
"""Every two of width, colours and language meet once."""


@pytest.fixture
def on_purpose() -> tuple[str, ...]:
    return ("404", "410")


@pytest.fixture
def here() -> scene.Scene:
    return scene.set_up()


@pytest.fixture(params=LOOKS, ids="-".join)
def browse(request: pytest.FixtureRequest, open_page: OpenPage, live_server: LiveServer) -> Browse:
    """Opens the browser of somebody, who is signed in if they have a name."""
    width, scheme, language = request.param
    size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    look = {"viewport": size, "color_scheme": scheme, "locale": {"en": "en-US", "zh": "zh-CN"}[language]}
    look |= {"has_touch": width == "narrow", "is_mobile": width == "narrow"}

    def opened(username: str = "") -> Page:
        page = open_page(live_server.url, **look)
        if username:
            page.goto("/sign-in/")
            page.locator("[name=username]").fill(username)
            page.locator("[name=password]").fill("correct horse")
            page.locator("main button").click()
            page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    opened.look = "-".join(request.param)  # type: ignore[attr-defined]
    return opened


@pytest.fixture
def shoot(browse: Browse) -> Shoot:
    look: str = browse.look  # type: ignore[attr-defined]

    def take(page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        page.evaluate("scrollTo(0, 0)")
        size = page.viewport_size
        assert size is not None
        # a picture of more than is in view is taken without touch
        if name in WHOLE or ("narrow" in look and name not in IN_VIEW):
            height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
            page.set_viewport_size({"width": size["width"], "height": height})
        picture = Image.open(io.BytesIO(page.screenshot()))
        page.set_viewport_size(size)
        FOLDER.mkdir(parents=True, exist_ok=True)
        picture.save(Path(FOLDER) / f"{name}-{look}.webp", quality=70, method=6)

    return take


TALLEST = 2400
IN_VIEW = {"label-keys", "label-guidelines"}
"""Narrow ones of which the rest is covered, or too much; all others are photographed from top to bottom."""

WHOLE = {
    *["agreement", "scores", "score-samples", "enough", "progress"],
    *["import-look", "data", "held-prompts", "move-found", "new-dataset", "dataset"],
}
"""From top to bottom when wide, too."""

LEADS = {
    "overview": "", "prompts": "prompts/", "tasks": "tasks/", "questions": "questions/",
    "guidelines": "guidelines/", "people": "people/", "review": "review/", "settings": "settings/",
}  # fmt: skip


def test_what_leads_see(here: scene.Scene, browse: Browse, shoot: Shoot) -> None:
    scene.label(here)
    scene.review(here)
    scene.qualify(here)
    scene.invite(here)
    page = browse("lead")
    page.goto("/")
    shoot(page, "home")
    page.goto("/projects/new/")
    shoot(page, "new-project")
    for name, address in LEADS.items():
        page.goto(f"/p/quality/{address}")
        shoot(page, name)
    run = scene.generate(here.project)
    for name, address in {
        "responses": "",
        "run": f"runs/{run.pk}/",
        "run-failed": f"runs/{run.pk}/?shelf=failed",
        "endpoint": f"endpoints/{run.parts.earliest('pk').params.endpoint_id}/",
        "new-endpoint": "endpoints/new/",
        "new-server": "endpoints/new/?provider=openai",
    }.items():
        page.goto(f"/p/quality/responses/{address}")
        shoot(page, name)
    page.goto("/p/quality/responses/runs/new/")
    page.locator("input[name$=samples]").first.fill("4")
    page.locator("input[name$=temperatures]").first.fill("0.7, 1")
    page.locator(".facts").wait_for()
    shoot(page, "new-run")
    page.goto(f"/p/quality/tasks/{here.tasks[0].pk}/?shelf=disagreed")
    shoot(page, "task")
    page.goto(f"/p/quality/people/{User.objects.get(username='ben').pk}/")
    shoot(page, "member")


def test_what_figures_look_like(browse: Browse, shoot: Shoot) -> None:
    scene.measured_project()
    page = browse("lea-d")
    for name, address in FIGURES.items():
        page.goto(address)
        shoot(page, name)


FIGURES = {
    "agreement": "/p/figures/agreement/",
    "scores": "/p/figures/scores/",
    "score-samples": f"/p/figures/scores/samples/?score=win_rate&first={scene.ENDPOINTS[0]}",
    "enough": "/p/figures/enough/",
    "progress": "/p/figures/progress/",
    "tokens": "/tokens/",
    "interface": "/api/v1/docs/",
}


def test_what_is_brought(browse: Browse, shoot: Shoot, tmp_path: Path) -> None:
    project = material.help_desk()
    page = browse("lead")
    page.goto("/p/helpdesk/import/")
    file = {"name": material.TABLE_NAME, "mimeType": "text/csv", "buffer": material.table()}
    page.locator("[name=file]").set_input_files(files=[file])
    page.locator(".upload .primary").click()
    page.locator("#look").wait_for()
    shoot(page, "import-look")
    under_way = material.being_imported(project)
    page.goto("/p/helpdesk/import/")
    shoot(page, "imports")
    page.goto(f"/p/helpdesk/import/{under_way.pk}/")
    shoot(page, "import-under-way")
    for name, file_name in ("import-done", "questions-2025.jsonl"), ("import-refused", "phone-notes.csv"):
        page.goto(f"/p/helpdesk/import/{Import.objects.get(name=file_name).pk}/")
        shoot(page, name)
    page.goto("/p/helpdesk/data/")
    shoot(page, "data")
    page.goto("/p/helpdesk/prompts/held/")
    shoot(page, "held-prompts")
    page.goto("/projects/move/")
    export, config = elsewhere.files(tmp_path)
    page.locator("[name=file]").set_input_files(export)
    page.locator("[name=config]").set_input_files(config)
    shoot(page, "move")
    page.locator("#moving .primary").click()
    page.locator("#found .stats").wait_for()
    shoot(page, "move-found")


def test_what_is_taken_away(here: scene.Scene, browse: Browse, shoot: Shoot) -> None:
    scene.label(here)
    scene.write_dataset(here)
    page = browse("lead")
    page.goto("/p/quality/datasets/")
    shoot(page, "datasets")
    page.goto("/p/quality/datasets/new/")
    page.locator("[name=ties]").select_option("both")
    page.locator("[name=margin]").select_option("score")
    page.locator(".first-rows").wait_for()
    page.wait_for_load_state("networkidle")
    shoot(page, "new-dataset")
    first, last = Snapshot.objects.order_by("pk")
    page.goto(f"/p/quality/datasets/{last.pk}/?since={first.pk}")
    shoot(page, "dataset")


def test_what_annotators_see(here: scene.Scene, browse: Browse, shoot: Shoot) -> None:
    page = browse("anna")
    page.goto("/p/quality/label/")
    page.locator("[data-ready]").wait_for()
    for letter, value in ("A", 6), ("B", 2), ("C", 5):
        page.locator(f".response[data-letter={letter}] input[value='{value}'][type=radio]").first.check(force=True)
    shoot(page, "label")
    page.locator(".response[data-letter=D] input[value='7'][type=radio]").first.check(force=True)
    for letter, lane in ("C", 1), ("A", 2), ("D", 2), ("B", 3):
        page.locator(f".lane-row[data-letter={letter}] input[value='{lane}']").check(force=True)
    shoot(page, "label-ranked")
    page.keyboard.press("?")
    shoot(page, "label-keys")
    page.keyboard.press("Escape")
    page.locator("[data-command=guidelines]").click()
    shoot(page, "label-guidelines")
    page.goto("/p/quality/guidelines/")
    shoot(page, "guidelines-to-read")
    scene.label(here)
    scene.review(here)
    page.goto("/p/quality/label/mine/")
    shoot(page, "my-labels")
    for slug, name, questions, n_responses in scene.OTHERS:
        scene.other_project(slug, name, questions, n_responses)
        page.goto(f"/p/{slug}/label/")
        page.locator("[data-ready]").wait_for()
        shoot(page, slug)


def test_what_newcomers_see(here: scene.Scene, browse: Browse, shoot: Shoot) -> None:
    scene.label(here)
    scene.qualify(here)
    invitation = scene.invite(here)
    page = browse("")
    page.goto("/sign-in/")
    shoot(page, "sign-in")
    page.goto(invitation)
    shoot(page, "invitation")
    page = browse("dora")
    page.goto("/p/quality/guidelines/")
    page.locator("main form button").first.click()
    page.goto("/p/quality/label/exam/")
    shoot(page, "exam")
    page.locator("main form button").first.click()
    page.locator("[data-ready]").wait_for()
    shoot(page, "exam-task")
    for letter in "ABCD":
        page.locator(f".response[data-letter={letter}] input[value='4'][type=radio]").first.check(force=True)
    for letter in "ABCD":
        page.locator(f".lane-row[data-letter={letter}] input[value='1']").check(force=True)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/feedback/")
    shoot(page, "feedback")
    page = browse("ben")
    page.goto("/p/quality/label/")
    shoot(page, "paused")


def test_what_comes_at_the_end_and_in_between(here: scene.Scene, browse: Browse, shoot: Shoot) -> None:
    page = browse("anna")
    page.goto("/p/quality/label/")
    page.locator("[data-ready]").wait_for()
    rank(Task.objects.get(pk=page.locator("[data-desk]").get_attribute("data-task")), here.people[0], [1, 2, 3, 4])
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.locator("[data-elsewhere]").wait_for()
    shoot(page, "label-elsewhere")
    study = scene.other_project("study", "Blind duel", ARENA, 2)
    participant = browse("")
    participant.goto(scene.take_part(study))
    shoot(participant, "take-part")
    participant.locator("main form button").click()
    answer_one(participant)
    participant.wait_for_url("**/label/done/")
    shoot(participant, "done")
    page.goto("/p/study/label/")
    answer_one(page)
    page.locator("[data-desk]").wait_for(state="detached")
    shoot(page, "waiting")
    participant = browse("")
    participant.goto(scene.closed_invitation(here))
    shoot(participant, "invitation-closed")
    page.goto("/p/nowhere/")
    shoot(page, "not-found")


def answer_one(page: Page) -> None:
    page.locator("[data-ready]").wait_for()
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
