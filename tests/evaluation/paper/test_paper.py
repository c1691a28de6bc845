"""The report as a file: everything that is stored is in it, it needs nothing beside it, and names do not act in it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from cmarkgfm.cmark import Options, markdown_to_html_with_extensions
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse
from django.utils.translation import override
from pytest_django import DjangoDbBlocker

from evaluation.agreement.models import AgreementReport
from evaluation.agreement.report import report_agreement
from evaluation.notation import figure, interval
from evaluation.paper.html import as_html
from evaluation.paper.markdown import as_markdown
from evaluation.paper.paper import paper
from evaluation.scores.models import ScoreReport
from evaluation.scores.report import report_scores
from evaluation.stats.results import NO_COMPARISONS, NO_GOLD, NO_RATINGS
from labeling.projects.models import Project
from labeling.projects.roles import Role
from tests.conftest import at
from tests.factories import make_endpoint, make_member, make_project, make_task, rank
from tests.simulated import Person, simulate

pytestmark = pytest.mark.django_db

PEOPLE = ["ann-1", "bo|by", "cy-3", "dot-4"]
HOSTILE = "<script>alert(1)</script> | `a` *b* [c](https://d.example) \\| &amp;\n# e"


class Reader(HTMLParser):
    """What a file has: its tags, what they point at, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.pointers: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.pointers += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]
        assert not [name for name, _value in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def as_read(markdown: str) -> Reader:
    """As GitHub shows it, but that addresses written out are no links."""
    return Reader(markdown_to_html_with_extensions(markdown, Options.CMARK_OPT_UNSAFE, ["table", "strikethrough"]))


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Project]:
    """A project whose names are hostile, with its figures; made once, as the tests of this file only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        project = make_project("told")
        project.name = f"Told {HOSTILE}"
        project.save()
        people = [Person(name) for name in PEOPLE]
        simulate(project, people, {f"strong {HOSTILE}": 0.8, "weak": 0.0}, prompts=24)
        make_endpoint(project, "idle")
        report_agreement(project=project)
        report_scores(project=project)
        yield project
        transaction.set_rollback(True)


def figures_of(stored: Any) -> Iterator[str]:
    """Of reports, how each figure of a statistic or score is written, with its interval."""
    if isinstance(stored, list):
        for one in stored:
            yield from figures_of(one)
    elif isinstance(stored, dict):
        of = stored.get("statistic") or stored.get("score")
        if of is not None and "p" not in stored and stored["value"] is not None:
            yield figure(stored["value"], of)
            yield interval(stored, of)
        else:
            yield from figures_of(list(stored.values()))


def test_everything_that_is_stored_is_told_in_both_forms(told: Project) -> None:
    stored = [AgreementReport.objects.get().content, ScoreReport.objects.get().content]
    del stored[1]["lengths"][0]  # the same as those against the other endpoint, seen from the other side
    expected = {one for one in figures_of(stored) if one}
    assert len(expected) > 100
    made = paper(project=told)
    for reader in (Reader(as_html(made)), as_read(as_markdown(made))):
        missing = {one for one in expected if one not in reader.text}
        assert not missing
        assert all(reason in reader.text for reason in (NO_COMPARISONS, NO_RATINGS, NO_GOLD))


def test_the_file_needs_nothing_beside_it_and_does_nothing(told: Project) -> None:
    reader = Reader(as_html(paper(project=told)))
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(reader.tags)
    assert reader.pointers
    assert all(pointer.startswith("#section-") for pointer in reader.pointers)
    assert "svg" in reader.tags
    style = "".join(re.findall(r"<style.*?</style>", as_html(paper(project=told)), re.DOTALL))
    assert "url(" not in style
    assert "@import" not in style


def test_names_do_not_act(told: Project) -> None:
    made = paper(project=told)
    plain = " ".join(HOSTILE.split())
    for reader in (Reader(as_html(made)), as_read(as_markdown(made))):
        assert f"Agreement and scores: Told {plain}" in reader.text
        assert f"strong {plain}" in reader.text
        assert "script" not in reader.tags
    assert not as_read(as_markdown(made)).pointers


def test_tables_of_markdown_have_as_many_cells_in_every_row(told: Project) -> None:
    widths: list[int] = []
    lines = as_markdown(paper(project=told)).splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("|"):
            width = len(re.findall(r"(?<!\\)\|", line))
            assert not before.startswith("|") or width == widths[-1], line
            widths.append(width)
    assert len(widths) > 100
    tags = as_read("\n".join(lines)).tags
    assert tags.count("table") == sum(bool(re.fullmatch(r"\|( ---:? \|)+", line)) for line in lines)


def test_annotators_have_numbers_unless_names_are_asked_for(told: Project) -> None:
    hidden, shown = (Reader(as_html(paper(project=told, with_names=names))).text for names in (False, True))
    for number, name in enumerate(PEOPLE, 1):
        assert f"Annotator {number}" in hidden
        assert name not in hidden
        assert name in shown
    assert "Annotator 1" not in shown


def test_it_is_in_the_readers_language(told: Project) -> None:
    with override("zh-hans"):
        text = as_html(paper(project=told))
        assert '<html lang="zh-hans">' in text
        assert "Krippendorff α" in text or "Krippendorff" in text
        assert "标注者" in as_markdown(paper(project=told))


def test_a_project_without_labels_has_methods_only() -> None:
    made = paper(project=make_project())
    for text in (as_html(made), as_markdown(made)):
        assert "No figures yet" in text
        assert "Overall quality" in text


def test_figures_that_are_behind_their_labels_say_so(told: Project) -> None:
    behind = "Labels have changed since"
    assert behind not in as_markdown(paper(project=told))
    rank(make_task(told), make_member(told), [1, 2, 3])
    assert as_markdown(paper(project=told)).count(behind) == 2


def address(ending: str) -> str:
    return reverse("report", kwargs={"slug": "told", "ending": ending})


def test_leads_keep_it_by_a_button(told: Project, client: Any) -> None:
    client.force_login(make_member(told, Role.LEAD))
    for page in ("agreement", "scores"):
        assert f'href="{address("html")}"' in client.get(at(page, told)).content.decode()
    for ending, kind in (("html", "text/html"), ("md", "text/markdown")):
        answer = client.get(address(ending))
        assert answer["Content-Disposition"] == f'attachment; filename="told-report.{ending}"'
        assert answer["Content-Type"] == f"{kind}; charset=utf-8"
        assert "Agreement and scores" in answer.content.decode()
    assert client.get(address("pdf")).status_code == 404


def test_by_command_the_figures_are_those_of_now(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = make_project("now")
    task = make_task(project)
    for name in ("ann", "bo"):
        rank(task, make_member(project, username=name), [1, 2, 3])
    out = tmp_path / "report.md"
    argv = ["report", "--project", "now", "--format", "markdown", "--out", str(out)]
    call_command(*argv, "--names", "--json")
    assert '"computed": ["agreement", "scores"]' in capsys.readouterr().out
    assert "| bo | 1 |" in out.read_text()
    call_command(*argv, "--language", "zh-hans", "--json")
    assert '"computed": []' in capsys.readouterr().out
    assert "一致性" in out.read_text()
    with pytest.raises(CommandError, match="No such file"):
        call_command(*argv[:-1], str(tmp_path / "none" / "report.md"))
