"""What is untrusted is shown, and never acts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.markup import CLEANER, to_html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and `code`", "<strong>bold</strong> and <code>code</code>"),
        ("a\nb", "a<br>"),
        ("| a |\n|---|\n| 1 |", "<td>1</td>"),
        ("```python\nprint(1)\n```", '<span class="nb">print</span>'),
        ("```nonsense\na < b\n```", "a &lt; b"),
        ("it is $x_1 * y_2 * z$", '<span class="math">$x_1 * y_2 * z$</span>'),
        ("\\(a_b * c * d\\)", '<span class="math">\\(a_b * c * d\\)</span>'),
        ("it costs $5, not $10", "it costs $5, not $10"),
        ("<b>no</b>", "&lt;b&gt;no&lt;/b&gt;"),
        ("![pixel](http://elsewhere/p.png)", '<a href="http://elsewhere/p.png"'),
        ("[x](http://elsewhere)", 'rel="noopener noreferrer nofollow"'),
    ],
)
def test_markdown(text: str, shown: str) -> None:
    assert shown in to_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<img src=x onerror=alert(1)>",
        "![x](javascript:alert(1))",
        "<a href='javascript:alert(1)'>x</a>",
        '```"><script>alert(1)</script>\nx\n```',
        "<iframe src=//elsewhere></iframe>",
        "$<img src=x onerror=alert(1)>$",
        "<style>*{display:none}</style>",
    ],
)
def test_nothing_acts(text: str) -> None:
    made = to_html(text)
    for forbidden in ("<script", "<img", "<iframe", "<style", 'href="javascript', 'href="data', "<a href='"):
        assert forbidden not in made.lower()


def test_code_is_coloured_where_that_takes_no_time() -> None:
    def is_coloured(language: str, code: str) -> bool:
        return "<span" in to_html(f"```{language}\n{code}\n```")

    assert is_coloured("python", "x = 1")
    assert is_coloured("r", "x <- 1")
    assert not is_coloured("perl", "my $x = 1")
    assert not is_coloured("no-language", "x = 1")
    assert not is_coloured("python", "x = 1\n" * 1000)


def test_a_formula_has_an_end() -> None:
    assert to_html(r"\[" + "a" * 1000 + r"\]").count("math") == 1
    assert "math" not in to_html(r"\[" + "a" * 1001 + r"\]")


def test_a_very_long_text_is_shown_as_it_is() -> None:
    assert to_html("*a* " * 10_000).count("*a*") == 10_000


@given(st.text(max_size=300))
def test_any_text_can_be_shown_and_is_clean(text: str) -> None:
    made = to_html(text)
    assert CLEANER.clean(made) == made
