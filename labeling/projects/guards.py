"""The one door to a project: who may come in, and as what."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from labeling.people.models import User
from labeling.projects.models import Membership, Project
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


def members(action: Action) -> Callable[[MemberView[P]], SlugView]:
    """For views below a project's slug: members whose role allows `action`.

    Everybody else who is signed in sees 404, members of the project with another role 403.
    """

    def decorate(view: MemberView[P]) -> SlugView:
        @login_required
        @wraps(view)
        def guarded(request: MemberRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            request.project, request.role, request.membership = enter(request.user, slug)
            if not request.role.can(action):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def enter(user: User, slug: str) -> tuple[Project, Role, Membership | None]:
    """The project at `slug` and what `user` is there; the site admin leads everywhere."""
    memberships = Membership.objects.present().select_related("project")
    membership = memberships.filter(project__slug=slug, user=user).first()
    if membership is not None:
        return membership.project, Role(membership.role), membership
    project = Project.objects.filter(slug=slug).first() if user.is_superuser else None
    if project is None:
        raise Http404
    return project, Role.LEAD, None


def may_create_projects(user: User) -> bool:
    """Whoever leads a project may set up another; the first is made by the site admin or by command."""
    return user.is_superuser or Membership.objects.leading().filter(user=user).exists()
