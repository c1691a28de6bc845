from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from labeling.assignment.change_member import pause, remove_member
from labeling.assignment.claim import claim
from labeling.audit import AuditEntry
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.message_models import LONGEST_MESSAGE, Message
from labeling.projects.messages import mark_read, write_message
from labeling.projects.models import Membership, Project
from labeling.projects.roles import Role
from tests.conftest import at
from tests.factories import make_member, make_project, make_task

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def lead(project: Project) -> User:
    return make_member(project, Role.LEAD, "lea")


@pytest.fixture
def member(project: Project) -> Membership:
    return Membership.objects.select_related("user", "project").get(user=make_member(project, username="ann"))


def test_a_message_is_read_once_by_whom_it_is_for(member: Membership, lead: User) -> None:
    message = write_message(membership=member, text="  Look at ties.\r\n\r\nThank you! \n", by=lead)
    assert message.text == "Look at ties.\n\nThank you!"
    assert AuditEntry.objects.get().action == "message.written"
    assert not mark_read(message=message, user=lead)
    assert mark_read(message=message, user=member.user)
    read_at = Message.objects.get().read_at
    assert read_at is not None
    assert not mark_read(message=message, user=member.user)
    assert Message.objects.get().read_at == read_at


@pytest.mark.parametrize(("text", "why"), [(" \r\n", "Write the message"), ("x" * (LONGEST_MESSAGE + 1), "2000")])
def test_what_is_no_message_is_refused(text: str, why: str, member: Membership, lead: User) -> None:
    with pytest.raises(Refused, match=why):
        write_message(membership=member, text=text, by=lead)
    with pytest.raises(IntegrityError, match="message_length"), transaction.atomic():
        Message.objects.create(membership=member, text=text.strip(), sent_by=lead)
    assert write_message(membership=member, text="é\r\n" * 999 + "éé", by=lead).pk


def test_nothing_is_written_to_who_was_removed(member: Membership, lead: User, sign_in: SignIn) -> None:
    message = write_message(membership=member, text="Are you there?", by=lead)
    remove_member(membership=member)
    with pytest.raises(Refused, match="removed"):
        write_message(membership=member, text="Good bye", by=lead)
    client = sign_in(member.user)
    assert client.post(at("read-message", member.project, message_id=message.pk)).status_code == 404
    assert Message.objects.get().read_at is None


@pytest.mark.parametrize("place", ["label", "task", "exam", "paused", "own-labels", "waiting", "guidelines"])
def test_it_is_at_the_top_of_every_page_of_theirs(
    place: str, member: Membership, lead: User, sign_in: SignIn, project: Project
) -> None:
    if place in ("label", "task"):
        make_task(project)
        claim(project=project, user=member.user)
    if place == "exam":
        Project.objects.update(requires_exam=True)
    if place == "paused":
        pause(membership=member)
    address = at(place if place in ("exam", "own-labels", "guidelines") else "label", project)
    if place == "task":
        address = at("label-task", project, task_id=project.tasks.get().pk)
    client = sign_in(member.user)
    with CaptureQueriesContext(connection) as without:
        assert "wrote to you" not in client.get(address).text
    message = write_message(membership=member, text="<b>One</b>\nTwo", by=lead)
    with CaptureQueriesContext(connection) as with_one:
        page = client.get(address).text
    assert len(with_one) == len(without) + 1
    assert "lea wrote to you" in page
    assert "&lt;b&gt;One&lt;/b&gt;\nTwo" in page
    answer = client.post(at("read-message", project, message_id=message.pk), {"next": address})
    assert answer.url == address  # type: ignore[attr-defined]
    assert "wrote to you" not in client.get(address).text


def test_nobody_is_sent_elsewhere_by_reading(member: Membership, lead: User, sign_in: SignIn) -> None:
    client = sign_in(member.user)
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""):
        message = write_message(membership=member, text="Hello", by=lead)
        answer = client.post(at("read-message", member.project, message_id=message.pk), {"next": elsewhere})
        assert answer.status_code == 204
    assert not Message.objects.unread().exists()


def test_others_neither_see_it_nor_read_it(member: Membership, lead: User, sign_in: SignIn, project: Project) -> None:
    message = write_message(membership=member, text="Only for you", by=lead)
    elsewhere = make_project()
    for user in (lead, make_member(project), make_member(elsewhere)):
        client = sign_in(user)
        assert "Only for you" not in client.get(at("label", project)).text
        for where in (project, elsewhere):
            assert client.post(at("read-message", where, message_id=message.pk)).status_code == 404
    Membership.objects.create(project=elsewhere, user=member.user, role=Role.ANNOTATOR)
    client = sign_in(member.user)
    assert "Only for you" not in client.get(at("label", elsewhere)).text
    assert client.post(at("read-message", elsewhere, message_id=message.pk)).status_code == 404
    assert Message.objects.unread().exists()


def test_a_lead_writes_and_sees_when_it_was_read(member: Membership, lead: User, sign_in: SignIn) -> None:
    client = sign_in(lead)
    address = at("write-to-member", member.project, user_id=member.user_id)
    page = client.post(address, {"text": "Please mind the ties."}, follow=True).text
    assert "Please mind the ties." in page
    assert "not read yet" in page
    mark_read(message=Message.objects.get(), user=member.user)
    page = client.get(at("member", member.project, user_id=member.user_id)).text
    assert "not read yet" not in page
    too_long = "y" * (LONGEST_MESSAGE + 1)
    refused = client.post(address, {"text": too_long})
    assert refused.status_code == 422
    assert too_long in refused.text, "what was typed stays"
    assert client.post(address, {"text": ""}).status_code == 422
    remove_member(membership=member)
    assert client.post(address, {"text": "Good bye"}).status_code == 422
    assert Message.objects.count() == 1


def test_who_waits_is_shown_it_without_asking(member: Membership, lead: User, sign_in: SignIn) -> None:
    client = sign_in(member.user)

    def wait(told: object = "") -> str | None:
        answer = client.post(at("next-task", member.project), {"told": told}, headers={"HX-Request": "true"})
        return answer.headers.get("HX-Redirect")

    assert wait() is None
    first = write_message(membership=member, text="New tasks come at noon.", by=lead)
    assert wait() == at("label", member.project)
    assert f'name="told" value="{first.pk}"' in client.get(at("label", member.project)).text
    assert wait(first.pk) is None
    second = write_message(membership=member, text="At one, sorry.", by=lead)
    assert wait(first.pk) == at("label", member.project)
    assert wait(second.pk) is None


def test_it_comes_with_the_task_that_is_fetched_ahead(
    member: Membership, lead: User, sign_in: SignIn, project: Project
) -> None:
    first, _second = make_task(project), make_task(project)
    client = sign_in(member.user)
    with CaptureQueriesContext(connection) as without:
        client.post(at("ahead", project, task_id=first.pk))
    write_message(membership=member, text="Read this next", by=lead)
    with CaptureQueriesContext(connection) as with_one:
        assert "Read this next" in client.post(at("ahead", project, task_id=first.pk)).text
    assert len(with_one) <= len(without) + 1
