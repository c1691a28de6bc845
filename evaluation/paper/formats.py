"""The forms that a paper is written in."""

from collections.abc import Callable
from dataclasses import dataclass

from evaluation.paper.blocks import Paper
from evaluation.paper.html import as_html
from evaluation.paper.markdown import as_markdown


@dataclass(frozen=True)
class PaperFormat:
    write: Callable[[Paper], str]
    ending: str
    content_type: str


FORMATS = {
    "html": PaperFormat(as_html, "html", "text/html; charset=utf-8"),
    "markdown": PaperFormat(as_markdown, "md", "text/markdown; charset=utf-8"),
}
