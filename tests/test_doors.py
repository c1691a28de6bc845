"""How people come into a project, over HTTP and without JavaScript."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from labeling.people.models import User
from labeling.projects.invitation_models import Invitation, Participation
from labeling.projects.invitations import token_of
from labeling.projects.models import Membership, Project, Status
from labeling.projects.roles import Role
from tests.conftest import at
from tests.factories import RANKING, make_invitation, make_member, make_project, make_study, make_task, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

ACCOUNT = {"username": "kim", "password": "correct horse battery", "repeated": "correct horse battery"}
VISIT = {"PROLIFIC_PID": "5f3a", "STUDY_ID": "study1", "SESSION_ID": "visit1"}


@pytest.fixture
def project() -> Project:
    return make_project(questions=RANKING)


@pytest.fixture
def lead(project: Project) -> Client:
    client = Client()
    client.force_login(make_member(project, Role.LEAD))
    return client


def link(invitation: Invitation) -> str:
    return reverse("join", args=[token_of(invitation)])


def shown_links(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r'<input readonly value="([^"]*)"', page)]


def test_a_lead_makes_a_link_and_revokes_it(lead: Client, project: Project) -> None:
    form = {"role": "reviewer", "most_uses": "3", "days": "7", "held_out": "on"}
    page = lead.post(at("new-invitation", project), form, follow=True).text
    made = project.invitations.get()
    assert (made.role, made.most_uses, made.held_out) == (Role.REVIEWER, 3, True)
    assert timedelta(days=6) < made.expires_at - timezone.now() < timedelta(days=7)
    assert shown_links(page) == [f"http://testserver{link(made)}"]
    assert "0 of 3" in page
    page = lead.post(at("revoke-invitation", project, invitation_id=made.pk), follow=True).text
    assert shown_links(page) == []
    assert "revoked" in page


def test_a_lead_makes_the_link_of_a_study(lead: Client, project: Project) -> None:
    form = {"labels_wanted": "5", "completion_code": "C1B2", "most_uses": "30", "days": "7"}
    page = lead.post(at("new-study", project), form, follow=True).text
    made = project.invitations.get()
    names = "PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}"
    assert shown_links(page) == [f"http://testserver{link(made)}?{names}"]
    assert "5 labels each" in page


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("new-invitation", {"role": "lead"}),
        ("new-invitation", {"most_uses": "0"}),
        ("new-invitation", {"days": "1000"}),
        ("new-study", {"labels_wanted": "0"}),
        ("new-study", {"completion_code": "not a code"}),
        ("new-study", {"completion_code": ""}),
    ],
)
def test_invitations_that_cannot_be(name: str, wrong: dict[str, str], lead: Client, project: Project) -> None:
    form = {"role": "annotator", "labels_wanted": "5", "completion_code": "C1", "most_uses": "3", "days": "7"}
    answer = lead.post(at(name, project), form | wrong)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert not Invitation.objects.exists()


def test_nobody_revokes_the_invitations_of_another_project(lead: Client) -> None:
    other = make_invitation(make_project())
    assert lead.post(at("revoke-invitation", other.project, invitation_id=other.pk)).status_code == 404


def test_a_newcomer_signs_up_and_is_in(client: Client, project: Project) -> None:
    invitation = make_invitation(project)
    assert project.name in client.get(link(invitation)).text
    answer = client.post(link(invitation), ACCOUNT)
    assert answer.status_code == 302
    user = User.objects.get(username="kim")
    assert user.check_password(ACCOUNT["password"])
    assert client.get(reverse("home")).url == at("label", project)  # type: ignore[attr-defined]
    invitation.refresh_from_db()
    assert invitation.n_uses == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"username": "taken"}, "is taken"),
        ({"username": "two words"}, "cannot be a user name"),
        ({"password": "short", "repeated": "short"}, "at least 12 characters"),
        ({"password": "password1234", "repeated": "password1234"}, "too common"),
        ({"username": "correct-horse", "password": "correct-horse", "repeated": "correct-horse"}, "too similar"),
        ({"repeated": "something else here"}, "The two passwords differ"),
    ],
)
def test_accounts_that_cannot_be(wrong: dict[str, str], said: str, client: Client, project: Project) -> None:
    make_user("taken")
    answer = client.post(link(make_invitation(project)), ACCOUNT | wrong)
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert User.objects.count() == 1


def test_signing_in_leads_back_to_the_invitation(client: Client, project: Project) -> None:
    user = make_user("kim")
    address = link(make_invitation(project))
    (way,) = re.findall(r'href="(/sign-in/\?next=[^"]*)"', client.get(address).text)
    page = client.get(html.unescape(way)).text
    (back,) = re.findall(r'name="next" value="([^"]*)"', page.partition("<main")[2])
    answer = client.post(reverse("sign-in"), {"username": "kim", "password": "correct horse", "next": back})
    assert answer.url == address  # type: ignore[attr-defined]
    assert "Join" in client.get(address).text
    assert not user.memberships.exists()
    assert client.post(address).url == at("label", project)  # type: ignore[attr-defined]
    assert user.memberships.get().project == project
    assert client.get(address).url == at("label", project)  # type: ignore[attr-defined]
    assert Invitation.objects.get().n_uses == 1


def test_who_leads_is_taken_to_the_project(lead: Client, project: Project) -> None:
    address = link(make_invitation(project))
    assert lead.get(address).url == at("overview", project)  # type: ignore[attr-defined]
    admin = Client()
    admin.force_login(make_user(is_superuser=True))
    assert admin.post(address).url == at("overview", project)  # type: ignore[attr-defined]
    assert project.memberships.count() == 1


def test_who_was_removed_is_refused(sign_in: SignIn, project: Project) -> None:
    client = sign_in(make_member(project))
    Membership.objects.update(status=Status.REMOVED)
    address = link(make_invitation(project))
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 409
        assert "You were removed" in answer.text


CLOSED = [
    ({"expires_at": timezone.now() - timedelta(1)}, "has expired"),
    ({"n_uses": 3}, "places of this invitation are taken"),
    ({"revoked_at": timezone.now()}, "was withdrawn"),
]


@pytest.mark.parametrize(("fields", "said"), CLOSED)
def test_a_closed_invitation_says_why(
    fields: dict[str, object], said: str, client: Client, project: Project, lead: Client
) -> None:
    invitation, study = make_invitation(project), make_study(project)
    Invitation.objects.update(**fields)
    somebody = Client()
    somebody.force_login(make_user())
    answers = [
        client.get(link(invitation)),
        client.post(link(invitation), ACCOUNT),
        somebody.get(link(invitation)),
        somebody.post(link(invitation)),
        client.get(link(study), VISIT),
        client.post(link(study), VISIT),
    ]
    for answer in answers:
        assert answer.status_code == 410
        assert said in answer.text
        assert project.name not in answer.text
    assert not User.objects.filter(username="kim").exists()
    assert lead.get(link(invitation)).status_code == 302  # in already


def test_a_wrong_link_says_so(client: Client) -> None:
    answer = client.get(reverse("join", args=["1.wrong"]))
    assert answer.status_code == 404
    assert "This link leads nowhere" in answer.text


def label_what_there_is(client: Client, project: Project) -> None:
    page = client.get(at("label", project)).text
    (task,) = re.findall(r'data-task="(\d+)"', page)
    (page_id,) = re.findall(r'name="client_id" value="([^"]*)"', page)
    ranks = {"client_id": page_id, "ranking.0": "2", "ranking.1": "1", "ranking.2": "3"}
    client.post(at("submit-task", project, task_id=int(task)), ranks)


def test_from_prolific_and_back(client: Client, project: Project) -> None:
    for _n in range(3):
        make_task(project)
    study = make_study(project, labels_wanted=2)
    page = client.get(link(study), VISIT)
    assert "2 tasks" in page.text
    assert not Participation.objects.exists()
    assert client.post(link(study), VISIT).url == at("label", project)  # type: ignore[attr-defined]
    participation = Participation.objects.get()
    assert (participation.external_id, participation.study, participation.session) == ("5f3a", "study1", "visit1")
    for _n in range(2):
        answer = client.get(at("done", project))
        assert answer.url == at("label", project)  # type: ignore[attr-defined]
        client.post(at("next-task", project))
        label_what_there_is(client, project)
    assert client.get(at("label", project)).url == at("done", project)  # type: ignore[attr-defined]
    page = client.get(at("done", project))
    assert "https://app.prolific.com/submissions/complete?cc=C0DE" in page.text
    participation.refresh_from_db()
    assert participation.completed_at
    waiting = client.post(at("next-task", project), headers={"HX-Request": "true"})
    assert waiting.headers["HX-Redirect"] == at("label", project)
    assert client.post(link(study), VISIT | {"SESSION_ID": "visit2"}, follow=True).redirect_chain[-1][0] == at(
        "done", project
    )
    study.refresh_from_db()
    assert study.n_uses == 1


def test_leads_see_who_is_who(client: Client, lead: Client, project: Project) -> None:
    client.post(link(make_study(project)), VISIT)
    page = lead.get(at("people", project)).text
    assert "Prolific 5f3a" in page
    assert "1 of 3" in page
    assert "0 finished" in page


@pytest.mark.parametrize("wrong", [{"PROLIFIC_PID": ""}, {"STUDY_ID": "a b"}, {"SESSION_ID": "x" * 65}])
def test_a_study_is_entered_from_prolific_only(wrong: dict[str, str], client: Client, project: Project) -> None:
    address = link(make_study(project))
    for answer in (client.get(address, VISIT | wrong), client.post(address, VISIT | wrong), client.get(address)):
        assert answer.status_code == 400
        assert "Open this study from Prolific" in answer.text
    assert not Participation.objects.exists()


def test_beginning_takes_the_place_of_who_was_signed_in(lead: Client, project: Project) -> None:
    address = link(make_study(project))
    assert "signs you out" in lead.get(address, VISIT).text
    before = lead.cookies["sessionid"].value
    lead.post(address, VISIT)
    assert lead.cookies["sessionid"].value != before
    assert lead.get(at("people", project)).status_code == 403


def test_a_page_from_elsewhere_begins_nothing(project: Project) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(link(make_study(project)), VISIT).status_code == 403
    assert not Participation.objects.exists()
