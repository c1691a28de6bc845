"""Show untrusted Markdown: what models and prompt authors wrote never becomes markup of ours."""

import html
import re
from functools import lru_cache

import nh3
from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

LONGEST = 30_000
"""Characters rendered at once; longer texts are shown as they are."""

LONGEST_CODE = 5_000
"""Characters of code coloured in one text: lexers are regular expressions, and some take the square of the length."""

COLOURED = {
    *("bash", "c", "cpp", "csharp", "css", "dart", "diff", "go", "haskell", "html", "java", "javascript", "json"),
    *("julia", "kotlin", "lua", "php", "python", "r", "ruby", "rust", "scala", "sql", "swift", "tex", "toml"),
    *("typescript", "xml", "yaml"),
}
"""Languages whose lexers stay below a second at the worst of texts of that length; some take minutes."""

TAGS = {
    *("p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "span": {"class"}}
CLEANER = nh3.Cleaner(
    tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer nofollow"
)

LESS_THAN, MATH = "\ue000", "\ue001"
"""Stand for what Markdown must not see. In the text itself these private characters mean nothing, and are dropped."""

FORMULA = re.compile(
    r"\$\$.{1,1000}?\$\$|\\\[.{1,1000}?\\\]|\\\(.{1,1000}?\\\)"
    r"|(?<![\w\\$])\$(?![\s$])[^\n$]{0,500}?(?<![\s\\])\$(?![\w$])",
    re.DOTALL,
)
CODE = re.compile(r'<pre lang="([\w+#.-]{1,40})[^"]*"><code>(.*?)</code></pre>', re.DOTALL)
IMAGE = re.compile(r'<img src="([^"]*)" alt="([^"]*)"[^>]*>')
OPTIONS = Options.CMARK_OPT_HARDBREAKS | Options.CMARK_OPT_UNSAFE
"""Unsafe is what comes out of this step only: there is no < left in it, and it is cleaned afterwards."""


@lru_cache(maxsize=1024)
def to_html(text: str) -> SafeString:
    """The text rendered as Markdown, with nothing in it that acts, loads or imitates the page.

    HTML in it is shown as it was written, and so are formulas: rendered wrongly they would be judged wrongly.
    """
    if len(text) > LONGEST:
        return format_html('<p class="text">{}</p>', text)
    formulas: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        formulas.append(f'<span class="math">{html.escape(found[0])}</span>')
        return f"{MATH}{len(formulas) - 1}{MATH}"

    plain = text.replace("\0", "\ufffd").replace(LESS_THAN, "").replace(MATH, "")
    source = FORMULA.sub(set_aside, plain).replace("<", LESS_THAN)
    made = github_flavored_markdown_to_html(source, OPTIONS).replace(LESS_THAN, "&lt;")
    made = IMAGE.sub(r'!<a href="\1">\2</a>', made)  # to be asked for, rather than loaded
    made = CODE.sub(Painter(), made)
    made = re.sub(f"{MATH}(\\d+){MATH}", lambda found: formulas[int(found[1])], made)
    return mark_safe(CLEANER.clean(made))  # noqa: S308


class Painter:
    """Shows blocks of code in colours, where their language is known and the text has not too much of it."""

    def __init__(self) -> None:
        self.left = LONGEST_CODE

    def __call__(self, found: re.Match[str]) -> str:
        language, code = found[1], found[2]
        self.left -= len(code)
        try:
            lexer = get_lexer_by_name(language)
        except ClassNotFound:
            lexer = None
        if lexer is not None and not COLOURED.isdisjoint(lexer.aliases) and self.left >= 0:
            code = highlight(html.unescape(code), lexer, HtmlFormatter(nowrap=True))
        return f"<pre><code>{code}</code></pre>"
