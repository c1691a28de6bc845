import json
from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from labeling.errors import Refused
from labeling.people.keys import change_keys
from labeling.people.models import User


class SignIn(LoginView):
    template_name = "labeling/people/sign_in.html"
    redirect_authenticated_user = True


class UserRequest(HttpRequest):
    """A request by somebody signed in."""

    user: User


@require_POST
@login_required
def keys(request: UserRequest) -> HttpResponse:
    """Remember this person's own keys: a JSON object {what it does: key}."""
    try:
        change_keys(user=request.user, keys=json.loads(request.body))
    except (ValueError, Refused) as wrong:
        return JsonResponse({"error": str(wrong)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)
