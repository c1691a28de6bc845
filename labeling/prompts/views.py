from django.core.paginator import Paginator
from django.db.models import Count
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action
from labeling.prompts.models import PromptImage

PER_PAGE = 50
YEAR = 365 * 24 * 3600


@require_GET
@members(Action.LEAD)
def prompts(request: MemberRequest) -> HttpResponse:
    listed = request.project.prompts.annotate(n_responses=Count("responses")).prefetch_related("images").order_by("pk")
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "labeling/prompts/prompts.html", {"page": page})


@require_GET
@members(Action.LABEL)
@cache_control(private=True, max_age=YEAR, immutable=True)
def image(request: MemberRequest, sha256: str) -> HttpResponseBase:
    """An image of one of the project's prompts. Its address names its content, so it may be kept for good."""
    found = PromptImage.objects.filter(prompt__project=request.project, sha256=sha256).first()
    try:
        if found is not None:
            return FileResponse(found.file.open("rb"), content_type=found.media_type)
    except FileNotFoundError:
        pass
    raise Http404
