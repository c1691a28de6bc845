"""The one door to a project: who may come in, and as what."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from labeling.people.models import User
from labeling.projects.models import Membership, Project, Status
from labeling.projects.roles import Action, Role

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request by somebody who has come through `members`."""

    user: User
    project: Project
    role: Role
    membership: Membership | None
    """None for the site admin in a project that he is no member of."""

    htmx: HtmxDetails


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]
SlugView = Callable[..., HttpResponseBase]


def members(action: Action, *, takes_late: bool = False) -> Callable[[MemberView[P]], SlugView]:
    """For views below a project's slug: members whose role allows `action`.

    Everybody else who is signed in sees 404, members of the project with another role 403. A view that `takes_late` is
    called for those as well who were removed since they wrote what they send; all they hear is whether it arrived.
    """

    def decorate(view: MemberView[P]) -> SlugView:
        @login_required
        @wraps(view)
        def guarded(request: MemberRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            request.project, request.role, request.membership = enter(request.user, slug, also_removed=takes_late)
            if not request.role.can(action):
                raise PermissionDenied
            answer = view(request, *args, **kwargs)
            return without_content(answer) if is_removed(request.membership) else answer

        return guarded

    return decorate


ENTER = """
SELECT project.*, member.id AS member_id, member.role AS member_role, member.status AS member_status,
    member.paused_because AS member_paused_because, member.paused_at AS member_paused_at,
    member.held_out AS member_held_out, member.exam AS member_exam, member.participation_id AS member_participation_id,
    (SELECT max(message.id) FROM labeling_message AS message
     WHERE message.membership_id = member.id AND message.read_at IS NULL) AS newest_unread
FROM labeling_project AS project LEFT JOIN labeling_membership AS member
    ON member.project_id = project.id AND member.user_id = %(user)s
WHERE project.slug = %(slug)s
"""
"""Every page of a project asks this, so it is written out."""

OF_MEMBER = ["id", "role", "status", "paused_because", "paused_at", "held_out", "exam", "participation_id"]


def enter(user: User, slug: str, *, also_removed: bool = False) -> tuple[Project, Role, Membership | None]:
    """The project at `slug` and what `user` is there; the site admin leads everywhere."""
    project = next(iter(Project.objects.raw(ENTER, {"user": user.pk, "slug": slug})), None)
    if project is None:
        raise Http404
    found = {name: getattr(project, f"member_{name}") for name in OF_MEMBER}
    member = Membership(project=project, user=user, **found) if found["id"] is not None else None
    if member is not None:
        member.newest_unread = project.newest_unread  # type: ignore[attr-defined]
    if member is not None and (not is_removed(member) or (also_removed and not user.is_superuser)):
        return project, Role(member.role), member
    if not user.is_superuser:
        raise Http404
    return project, Role.LEAD, None


def is_removed(member: Membership | None) -> bool:
    return member is not None and member.status == Status.REMOVED


def without_content(answer: HttpResponseBase) -> HttpResponse:
    """That it arrived; 404 where it did not."""
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        raise Http404
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def may_create_projects(user: User) -> bool:
    """Whoever leads a project may set up another; the first is made by the site admin or by command."""
    return user.is_superuser or Membership.objects.leading().filter(user=user).exists()
