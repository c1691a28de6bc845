"""The one door for programs: who asks, what for, and whether they may."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from django.views.decorators.vary import vary_on_headers
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import api_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from labeling.api.serializers import Asked, ErrorAnswer
from labeling.people.models import User
from labeling.projects.guards import enter
from labeling.projects.models import Project
from labeling.projects.roles import Action, Role


class ProgramRequest(Request):
    """A request that has come through `reads`."""

    user: User
    asked: dict[str, Any]
    """The parameters of the address, checked; only those that were given."""
    project: Project
    role: Role


View = Callable[..., HttpResponseBase]


def reads(
    name: str,
    *,
    gives: type[Serializer[Any]] | None,
    asks: type[Asked] = Asked,
    action: Action | None = None,
    media_type: str = "application/json",
    row: OpenApiParameter | None = None,
) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """For views that programs read by GET. In the schema `name` says which it is, the view's docstring what it gives.

    With an `action` it is below a project's slug, for members whose role allows that: everybody else gets 404, members
    with another role 403. A program that has an answer already asks whether it is current; nobody between keeps it.
    What has no shape of ours is a file of the `media_type`. row: what else the path names.
    """

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: Any, /, slug: str = "", **rows: int) -> HttpResponseBase:
            request.asked = parameters(asks, request.query_params)
            if action is not None:
                request.project, request.role, _membership = enter(request.user, slug)
                if not request.role.can(action):
                    raise PermissionDenied
            return view(request, **rows)

        answered = api_view(["GET"])(guarded)
        kept = conditional_page(cache_control(private=True, no_cache=True)(vary_on_headers("Authorization")(answered)))
        described = extend_schema(
            operation_id=view.__name__,
            summary=name,
            parameters=[*([SLUG] if action else []), *([row] if row else []), *([asks] if asks().fields else [])],
            responses={
                (HTTPStatus.OK, media_type): OpenApiResponse(gives or OpenApiTypes.BINARY, description=name),
                **refusals(in_project=action is not None),
            },
        )
        return described(kept)

    return decorate


def parameters(asks: type[Asked], given: QueryDict) -> dict[str, Any]:
    """Raises ValidationError for what cannot be asked. A name that nobody knows is refused rather than passed over: who
    mistypes one would take an answer to something else for theirs.
    """
    asked = asks(data=given)
    if unknown := sorted(set(given) - set(asked.fields)):
        known = ", ".join(asked.fields)
        why = _("There is no such parameter. There are: %(names)s.") if known else _("This address has no parameters.")
        raise ValidationError({name: [why % {"names": known}] for name in unknown})
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


SLUG = OpenApiParameter("slug", str, OpenApiParameter.PATH, description="The project, by its address.")

REFUSALS = {
    HTTPStatus.BAD_REQUEST: "A parameter is not known, or has a value that it cannot have.",
    HTTPStatus.UNAUTHORIZED: "There is no token, or it opens nothing (any more).",
}
REFUSALS_IN_PROJECTS = {
    HTTPStatus.FORBIDDEN: "Your role in the project does not allow this.",
    HTTPStatus.NOT_FOUND: "There is no such project, or you are no member of it.",
    HTTPStatus.CONFLICT: "What a parameter names is not in the project, such as a question that nobody answered.",
}


def refusals(*, in_project: bool) -> dict[Any, OpenApiResponse]:
    meanings = REFUSALS | (REFUSALS_IN_PROJECTS if in_project else {})
    return {status: OpenApiResponse(ErrorAnswer, description=meaning) for status, meaning in meanings.items()}
