"""What is answered where no view does: to programs in the shape of all their failures, to people as a page."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults

from labeling.api.errors import failure

PROGRAMS = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_by_program(request):
        return defaults.bad_request(request, exception)
    said = failure("bad_request", _("The request cannot be understood."))
    return JsonResponse(said, status=HTTPStatus.BAD_REQUEST)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_by_program(request):
        return defaults.page_not_found(request, exception)
    return JsonResponse(failure("not_found", _("There is nothing here")), status=HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    if not is_by_program(request):
        return defaults.server_error(request)
    said = failure("server_error", _("The mistake is Concord's, and is in its log."))
    return JsonResponse(said, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def is_by_program(request: HttpRequest) -> bool:
    return request.path.startswith(PROGRAMS)
