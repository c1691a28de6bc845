"""Who comes in by an invitation, and who does not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from labeling.audit import AuditEntry
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.add_member import add_member
from labeling.projects.invitation_models import Invitation, InvitationState, InvitationUse
from labeling.projects.invitations import find_invitation, token_of
from labeling.projects.invite import revoke
from labeling.projects.join import Closed, join, sign_up
from labeling.projects.models import Membership, Status
from labeling.projects.roles import Role
from labeling.projects.take_part import take_part
from tests.factories import make_invitation, make_member, make_project, make_study, make_user

pytestmark = pytest.mark.django_db


def expire(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def use_up(invitation: Invitation) -> None:
    for _n in range(invitation.most_uses):
        join(invitation=invitation, user=make_user())


def withdraw(invitation: Invitation) -> None:
    revoke(invitation=invitation)


CLOSED = [(expire, InvitationState.EXPIRED), (use_up, InvitationState.USED_UP), (withdraw, InvitationState.REVOKED)]


def test_who_joins_is_what_the_invitation_says() -> None:
    invitation = make_invitation(make_project(), role=Role.REVIEWER)
    Invitation.objects.update(held_out=True)
    invitation.refresh_from_db()
    member = join(invitation=invitation, user=make_user("kim"))
    assert (member.role, member.held_out, member.status) == (Role.REVIEWER, True, Status.ACTIVE)
    entry = AuditEntry.objects.get(action="member.joined")
    assert entry.actor == User.objects.get(username="kim")
    assert entry.detail["invitation"] == invitation.pk


@pytest.mark.parametrize(("close", "state"), CLOSED)
def test_a_closed_invitation_lets_nobody_in(close: Callable[[Invitation], None], state: InvitationState) -> None:
    invitation = make_invitation(make_project(), most_uses=1)
    close(invitation)
    invitation.refresh_from_db()
    assert invitation.state == state
    late = make_user()
    with pytest.raises(Closed):
        join(invitation=invitation, user=late)
    with pytest.raises(Closed):
        sign_up(invitation=invitation, username="newcomer", password="correct horse battery")
    assert not User.objects.filter(username="newcomer").exists()
    assert not late.memberships.exists()
    assert not InvitationUse.objects.filter(user=late).exists()


def test_members_spend_no_use_and_stay_what_they_are() -> None:
    project = make_project()
    invitation = make_invitation(project)
    lead = make_member(project, Role.LEAD)
    assert join(invitation=invitation, user=lead).role == Role.LEAD
    user = make_user()
    assert join(invitation=invitation, user=user) == join(invitation=invitation, user=user)
    invitation.refresh_from_db()
    assert invitation.n_uses == 1
    assert invitation.uses.count() == 1


def test_who_was_removed_does_not_come_back_by_a_link() -> None:
    project = make_project()
    user = make_member(project)
    Membership.objects.update(status=Status.REMOVED)
    with pytest.raises(Refused, match="You were removed"):
        join(invitation=make_invitation(project), user=user)
    assert Membership.objects.get(user=user).status == Status.REMOVED


def test_the_account_of_a_study_joins_nothing_else_and_nobody_makes_it_more() -> None:
    project = make_project()
    participant = take_part(invitation=make_study(project), external_id="p1", study="s", session="v").user
    with pytest.raises(Refused, match="made for a study"):
        join(invitation=make_invitation(make_project()), user=participant)
    for where in (project, make_project()):
        with pytest.raises(Refused, match="made for a participant"):
            add_member(project=where, username=participant.username, role=Role.LEAD)


def test_names_that_are_taken_or_cannot_be() -> None:
    invitation = make_invitation(make_project())
    make_user("kim")
    for name in ("kim", "two words", "x" * 151):
        with pytest.raises(Refused, match="user name"):
            sign_up(invitation=invitation, username=name, password="correct horse battery")
    invitation.refresh_from_db()
    assert invitation.n_uses == 0


def test_revoking_twice_is_revoking_once() -> None:
    invitation = make_invitation(make_project())
    revoke(invitation=invitation)
    revoke(invitation=invitation)
    assert AuditEntry.objects.filter(action="invitation.revoked").count() == 1


def test_only_our_own_links_are_links() -> None:
    invitation = make_invitation(make_project())
    token = token_of(invitation)
    assert find_invitation(token) == invitation
    assert token == token_of(invitation)
    other = make_invitation(invitation.project)
    forged = f"{other.pk}.{token.partition('.')[2]}"
    for wrong in ("", "x", str(invitation.pk), token[:-1], token.upper(), forged, f"{token}x"):
        assert find_invitation(wrong) is None
    other_token = token_of(other)
    other.delete()
    assert find_invitation(other_token) is None


def test_the_database_holds_the_invariants() -> None:
    project = make_project()
    invitation, study = make_invitation(project, most_uses=1), make_study(project)
    join(invitation=invitation, user=make_user())
    begun = take_part(invitation=study, external_id="p1", study="s", session="v")
    forbidden = [
        lambda: Invitation.objects.filter(pk=invitation.pk).update(n_uses=2),
        lambda: Invitation.objects.filter(pk=invitation.pk).update(role=Role.LEAD),
        lambda: Invitation.objects.filter(pk=invitation.pk).update(labels_wanted=3),
        lambda: Invitation.objects.filter(pk=study.pk).update(labels_wanted=0),
        lambda: Invitation.objects.filter(pk=study.pk).update(completion_code=""),
        lambda: Invitation.objects.filter(pk=study.pk).update(role=Role.REVIEWER),
        lambda: invitation.uses.create(user=invitation.uses.get().user),
        lambda: study.participations.create(user=begun.user, external_id="p1", study="s", session="v"),
        lambda: study.participations.create(user=make_user(), external_id="p2", platform="mturk"),
        lambda: Membership.objects.filter(user=begun.user).update(role=Role.LEAD),
        lambda: Membership.objects.filter(participation=None).update(participation=begun),
    ]
    for act in forbidden:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


@pytest.mark.django_db(transaction=True)
def test_as_many_come_as_may_however_many_come_at_once() -> None:
    invitation = make_invitation(make_project(), most_uses=5)
    users = [make_user() for _n in range(12)]

    def come(user: User) -> bool:
        try:
            join(invitation=invitation, user=user)
        except Closed:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(12) as pool:
        came = list(pool.map(come, [*users, *users]))  # everybody twice
    invitation.refresh_from_db()
    assert invitation.n_uses == 5 == invitation.uses.count() == Membership.objects.count()
    assert sum(came) >= 5
