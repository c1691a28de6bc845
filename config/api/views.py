from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.reference import operations, shapes
from config.api.schema import make_schema
from labeling.markup import to_html


@extend_schema(exclude=True)
@api_view(["GET"])
@authentication_classes([])
@permission_classes([])
def schema(request: Request) -> Response:
    """For generators of clients. It says nothing of what is stored here, so it is open to all."""
    return Response(make_schema())


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    made = make_schema()
    shown = {"about": to_html(made["info"]["description"]), "operations": operations(made), "shapes": shapes(made)}
    return render(request, "api_docs.html", shown)
