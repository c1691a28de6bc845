"""What a lead writes reaches whoever is at work, in a browser, and keeps them from nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from labeling.collection.models import Annotation
from labeling.projects.message_models import Message
from labeling.projects.messages import write_message
from labeling.projects.models import Membership
from labeling.projects.presets import ARENA
from labeling.projects.roles import Role
from tests.browser.desk import COMMENT, AtWork, has_done_all, has_labeled, is_saved, press
from tests.factories import make_member

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_message_comes_between_tasks_and_goes_when_it_is_read(
    at_work: AtWork, check_accessibility: Callable[[Page], None]
) -> None:
    page = at_work([*ARENA, COMMENT], n_tasks=3, viewport={"width": 1280, "height": 800})
    ann = Membership.objects.select_related("project").get(user__username="ann")
    write_message(membership=ann, text="Ties are fine.\nSay why.", by=make_member(ann.project, Role.LEAD, "lea"))
    message = page.locator(".message")
    with page.expect_response("**/submit/"):
        press(page, "1", "Control+Enter")
    has_labeled(page, 1)
    expect(message).to_have_count(0)
    press(page, "1", "Control+Enter")
    expect(message).to_contain_text("lea wrote to you")
    expect(message.locator(".text")).to_have_text("Ties are fine.\nSay why.", use_inner_text=True)
    has_labeled(page, 2)
    told, tools = message.bounding_box(), page.locator(".tools").bounding_box()
    assert told is not None
    assert tools is not None
    assert told["y"] + told["height"] <= tools["y"]
    check_accessibility(page)
    page.get_by_label("Comment").fill("half a thought")
    read = message.get_by_role("button", name="I have read it")
    page.route("**/read/", lambda route: route.abort("failed"))
    read.click()
    expect(page.get_by_text("This did not arrive")).to_be_visible()
    page.unroute("**/read/")
    read.click()
    expect(message).to_have_count(0)
    assert Message.objects.get().read_at is not None
    expect(page.get_by_label("Comment")).to_have_value("half a thought")
    is_saved(page)
    press(page, "1", "Control+Enter")
    has_done_all(page)
    assert Annotation.objects.filter(answers__comment="half a thought").count() == 1
    assert Annotation.objects.count() == 3
