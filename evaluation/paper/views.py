from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from evaluation.paper.formats import FORMATS
from evaluation.paper.paper import paper
from labeling.projects.guards import MemberRequest, members
from labeling.projects.roles import Action


@require_GET
@members(Action.LEAD)
def report(request: MemberRequest, ending: str) -> HttpResponse:
    """The stored figures as a file; people by numbers."""
    chosen = next((one for one in FORMATS.values() if one.ending == ending), None)
    if chosen is None:
        raise Http404
    disposition = f'attachment; filename="{request.project.slug}-report.{ending}"'
    content = chosen.write(paper(project=request.project))
    return HttpResponse(content, content_type=chosen.content_type, headers={"Content-Disposition": disposition})
