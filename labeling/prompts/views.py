from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action
from labeling.prompts.import_prompts import import_prompts
from labeling.prompts.upload import UploadForm, take_upload

PER_PAGE = 50


@require_GET
@members(Action.LEAD)
def prompts(request: MemberRequest) -> HttpResponse:
    listed = request.project.prompts.annotate(n_responses=Count("responses")).order_by("pk")
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "labeling/prompts/prompts.html", {"page": page, "form": UploadForm()})


@require_POST
@members(Action.LEAD)
def import_file(request: MemberRequest) -> HttpResponse:
    return take_upload(request, import_prompts, back_to="prompts")
