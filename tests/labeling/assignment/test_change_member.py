import pytest

from labeling.assignment.change_member import hold_out, pause, remove_member, resume
from labeling.assignment.claim import claim
from labeling.assignment.models import Seat
from labeling.collection.models import Annotation
from labeling.errors import Refused
from labeling.projects.add_member import add_member
from labeling.projects.models import Membership, Project, Status
from labeling.projects.roles import Role
from tests.factories import RANKING, make_member, make_project, make_task, rank

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    project = make_project(questions=RANKING)
    for _n in range(2):
        make_task(project, overlap=1)
    return project


def test_what_a_paused_annotator_holds_goes_to_others_and_what_they_send_is_kept(project: Project) -> None:
    user, other = make_member(project), make_member(project)
    seat = claim(project=project, user=user)
    assert seat is not None
    member = Membership.objects.get(user=user)
    pause(membership=member, because="too fast")
    assert claim(project=project, user=user) is None
    taken = claim(project=project, user=other)
    assert taken == seat
    rank(seat.task, user, [1, 2, 3])
    assert not Annotation.objects.counted().exists()
    assert Annotation.objects.get().seat.kind == "surplus"
    resume(membership=member)
    again = claim(project=project, user=user)
    assert again is not None
    assert again.task != seat.task


def test_who_is_removed_finds_no_project_and_what_they_said_stays(project: Project) -> None:
    user = make_member(project)
    seat = claim(project=project, user=user)
    assert seat is not None
    rank(seat.task, user, [1, 2, 3])
    claim(project=project, user=user)
    remove_member(membership=Membership.objects.get(user=user))
    assert not Project.objects.visible_to(user).exists()
    assert not Seat.objects.to_fill().filter(holder=user).exists()
    assert Annotation.objects.counted().count() == 1
    add_member(project=project, username=user.username, role=Role.ANNOTATOR)
    assert Membership.objects.get(user=user).status == Status.ACTIVE


def test_somebody_leads_the_project_always(project: Project) -> None:
    lead = Membership.objects.get(user=make_member(project, Role.LEAD))
    with pytest.raises(Refused, match="must lead"):
        remove_member(membership=lead)
    make_member(project, Role.LEAD)
    remove_member(membership=lead)


def test_holding_out_is_remembered_when_somebody_leaves(project: Project) -> None:
    member = Membership.objects.get(user=make_member(project))
    hold_out(membership=member, held_out=True)
    remove_member(membership=member)
    member.refresh_from_db()
    assert member.held_out


def test_who_is_held_out_gives_up_what_is_for_training_and_counts_there_no_more(project: Project) -> None:
    user, other = make_member(project), make_member(project)
    seat = claim(project=project, user=user)
    assert seat is not None
    hold_out(membership=Membership.objects.get(user=user), held_out=True)
    assert claim(project=project, user=user) is None
    assert claim(project=project, user=other) == seat
    pause(membership=Membership.objects.get(user=other))
    rank(seat.task, user, [1, 2, 3])
    assert Annotation.objects.get().seat.kind == "surplus"
    for_evaluation = make_task(project)
    for_evaluation.seats.update(for_evaluation=True)
    rank(for_evaluation, user, [1, 2, 3])
    assert Annotation.objects.counted().get().seat.task == for_evaluation


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_the_last_lead_is_made_nothing_else(role: Role, project: Project) -> None:
    lead = make_member(project, Role.LEAD)
    with pytest.raises(Refused, match="must lead"):
        add_member(project=project, username=lead.username, role=role)
    add_member(project=project, username=lead.username, role=Role.LEAD)
    other = make_member(project, Role.LEAD)
    add_member(project=project, username=lead.username, role=role)
    assert Membership.objects.leading().get().user == other


def test_who_is_brought_back_is_paused_no_more(project: Project) -> None:
    member = Membership.objects.get(user=make_member(project))
    pause(membership=member, because="too fast", agreement=0.2)
    remove_member(membership=member)
    add_member(project=project, username=member.user.username, role=Role.REVIEWER)
    member.refresh_from_db()
    assert (member.status, member.role) == (Status.ACTIVE, Role.REVIEWER)
    assert (member.paused_because, member.paused_at) == ("", None)
    assert member.resumed_at is not None
