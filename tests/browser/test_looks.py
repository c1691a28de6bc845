"""Every page, wide and narrow, light and dark, English and Chinese: accessible, and nothing sticks out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from evaluation.agreement.report import report_agreement
from evaluation.datasets.recipe import Recipe
from evaluation.datasets.snapshot import order_snapshot, write_snapshot
from evaluation.enough.report import report_enough
from evaluation.scores.report import report_scores
from labeling.assignment.claim import claim
from labeling.generation.models import GenerationRun
from labeling.projects.models import Project
from labeling.projects.personal_data import Treatment
from labeling.projects.roles import Role
from labeling.prompts.look_into import examine
from tests.browser.conftest import sign_in
from tests.browser.scene import generate
from tests.factories import make_endpoint, make_member, make_project, make_prompt, make_task, rank

pytestmark = pytest.mark.django_db(transaction=True)
OpenPage = Callable[..., Page]

PAGES = [
    *["", "prompts/", "responses/", "tasks/", "questions/", "guidelines/", "people/", "review/", "settings/"],
    *["import/", "data/", "prompts/held/", "progress/", "agreement/", "scores/", "enough/"],
    *["datasets/", "datasets/new/", "label/", "label/mine/"],
    *["responses/runs/new/", "responses/endpoints/new/", "responses/endpoints/new/?provider=openai"],
]
LOOKS = [
    {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light", "locale": "en-US"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "locale": "en-US"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "locale": "zh-CN"},
]


@pytest.fixture
def busy_project() -> Project:
    project = make_project("busy")
    lead = make_member(project, Role.LEAD, "lead")
    endpoints = [make_endpoint(project, name) for name in ("first-model-with-a-long-name", "second", "third")]
    people = [make_member(project) for _n in range(3)]
    for number in range(4):
        task = make_task(project, endpoints=endpoints)
        for person in people:
            rank(task, person, [1, 2, 3] if number else [2, 1, 1], overall=[6, 5, 2])
    text = "长提示" * 100 + " and a verylongwordwithoutanyspaces" * 5
    make_prompt(project, text, language="zh-Hans", use_case="brainstorming", source="customer service")
    make_task(project, endpoints=endpoints)
    generate(project)
    project.personal_data = Treatment.HOLD
    project.save()
    make_prompt(project, "Write to ann@example.org, and to +49 30 901820, that I am late.", owner="ann")
    examine(project_id=project.pk)
    report_agreement(project=project)
    report_scores(project=project)
    report_enough(project=project)
    write_snapshot(snapshot_id=order_snapshot(project=project, recipe=Recipe(), by=lead).pk)
    order_snapshot(project=project, recipe=Recipe(), by=lead)
    claim(project=project, user=lead)
    return project


def check(page: Page, check_accessibility: Callable[[Page], None]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    check_accessibility(page)


@pytest.mark.parametrize("look", LOOKS, ids=["wide-light-english", "narrow-light-english", "narrow-dark-chinese"])
def test_pages_with_much_in_them(
    look: dict[str, object],
    busy_project: Project,
    open_page: OpenPage,
    live_server: LiveServer,
    check_accessibility: Callable[[Page], None],
) -> None:
    page = open_page(live_server.url, **look)
    page.goto("/sign-in/")
    check(page, check_accessibility)
    page.locator("[name=username]").fill("lead")
    page.locator("[name=password]").fill("correct horse")
    page.locator("main button").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    check(page, check_accessibility)
    for address in ("/projects/new/", "/patterns/", "/tokens/", "/api/v1/docs/"):
        page.goto(address)
        check(page, check_accessibility)
    for address in PAGES:
        page.goto(f"/p/busy/{address}")
        if not address:
            expect(page.locator(".figures .value")).to_have_count(3)
        check(page, check_accessibility)
    run = GenerationRun.objects.get()
    endpoint = run.parts.earliest("pk").params.endpoint
    for address in (f"runs/{run.pk}/", f"runs/{run.pk}/?shelf=failed", f"endpoints/{endpoint.pk}/"):
        page.goto(f"/p/busy/responses/{address}")
        check(page, check_accessibility)
    for link in ("/p/busy/review/?shelf=unreviewed", "/p/busy/people/"):
        page.goto(link)
        page.locator("main table a").first.click()
        page.wait_for_load_state("networkidle")
        check(page, check_accessibility)


def test_pages_with_nothing_in_them(
    open_page: OpenPage, live_server: LiveServer, check_accessibility: Callable[[Page], None]
) -> None:
    project = make_project("bare", questions=[])
    make_member(project, Role.LEAD, "lead")
    page = open_page(live_server.url)
    sign_in(page, "lead", "correct horse")
    for address in PAGES:
        page.goto(f"/p/bare/{address}")
        check(page, check_accessibility)
        assert page.locator(".empty, .waiting, .panel, .notice").count()


def test_errors_are_pages_of_ours(open_page: OpenPage, live_server: LiveServer) -> None:
    make_member(make_project("mine"), username="ann")
    page = open_page(live_server.url)
    sign_in(page, "ann", "correct horse")
    answer = page.context.request.get("/p/nowhere/")
    assert answer.status == 404
    assert "There is nothing here" in answer.text()
