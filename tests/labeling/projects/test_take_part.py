"""Participants of studies: one account for an id in a project, which opens nothing else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.invitation_models import Invitation, Participation
from labeling.projects.invite import revoke
from labeling.projects.join import Closed
from labeling.projects.models import Membership, Project, Status
from labeling.projects.prolific import completion_link, study_link
from labeling.projects.roles import Role
from labeling.projects.take_part import pseudonym, take_part
from tests.factories import make_project, make_study, make_user

pytestmark = pytest.mark.django_db


def come(invitation: Invitation, external_id: str = "p1", session: str = "first") -> Participation:
    return take_part(invitation=invitation, external_id=external_id, study="s", session=session)


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def study(project: Project) -> Invitation:
    return make_study(project)


def test_an_account_is_made_that_tells_nobody_the_id(project: Project, study: Invitation) -> None:
    user = come(study, "5f3a").user
    assert user.username.startswith("prolific-")
    assert "5f3a" not in user.username
    assert not user.has_usable_password()
    assert user.memberships.get().role == Role.ANNOTATOR


def test_who_comes_back_goes_on_and_spends_no_use(study: Invitation) -> None:
    first = come(study)
    again = come(study, session="second")
    assert (again, again.user, again.session) == (first, first.user, "second")
    come(study, "p2")
    study.refresh_from_db()
    assert study.n_uses == 2
    revoke(invitation=study)
    assert come(study) == first
    with pytest.raises(Closed):
        come(study, "p3")
    assert not User.objects.filter(username=pseudonym(study.project, "p3")).exists()


def test_every_project_has_its_own_account(study: Invitation) -> None:
    assert come(study).user != come(make_study(make_project())).user


def test_another_study_of_the_project_is_the_same_account_and_closes_the_first(
    project: Project, study: Invitation
) -> None:
    first, second = come(study), come(make_study(project))
    assert first.user == second.user
    assert Membership.objects.get().participation == second
    with pytest.raises(Refused, match="another study"):
        come(study)
    with pytest.raises(Refused, match="not open to you"):
        come(make_study(project, held_out=True))
    Membership.objects.update(status=Status.PAUSED)
    with pytest.raises(Refused, match="not open to you"):
        come(make_study(project))


def test_who_was_removed_stays_out(study: Invitation) -> None:
    come(study)
    Membership.objects.update(status=Status.REMOVED)
    with pytest.raises(Refused, match="removed"):
        come(study)


def give_a_password(user: User) -> None:
    user.set_password("correct horse battery")
    user.save()


def make_admin(user: User) -> None:
    user.is_superuser = True
    user.save()


def switch_off(user: User) -> None:
    user.is_active = False
    user.save()


def bring_elsewhere(user: User) -> None:
    Membership.objects.create(project=make_project(), user=user, role=Role.ANNOTATOR)


@pytest.mark.parametrize("change", [give_a_password, make_admin, switch_off, bring_elsewhere])
def test_an_id_never_opens_an_account_that_is_more(change: Callable[[User], None], study: Invitation) -> None:
    change(come(study).user)
    with pytest.raises(Refused, match="not open"):
        come(study)


def test_a_name_somebody_took_is_not_theirs(study: Invitation) -> None:
    make_user(pseudonym(study.project, "p1"))
    with pytest.raises(Refused, match="not open"):
        come(study)


@pytest.mark.django_db(transaction=True)
def test_one_id_at_once_and_more_people_than_places() -> None:
    project = make_project()
    studies = [make_study(project, most_uses=3), make_study(project, most_uses=3)]

    def try_to(number: int) -> Participation | None:
        try:
            return come(studies[number % 2], f"p{number % 8 // 2}")
        except Refused:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(try_to, range(24)))
    came = Participation.objects.values_list("external_id", "user")
    assert (
        len({external_id for external_id, _user in came}) == len({user for _id, user in came}) == User.objects.count()
    )
    for study in studies:
        study.refresh_from_db()
        assert study.n_uses == study.uses.count() == study.participations.count() == 3


def test_links() -> None:
    assert study_link("https://c.example/join/1.x/") == (
        "https://c.example/join/1.x/?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}"
    )
    assert completion_link("C1") == "https://app.prolific.com/submissions/complete?cc=C1"
