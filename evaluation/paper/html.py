"""A paper as one HTML file that needs nothing beside it."""

from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from evaluation.paper.blocks import Paper

STYLES = ["base", "layout", "components/figures", "components/charts", "paper"]


def as_html(paper: Paper) -> str:
    shown = {"paper": paper, "language": get_language(), "styles": style(*STYLES), "on_paper": style("print")}
    return render_to_string("evaluation/paper/paper.html", shown)


@cache
def style(*names: str) -> SafeString:
    """The pages' own style sheets of these names."""
    found = [finders.find(f"css/{name}.css") for name in names]
    return mark_safe("".join(Path(str(path)).read_text() for path in found))  # noqa: S308 (our own files)
