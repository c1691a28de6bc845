from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from labeling.projects.guards import MemberRequest

register = template.Library()

OF_REVIEW = {"task", "decide-task", "review-annotation", "gold"}
"""Pages of a task, which reviewers come to from the review."""


@register.inclusion_tag("components/_tab.html", takes_context=True)
def tab(context: Context, name: str, label: str) -> dict[str, Any]:
    """The way to a page of the project, which is marked on the pages under it as well."""
    request: MemberRequest = context["request"]
    address = reverse(name, args=[request.project.slug])
    return {"address": address, "label": label, "current": current(request, name, address)}


def current(request: MemberRequest, name: str, address: str) -> str:
    """What is said in aria-current."""
    page = request.resolver_match.url_name if request.resolver_match else ""
    if page == name:
        return "page"
    if page in OF_REVIEW:
        return "true" if name == "review" else ""
    return "true" if name != "overview" and request.path.startswith(address) else ""
