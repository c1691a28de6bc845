"""The pages by which people come into a project, in a real browser."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from labeling.collection.models import Annotation
from labeling.projects.invitation_models import Participation
from labeling.projects.invitations import token_of
from labeling.projects.invite import revoke
from labeling.projects.models import Project
from labeling.projects.prolific import PARAMETERS
from labeling.projects.roles import Role
from tests.browser.conftest import sign_in
from tests.factories import RANKING, make_invitation, make_member, make_project, make_study, make_task

pytestmark = pytest.mark.django_db(transaction=True)
OpenPage = Callable[..., Page]

LOOKS = [
    {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    for width in (1280, 390)
    for scheme in ("light", "dark")
]


@pytest.fixture
def project() -> Project:
    made = make_project(questions=RANKING)
    made.description = "Which answer would help you most? We train assistants on what you say."
    made.save()
    for _n in range(4):
        make_task(made)
    return made


def fill_in(link: str) -> str:
    """As Prolific does."""
    for name in PARAMETERS:
        link = link.replace(f"{{{{%{name}%}}}}", f"{name.lower()}-1")
    return link


def test_a_participant_gets_the_code_after_the_last_label_and_not_before(
    project: Project, open_page: OpenPage, live_server: LiveServer
) -> None:
    make_study(project, labels_wanted=3)
    make_member(project, Role.LEAD, "lead")
    lead = open_page(live_server.url)
    sign_in(lead, "lead", "correct horse")
    lead.goto(f"/p/{project.slug}/people/")
    link = lead.get_by_label("Link of invitation 1").input_value()
    page = open_page(live_server.url)
    page.goto(fill_in(link))
    page.get_by_role("button", name="Begin").click()
    for number in range(3):
        expect(page.locator(".own")).to_contain_text(f"{number} in all")
        in_all = page.get_by_label("All your labels, beside the tasks that are there for you")
        expect(in_all).to_have_js_property("value", number)
        expect(in_all).to_have_attribute("max", "3")
        expect(page.locator("[data-ready]")).to_be_visible()
        assert page.request.get(f"/p/{project.slug}/label/done/").url.endswith("/label/")
        for key in "2", "1", "3":
            page.keyboard.press(key)
        page.keyboard.press("Control+Enter")
        if number < 2:
            expect(page.locator(".saved")).to_have_text("Saved")
    page.wait_for_url("**/label/done/")
    expect(page.get_by_role("status").filter(has_text="C0DE")).to_be_visible()
    finish = page.get_by_role("link", name="Finish on Prolific")
    assert finish.get_attribute("href") == "https://app.prolific.com/submissions/complete?cc=C0DE"
    assert Annotation.objects.count() == 3
    assert Participation.objects.get().completed_at
    assert project.seats.filter(holder__isnull=False, submitted_at__isnull=True).count() == 0
    page.goto(f"/p/{project.slug}/label/")
    page.wait_for_url("**/label/done/")


def test_a_newcomer_signs_up_and_labels(project: Project, open_page: OpenPage, live_server: LiveServer) -> None:
    page = open_page(live_server.url)
    page.goto(reverse("join", args=[token_of(make_invitation(project))]))
    page.get_by_label("User name").fill("kim")
    page.get_by_label("Password", exact=True).fill("too short")
    page.get_by_label("The same password again").fill("too short")
    page.get_by_role("button", name="Make an account").click()
    expect(page.get_by_text("It must contain at least 12 characters")).to_be_visible()
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_label("The same password again").fill("correct horse battery")
    page.get_by_role("button", name="Make an account").click()
    expect(page.locator(".response")).to_have_count(3)


@pytest.mark.parametrize("look", LOOKS, ids=["wide-light", "wide-dark", "narrow-light", "narrow-dark"])
def test_every_door_in_every_look(
    look: dict[str, object],
    project: Project,
    open_page: OpenPage,
    live_server: LiveServer,
    check_accessibility: Callable[[Page], None],
) -> None:
    lead = make_member(project, Role.LEAD, "lead")
    make_member(make_project(), username="ann")
    invitation, withdrawn = make_invitation(project), make_invitation(project, role=Role.REVIEWER)
    revoke(invitation=withdrawn, by=lead)
    study = make_study(project, labels_wanted=1)
    entry = fill_in(f"{reverse('join', args=[token_of(study)])}?" + "&".join(f"{n}={{{{%{n}%}}}}" for n in PARAMETERS))

    def check(page: Page, name: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        check_accessibility(page)

    page = open_page(live_server.url, **look)
    page.goto(reverse("join", args=[token_of(invitation)]))
    check(page, "sign-up")
    page.get_by_label("User name").fill("ann")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_label("The same password again").fill("shorter")
    page.get_by_role("button", name="Make an account").click()
    expect(page.locator(".field .error").first).to_be_visible()
    check(page, "sign-up-wrong")
    page.goto(entry)
    check(page, "take-part")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("[data-ready]")).to_be_visible()
    for key in "2", "1", "3":
        page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/label/done/")
    check(page, "done")

    page = open_page(live_server.url, **look)
    sign_in(page, "ann", "correct horse")
    page.goto(reverse("join", args=[token_of(invitation)]))
    check(page, "join")
    page.goto(reverse("join", args=[token_of(withdrawn)]))
    expect(page.get_by_role("heading", name="This invitation was withdrawn")).to_be_visible()
    check(page, "closed")

    page = open_page(live_server.url, **look)
    sign_in(page, "lead", "correct horse")
    page.goto(f"/p/{project.slug}/people/")
    check(page, "people")
    page.get_by_text("For a study on Prolific").click()
    page.get_by_label("Labels to make, each").fill("5")
    page.get_by_label("Completion code").fill("no code")
    page.locator("details[open]").get_by_role("button", name="Make the link").click()
    expect(page.locator(".field .error").first).to_be_visible()
    check(page, "people-wrong")
