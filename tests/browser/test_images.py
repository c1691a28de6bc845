"""Images below the prompt's last turn: there at once, within bounds, and whole on demand."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from labeling.projects.presets import INSTRUCTGPT
from tests.browser.conftest import sign_in
from tests.factories import image_bytes, make_image, make_member, make_project, make_prompt, make_task

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = [(640, 420), (300, 900), (4000, 60)]
"""As photographs are, upright, and a panorama."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_images_stand_below_the_prompt(
    width: int,
    height: int,
    scheme: str,
    open_page: Callable[..., Page],
    live_server: LiveServer,
    check_accessibility: Callable[[Page], None],
) -> None:
    project = make_project("work", questions=INSTRUCTGPT)
    prompt = make_prompt(project, "Which of these was built first?\n\nSay how you can tell, in two sentences.")
    for size in SIZES:
        make_image(prompt, image_bytes("PNG", *size))
    make_task(project, prompt=prompt, n_responses=4)
    make_member(project, username="ann")
    page = open_page(live_server.url, viewport={"width": width, "height": height}, color_scheme=scheme)
    sign_in(page, "ann", "correct horse")
    expect(page.locator("[data-ready]")).to_be_visible()
    prompt_box = page.locator(".prompt")
    shown = prompt_box.get_by_role("img", name=re.compile(r"Image \d of 3"))
    expect(shown).to_have_count(3)
    before = [image.bounding_box() for image in shown.all()]
    for image in shown.all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
    strip = page.locator(".images")
    strip.evaluate("strip => { strip.scrollLeft = 0; strip.closest('.prompt').scrollTop = 0; scrollTo(0, 0); }")
    after = [image.bounding_box() for image in shown.all()]
    assert after == before  # nothing jumped when they were there
    around, inside = prompt_box.bounding_box(), strip.bounding_box()
    assert around is not None
    assert inside is not None
    assert inside["height"] <= 150
    assert around["x"] <= inside["x"]
    assert inside["x"] + inside["width"] <= around["x"] + around["width"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if width > 1000:
        assert inside["y"] + inside["height"] <= around["y"] + around["height"]
        assert around["height"] <= 0.35 * height
    check_accessibility(page)
    with page.context.expect_page() as opened:
        shown.first.click()
    opened.value.wait_for_load_state()
    assert opened.value.locator("img").evaluate("image => [image.naturalWidth, image.naturalHeight]") == [640, 420]
