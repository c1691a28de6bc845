from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from labeling.api.pages import Pages
from labeling.api.reading import ProgramRequest, reads
from labeling.api.serializers import (
    MemberRow,
    MembersAnswer,
    PageAsked,
    ProjectAnswer,
    ProjectRow,
    ProjectsAnswer,
)
from labeling.people.models import User
from labeling.projects.models import Membership, Project
from labeling.projects.roles import Action, Role


@reads("My projects", asks=PageAsked, gives=ProjectsAnswer)
def projects(request: ProgramRequest) -> Response:
    """The projects that you are a member of, the oldest first. The site admin leads all of them."""
    return page(request, mine(request.user), ProjectRow)


@reads("A project", gives=ProjectAnswer, action=Action.LABEL)
def project(request: ProgramRequest) -> Response:
    """What the project is, what you are in it, and what it asks about each task."""
    shown: Any = request.project
    instrument = request.project.current_instrument()
    shown.role, shown.questions = request.role, instrument.questions if instrument else []
    return Response(ProjectAnswer(shown).data)


@reads("Members", asks=PageAsked, gives=MembersAnswer, action=Action.LEAD)
def members(request: ProgramRequest) -> Response:
    """Who is in the project, or was, in the order in which they came. For leads."""
    return page(request, request.project.memberships.select_related("user"), MemberRow)


def mine(user: User) -> QuerySet[Project]:
    """With the `role` this person has in each."""
    here = Membership.objects.present().filter(project=OuterRef("pk"), user=user)
    return Project.objects.visible_to(user).annotate(role=Coalesce(Subquery(here.values("role")), Value(Role.LEAD)))


def page(request: ProgramRequest, rows: QuerySet[Any], shape: type[Serializer[Any]]) -> Response:
    pages = Pages()
    return pages.get_paginated_response(shape(pages.paginate_queryset(rows, request), many=True).data)
