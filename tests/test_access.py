"""Every address and every role. An address that is not listed here fails."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from labeling.people.models import User
from labeling.projects.models import Membership, Project, Status
from labeling.projects.roles import Action, Role
from tests.factories import bearer, make_member, make_project, make_task, make_user

pytestmark = pytest.mark.django_db

LEAD, REVIEW, LABEL = Action.LEAD, Action.REVIEW, Action.LABEL

ADDRESSES: dict[str, tuple[str, Action | None]] = {
    # name: method, and what one must be allowed to do in the project; None: it is in no project
    "health": ("GET", None),
    "home": ("GET", None),
    "patterns": ("GET", None),
    "sign-in": ("GET", None),
    "sign-out": ("POST", None),
    "language": ("POST", None),
    "join": ("GET", None),
    "keys": ("POST", None),
    "tokens": ("GET", None),
    "revoke-token": ("POST", None),
    "api-schema": ("GET", None),
    "api-docs": ("GET", None),
    "api-projects": ("GET", None),
    "api-project": ("GET", LABEL),
    "api-progress": ("GET", LEAD),
    "api-members": ("GET", LEAD),
    "api-agreement": ("GET", LEAD),
    "api-agreement-report": ("GET", LEAD),
    "api-scores": ("GET", LEAD),
    "api-scores-report": ("GET", LEAD),
    "api-enough": ("GET", LEAD),
    "api-consensus": ("GET", LEAD),
    "api-report": ("GET", LEAD),
    "api-datasets": ("GET", LEAD),
    "api-dataset-rows": ("GET", LEAD),
    "api-dataset-archive": ("GET", LEAD),
    "new-project": ("GET", None),
    "move-project": ("GET", None),
    "overview": ("GET", LABEL),
    "people": ("GET", LEAD),
    "member": ("GET", LEAD),
    "change-member": ("POST", LEAD),
    "grade-member": ("POST", LEAD),
    "write-to-member": ("POST", LEAD),
    "read-message": ("POST", LABEL),
    "project-settings": ("GET", LEAD),
    "new-invitation": ("POST", LEAD),
    "new-study": ("POST", LEAD),
    "revoke-invitation": ("POST", LEAD),
    "prompts": ("GET", LEAD),
    "held-prompts": ("GET", LEAD),
    "decide-held": ("POST", LEAD),
    "data": ("GET", LEAD),
    "data-file": ("GET", LEAD),
    "imports": ("GET", LEAD),
    "import": ("GET", LEAD),
    "discard-import": ("POST", LEAD),
    "image": ("GET", LABEL),
    "responses": ("GET", LEAD),
    "new-endpoint": ("GET", LEAD),
    "endpoint": ("GET", LEAD),
    "check-endpoint": ("POST", LEAD),
    "try-endpoint": ("POST", LEAD),
    "trial": ("GET", LEAD),
    "new-run": ("GET", LEAD),
    "run": ("GET", LEAD),
    "change-run": ("POST", LEAD),
    "tasks": ("GET", LEAD),
    "new-tasks": ("POST", LEAD),
    "change-overlap": ("POST", LEAD),
    "task": ("GET", REVIEW),
    "decide-task": ("POST", REVIEW),
    "review-annotation": ("POST", REVIEW),
    "gold": ("POST", LEAD),
    "review": ("GET", REVIEW),
    "questions": ("GET", LEAD),
    "new-question": ("POST", LEAD),
    "use-preset": ("POST", LEAD),
    "change-question": ("POST", LEAD),
    "guidelines": ("GET", LABEL),
    "new-guidelines": ("POST", LEAD),
    "read-guidelines": ("POST", LABEL),
    "change-goal": ("POST", LABEL),
    "label": ("GET", LABEL),
    "discard-task": ("POST", LABEL),
    "next-task": ("POST", LABEL),
    "exam": ("GET", LABEL),
    "feedback": ("GET", LABEL),
    "done": ("GET", LABEL),
    "own-labels": ("GET", LABEL),
    "label-task": ("GET", LABEL),
    "submit-task": ("POST", LABEL),
    "save-task": ("POST", LABEL),
    "skip-task": ("POST", LABEL),
    "ahead": ("POST", LABEL),
    "agreement": ("GET", LEAD),
    "agreement-chart": ("GET", LEAD),
    "progress": ("GET", LEAD),
    "progress-file": ("GET", LEAD),
    "scores": ("GET", LEAD),
    "enough": ("GET", LEAD),
    "enough-chart": ("GET", LEAD),
    "scores-chart": ("GET", LEAD),
    "score-samples": ("GET", LEAD),
    "report": ("GET", LEAD),
    "datasets": ("GET", LEAD),
    "new-dataset": ("GET", LEAD),
    "dataset": ("GET", LEAD),
    "download-dataset": ("GET", LEAD),
}
IN_PROJECT = {name: (method, action) for name, (method, action) in ADDRESSES.items() if action is not None}
ROWS: dict[str, dict[str, object]] = {
    **{
        name: {"task_id": 10**9}
        for name in [
            *["label-task", "submit-task", "save-task", "skip-task", "ahead", "feedback", "discard-task"],
            *["task", "decide-task", "gold"],
        ]
    },
    "review-annotation": {"task_id": 10**9, "annotation_id": 10**9},
    **{name: {"user_id": 10**9} for name in ["member", "change-member", "write-to-member"]},
    "grade-member": {"user_id": 10**9, "result_id": 10**9},
    "read-message": {"message_id": 10**9},
    "change-overlap": {"plan_id": 10**9},
    **{name: {"import_id": 10**9} for name in ["import", "discard-import"]},
    "image": {"sha256": "0" * 64},
    "change-question": {"name": "none"},
    "revoke-invitation": {"invitation_id": 10**9},
    "revoke-token": {"token_id": 10**9},
    "report": {"ending": "md"},
    "dataset": {"snapshot_id": 10**9},
    "download-dataset": {"snapshot_id": 10**9},
    "api-dataset-archive": {"snapshot_id": 10**9},
    "enough-chart": {"name": "none", "ending": "svg"},
    "progress-file": {"name": "days", "ending": "csv"},
    "data-file": {"name": "languages", "ending": "csv"},
    **{name: {"endpoint_id": 10**9} for name in ["endpoint", "check-endpoint", "try-endpoint"]},
    **{name: {"name": "none", "ending": "svg"} for name in ["agreement-chart", "scores-chart"]},
    "trial": {"endpoint_id": 10**9, "trial_id": 10**9},
    **{name: {"run_id": 10**9} for name in ["run", "change-run"]},
}
"""What else the address names: a row that does not exist."""

OPEN_TO_ALL = {"health", "sign-in", "sign-out", "language", "join", "api-schema", "api-docs"}
BY_TOKEN = {name for name in ADDRESSES if name.startswith("api-")} - OPEN_TO_ALL
LET_IN = {200, 204, 302, 404, 422}
"""404: the one row that the address names does not exist, which only those let in get to know."""


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern)
        else:
            yield pattern


def test_every_address_is_listed() -> None:
    assert {pattern.name for pattern in patterns()} == set(ADDRESSES)


def address_of(name: str, project: Project) -> str:
    return reverse(name, kwargs=({"slug": project.slug} if name in IN_PROJECT else {}) | ROWS.get(name, {}))


def go(client: Client, name: str, project: Project) -> int:
    """As who is signed in, or with a token of theirs."""
    headers = bearer(get_user(client)) if name in BY_TOKEN else {}
    return int(getattr(client, ADDRESSES[name][0].lower())(address_of(name, project), headers=headers).status_code)


def expected(name: str, role: Role) -> set[int]:
    action = ADDRESSES[name][1]
    assert action is not None
    return LET_IN if role.can(action) else {403}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", IN_PROJECT)
def test_members_get_what_their_role_allows(name: str, role: Role, sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    client = sign_in(make_member(project, role))
    assert go(client, name, project) in expected(name, role)


@pytest.mark.parametrize("name", IN_PROJECT)
def test_strangers_cannot_tell_that_it_is_there(name: str, sign_in: Callable[[User], Client]) -> None:
    project, other = make_project(), make_project()
    make_task(project)
    client = sign_in(make_member(other, Role.LEAD))
    assert go(client, name, project) == 404
    missing = Project(slug="no-such-project")
    assert go(client, name, missing) == 404


@pytest.mark.parametrize("name", IN_PROJECT)
def test_who_was_removed_is_a_stranger(name: str, sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    client = sign_in(make_member(project, Role.LEAD))
    Membership.objects.update(status=Status.REMOVED)
    assert go(client, name, project) == 404


@pytest.mark.parametrize("name", IN_PROJECT)
def test_the_site_admin_leads_everywhere(name: str, sign_in: Callable[[User], Client]) -> None:
    assert go(sign_in(make_user(is_superuser=True)), name, make_project()) in LET_IN


@pytest.mark.parametrize("name", sorted(set(ADDRESSES) - OPEN_TO_ALL - BY_TOKEN))
def test_nobody_gets_in_without_signing_in(name: str, client: Client) -> None:
    answer = getattr(client, ADDRESSES[name][0].lower())(address_of(name, make_project()))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("sign-in"))


@pytest.mark.parametrize("name", sorted(BY_TOKEN))
def test_programs_need_a_token_whoever_is_signed_in(name: str, sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    client = sign_in(make_member(project, Role.LEAD))
    assert client.get(address_of(name, project)).status_code == 401
    assert go(client, name, project) in LET_IN


@pytest.mark.parametrize("name", [name for name, (method, _action) in ADDRESSES.items() if method == "POST"])
def test_nothing_is_changed_by_looking(name: str, sign_in: Callable[[User], Client]) -> None:
    client = sign_in(make_user(is_superuser=True))
    status = client.get(address_of(name, make_project())).status_code
    assert status == (302 if name == "language" else 405)  # Django's set_language only goes back on GET


def test_forms_need_their_token() -> None:
    project = make_project()
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_member(project))
    answer = client.post(reverse("next-task", kwargs={"slug": project.slug}))
    assert answer.status_code == 403
    assert "Please send it again" in answer.text


def test_only_who_leads_may_set_up_another_project(sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    for name in ("new-project", "move-project"):
        assert sign_in(make_member(project, Role.REVIEWER)).get(reverse(name)).status_code == 403
        assert sign_in(make_member(project, Role.LEAD)).get(reverse(name)).status_code == 200


def test_home_lists_only_ones_own(sign_in: Callable[[User], Client]) -> None:
    project, other = make_project(), make_project()
    user = make_member(project, Role.LEAD)
    page = sign_in(user).get(reverse("home")).text
    assert project.name in page
    assert other.name not in page


def test_who_only_labels_is_taken_to_it(sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    answer = sign_in(make_member(project)).get(reverse("home"))
    assert answer.url == reverse("label", kwargs={"slug": project.slug})  # type: ignore[attr-defined]
