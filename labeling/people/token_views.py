from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from labeling.errors import Refused
from labeling.people.forms import TokenForm
from labeling.people.tokens import issue, revoke
from labeling.people.views import UserRequest


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def tokens(request: UserRequest) -> HttpResponse:
    """A person's access tokens. The secret of a new one is in the answer to its form, and is kept nowhere for later."""
    form = TokenForm(request.POST or None)
    if not form.is_valid():
        return show(request, form=form, status=422 if form.is_bound else 200)
    try:
        made, secret = issue(user=request.user, by=request.user, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, str(refused))
        return show(request, form=form, status=422)
    return show(request, form=TokenForm(), made=made, secret=secret)


@require_POST
@login_required
def revoke_token(request: UserRequest, token_id: int) -> HttpResponse:
    revoke(token=get_object_or_404(request.user.access_tokens, pk=token_id), by=request.user)
    return redirect("tokens")


def show(request: UserRequest, status: int = 200, **shown: Any) -> HttpResponse:
    kept = request.user.access_tokens.kept().order_by("-pk")
    return render(request, "labeling/people/tokens.html", {"tokens": kept, **shown}, status=status)
