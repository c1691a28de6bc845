"""Access tokens: made, shown once, used, and ended."""

import hashlib
import json
import logging
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from labeling.audit import AuditEntry
from labeling.errors import Refused
from labeling.people.models import AccessToken, User
from labeling.people.tokens import FRESH, MARK, MOST, find_token, issue, note_use, revoke
from labeling.projects.roles import Role
from labeling.projects.take_part import take_part
from tests.factories import make_member, make_project, make_study, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_a_token_is_found_by_its_secret_alone() -> None:
    kim = make_user()
    token, secret = issue(user=kim, name="notebook", days=30, by=kim)
    assert secret.startswith(MARK)
    assert len(secret) == len(MARK) + 43  # 32 bytes in base 64
    assert secret.startswith(token.prefix)
    assert (token.expires_at - token.created_at).days in (29, 30)
    assert find_token(secret) == token
    for other in (secret[:-1], secret + "x", token.prefix, token.digest, "", "ü"):
        assert find_token(other) is None
    assert issue(user=kim, name="notebook")[1] != secret


def test_the_secret_is_stored_nowhere(sign_in: SignIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = sign_in(make_member(make_project(), Role.LEAD))
    page = client.post(reverse("tokens"), {"name": "notebook", "days": "30"})
    (secret,) = re.findall(rf'value="({MARK}[\w-]+)"', page.text)
    assert "no-store" in page["Cache-Control"]
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get(reverse("api-projects"), headers=headers).status_code == 200
    assert client.get("/api/v1/nothing/", headers=headers).status_code == 404
    revoke(token=AccessToken.objects.get())
    assert client.get(reverse("api-projects"), headers=headers).status_code == 401
    stored = str([list(model._default_manager.values()) for model in apps.get_models()])
    assert hashlib.sha256(secret.encode()).hexdigest() in stored
    assert secret not in stored
    assert caplog.records
    assert secret not in caplog.text
    assert not [cookie for cookie in client.cookies.values() if secret in cookie.value]


@pytest.mark.parametrize(
    "wrong",
    [
        {"digest": f"{MARK}{'a' * 43}"},
        {"digest": "A" * 64},
        {"name": ""},
        {"expires_at": timezone.now() - timedelta(days=400)},
    ],
    ids=["a secret", "no digest", "no name", "over before it begins"],
)
def test_the_database_refuses_what_is_no_token(wrong: dict[str, object]) -> None:
    token, _secret = issue(user=make_user(), name="notebook")
    with pytest.raises(IntegrityError, match="access_token_"), transaction.atomic():
        AccessToken.objects.filter(pk=token.pk).update(**wrong)
    with pytest.raises(IntegrityError, match="access_token_digest_once"), transaction.atomic():
        AccessToken.objects.create(
            user=token.user, name="twin", digest=token.digest, prefix="x", expires_at=token.expires_at
        )


@pytest.mark.parametrize(
    "wanted", [{"days": 0}, {"days": 366}, {"name": " "}, {"name": "x" * 101}], ids=lambda wanted: str(wanted)[:20]
)
def test_what_cannot_be_a_token_is_refused(wanted: dict[str, object]) -> None:
    with pytest.raises(Refused):
        issue(**{"user": make_user(), "name": "notebook", "days": 1} | wanted)  # type: ignore[arg-type]
    assert not AccessToken.objects.exists()


def test_who_cannot_sign_in_with_a_password_has_no_tokens() -> None:
    participant = take_part(invitation=make_study(make_project()), external_id="a" * 24, study="s", session="t").user
    for user in (participant, make_user(is_active=False), User.objects.create_user("imported")):
        with pytest.raises(Refused, match="signs in with a password"):
            issue(user=user, name="notebook")


def test_nobody_has_more_than_a_few() -> None:
    kim = make_user()
    made = [issue(user=kim, name="notebook")[0] for _n in range(MOST)]
    with pytest.raises(Refused, match=f"You have {MOST}"):
        issue(user=kim, name="one more")
    revoke(token=made[0])
    issue(user=kim, name="one more")
    issue(user=make_user(), name="of somebody else")


def test_revoking_is_noted_once_and_keeps_when() -> None:
    kim = make_user()
    token, secret = issue(user=kim, name="notebook", by=kim)
    revoke(token=token, by=kim)
    found = find_token(secret)
    assert found is not None
    revoke(token=token, by=kim)
    again = find_token(secret)
    assert again is not None
    assert found.revoked_at == again.revoked_at is not None
    entries = list(AuditEntry.objects.order_by("pk").values_list("action", "actor", "project_id"))
    assert entries == [("token.made", kim.pk, None), ("token.revoked", kim.pk, None)]


def test_use_is_noted_at_most_once_a_minute() -> None:
    token, _secret = issue(user=make_user(), name="notebook")
    note_use(token)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    note_use(token)
    token.refresh_from_db()
    assert token.last_used_at == first
    AccessToken.objects.update(last_used_at=first - FRESH - timedelta(seconds=1))
    token.refresh_from_db()
    note_use(token)
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at >= first


def test_the_page_makes_and_revokes(sign_in: SignIn) -> None:
    kim, other = make_user(), make_user()
    foreign, _secret = issue(user=other, name="of somebody else")
    client = sign_in(kim)
    assert "No access tokens yet" in client.get(reverse("tokens")).text
    made = client.post(reverse("tokens"), {"name": "<b>notebook</b>", "days": "30"})
    assert "&lt;b&gt;notebook" in made.text
    assert "it is shown this once" in made.text
    token = kim.access_tokens.get()
    again = client.get(reverse("tokens")).text
    assert token.prefix in again
    assert MARK not in again.replace(token.prefix, "")
    assert "of somebody else" not in again
    for wrong in ({"name": "", "days": "30"}, {"name": "x", "days": "366"}, {"name": "x", "days": ""}):
        assert client.post(reverse("tokens"), wrong).status_code == 422
    assert client.post(reverse("revoke-token", args=[foreign.pk])).status_code == 404
    assert client.post(reverse("revoke-token", args=[token.pk])).status_code == 302
    assert "No access tokens yet" in client.get(reverse("tokens")).text
    foreign.refresh_from_db()
    assert foreign.revoked_at is None


def test_the_page_says_what_is_refused_and_what_has_expired(sign_in: SignIn) -> None:
    kim = make_user()
    client = sign_in(kim)
    for _n in range(MOST):
        issue(user=kim, name="notebook")
    refused = client.post(reverse("tokens"), {"name": "one more", "days": "1"})
    assert refused.status_code == 422
    assert f"You have {MOST} access tokens" in refused.text
    past = timezone.now() - timedelta(days=2)
    kim.access_tokens.update(created_at=past, expires_at=past + timedelta(days=1))
    assert client.get(reverse("tokens")).text.count("expired") == MOST


def test_participants_are_not_led_to_the_page(sign_in: SignIn) -> None:
    project = make_project()
    participant = take_part(invitation=make_study(project), external_id="a" * 24, study="s", session="t").user
    label = reverse("label", kwargs={"slug": project.slug})
    assert reverse("tokens") not in sign_in(participant).get(label).text
    assert reverse("tokens") in sign_in(make_member(project)).get(label).text


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    kim = make_user("kim")
    call_command("add_token", "--user", "kim", "--name", "weekly report", "--days", "7", "--json")
    made = json.loads(capsys.readouterr().out)
    found = find_token(made["token"])
    assert found is not None
    assert (found.user, found.name, made["user"], made["name"]) == (kim, "weekly report", "kim", "weekly report")
    assert made["expires_at"] == found.expires_at.isoformat()
    call_command("add_token", "--user", "kim", "--name", "in words")
    assert MARK in capsys.readouterr().out
    for wrong, why in (
        (["nobody", "--name", "x"], "no user “nobody”"),
        (["kim", "--name", " "], "what the token is for"),
    ):
        with pytest.raises(CommandError, match=why):
            call_command("add_token", "--user", *wrong)
