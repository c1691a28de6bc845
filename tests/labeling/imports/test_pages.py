"""Files that come by browser: kept, looked into, imported in the background."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone, translation

from labeling.collection.models import Annotation
from labeling.generation.models import Response
from labeling.imports.brings import Brings
from labeling.imports.jobs import sweep
from labeling.imports.models import KEPT_FOR, Import, ImportState
from labeling.imports.run_import import MOST_ATTEMPTS, order_import, run_import
from labeling.imports.understand import Understanding
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.roles import Role
from labeling.prompts.models import Prompt
from tests.bringing import bring, choose, order
from tests.conftest import at
from tests.factories import make_member, make_project

pytestmark = pytest.mark.django_db

ALPACA = b'[{"instruction": "Translate", "input": "hello", "output": "bonjour"}]'
JUDGED = {"prompt": "p", "responses": [{"model": "a", "text": "x"}, {"model": "b", "text": "y"}]}


@pytest.fixture
def project() -> Project:
    return make_project(questions=None)


@pytest.fixture
def lead(project: Project, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(make_member(project, Role.LEAD))


def lines(*rows: dict[str, Any]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


def test_a_file_is_looked_into_and_then_imported(lead: Client, project: Project) -> None:
    page = choose(lead, project, "alpaca.json", ALPACA)
    assert '<option value="alpaca" selected>Alpaca</option>' in page.text
    assert "Translate\n\nhello" in page.text
    assert "bonjour" in page.text
    assert not Prompt.objects.exists()
    done = order(lead, project)
    assert "Prompts imported: 1; there already: 0." in done.text
    prompt = Prompt.objects.get()
    assert (prompt.text, prompt.reference) == ("Translate\n\nhello", "bonjour")
    assert "Prompts imported: 1" in lead.get(at("imports", project)).text


def test_the_same_file_again_imports_nothing(lead: Client, project: Project) -> None:
    bring(lead, project, "alpaca.json", ALPACA)
    assert "Prompts imported: 0; there already: 1." in bring(lead, project, "alpaca.json", ALPACA).text


def test_responses_and_judgments(lead: Client, project: Project) -> None:
    assert "Responses imported: 2, with new prompts: 1" in bring(lead, project, "r.jsonl", lines(JUDGED)).text
    judged = lines(JUDGED | {"annotator": "kim", "preference": "A"})
    assert "Annotations imported: 1" in bring(lead, project, "j.jsonl", judged).text
    assert Annotation.objects.counted().count() == 1


def test_columns_are_chosen(lead: Client, project: Project) -> None:
    page = choose(lead, project, "q.csv", "Question,Best answer,topic\n问题,回答,maths\n".encode())
    assert "Columns, chosen below" in page.text
    assert '<option value="Question" selected>Question</option>' in page.text
    chosen = {"shape": "columns", "brings": "prompts", "column-prompt": "Question", "column-reference": "Best answer"}
    address = at("import", project, import_id=Import.objects.get().pk)
    part = lead.get(address, chosen, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "回答" in part.text
    assert "Prompts imported: 1" in order(lead, project, **chosen).text
    assert Prompt.objects.values_list("text", "reference").get() == ("问题", "回答")


def test_a_table_with_two_responses_a_row(lead: Client, project: Project) -> None:
    choose(lead, project, "r.tsv", b"question\tanswer_a\tanswer_b\tmodel_b\nq\tone\ttwo\tbig\n")
    assert "Responses imported: 2, with new prompts: 1" in order(lead, project).text
    found = Response.objects.order_by("pk").values_list("endpoint__name", "text")
    assert list(found) == [("answer_a", "one"), ("big", "two")]


def test_what_the_columns_were_is_kept_when_something_else_is_to_be_imported(lead: Client, project: Project) -> None:
    choose(lead, project, "r.tsv", b"question\tanswer_a\tanswer_b\nq\tone\ttwo\n")
    address = at("import", project, import_id=Import.objects.get().pk)
    page = lead.get(address, {"shape": "columns", "brings": "prompts", "column-prompt": "answer_a"})
    assert 'id="id_column-annotator"' not in page.text
    page = lead.get(address, {"shape": "columns", "brings": "judgments", "column-prompt": "answer_a"})
    assert 'id="id_column-annotator"' in page.text
    assert "a judgment needs at least one of" in page.text


def test_columns_instead_of_a_format_bring_what_they_probably_hold(lead: Client, project: Project) -> None:
    choose(lead, project, "pairs.csv", b"prompt,chosen,rejected\nq,one,two\n")
    page = lead.get(at("import", project, import_id=Import.objects.get().pk), {"shape": "columns"})
    assert '<option value="responses" selected>' in page.text
    assert '<option value="rejected" selected>' in page.text


def test_problems_of_the_first_rows_alone_are_told_as_such(lead: Client, project: Project) -> None:
    bad = lines({"prompt": ""})
    assert "This stands in the way:" in choose(lead, project, "few.jsonl", bad).text
    for name, wrong in ("junk.jsonl", b"oops\n"), ("wrong.jsonl", bad + b"\n"):
        page = choose(lead, project, name, wrong * 300)
        assert "stands in the way in the first rows; the rest" in page.text
        assert "80 more lines are wrong" in page.text, "no more than 100 are looked for"
    many = b"\n".join([bad, *(lines({"prompt": str(n)}) for n in range(200))])
    assert "stands in the way in the first rows; the rest" in choose(lead, project, "many.jsonl", many).text


@pytest.mark.parametrize("shape", ["sharegpt", "columns", "no such"])
def test_a_format_that_does_not_fit(shape: str, lead: Client, project: Project) -> None:
    choose(lead, project, "alpaca.json", ALPACA)
    address = at("import", project, import_id=Import.objects.get().pk)
    assert lead.get(address, {"shape": shape, "brings": "no such"}).status_code == 200


def test_a_bad_file_is_shown_line_by_line(lead: Client, project: Project) -> None:
    page = choose(lead, project, "bad.jsonl", b'{"prompt": "fine"}\n{oops\n')
    assert "bad.jsonl, line 2: not JSON" in page.text
    done = order(lead, project)
    assert "bad.jsonl, line 2: not JSON" in done.text
    assert not Prompt.objects.exists()
    kept = Import.objects.get()
    assert (kept.state, kept.file.name) == (ImportState.REFUSED, "")
    assert "bad.jsonl, line 2: not JSON" in lead.get(at("imports", project)).text


def packed(*rows: bytes) -> bytes:
    """A data set."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("asked/recipe.json", b"{}")
        for split, content in zip(("test", "train"), rows, strict=True):
            archive.writestr(f"asked/data/{split}.jsonl", content)
    return written.getvalue()


def test_a_data_set_is_looked_into_and_then_imported(lead: Client, project: Project) -> None:
    page = choose(lead, project, "asked.zip", packed(ALPACA[1:-1], ALPACA[1:-1].replace(b"hello", b"goodbye")))
    assert '<option value="alpaca" selected>Alpaca</option>' in page.text
    for split, text in (("test", "hello"), ("train", "goodbye")):
        assert f"asked/data/{split}.jsonl" in page.text
        assert f"Translate\n\n{text}" in page.text
    assert "Prompts imported: 2" in order(lead, project).text


def test_a_bad_file_of_a_data_set_is_shown_line_by_line(lead: Client, project: Project) -> None:
    said = "asked/data/train.jsonl, line 1: not a JSON object"
    assert said in choose(lead, project, "asked.zip", packed(ALPACA[1:-1], b"[1]")).text
    assert said in order(lead, project).text
    assert not Prompt.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("a.jsonl", b"", "The file is empty."), ("a.xlsx", b"x", "must end in .jsonl"), ("a.zip", b"no archive", "")],
)
def test_files_that_are_not_kept_or_cannot_be_read(
    name: str, content: bytes, said: str, lead: Client, project: Project
) -> None:
    page = choose(lead, project, name, content)
    assert page.status_code == (422 if said else 200)
    assert (said or "a.zip: it is not a zip archive, or it is damaged.") in page.text
    assert lead.post(at("imports", project)).status_code == 422


def test_the_file_goes_when_it_is_imported_or_discarded_or_forgotten(lead: Client, project: Project) -> None:
    choose(lead, project, "alpaca.json", ALPACA)
    kept = Import.objects.get()
    assert default_storage.exists(str(kept.file.name))
    order(lead, project)
    assert not default_storage.exists(str(kept.file.name))
    choose(lead, project, "alpaca.json", ALPACA)
    other = Import.objects.latest("pk")
    lead.post(at("discard-import", project, import_id=other.pk))
    lead.post(at("discard-import", project, import_id=kept.pk))
    assert list(Import.objects.all()) == [kept]
    choose(lead, project, "alpaca.json", ALPACA)
    Import.objects.filter(state=ImportState.CHOSEN).update(created_at=timezone.now() - 2 * KEPT_FOR)
    sweep()
    assert list(Import.objects.all()) == [kept]


def test_a_second_worker_turns_away_and_a_stranded_file_is_taken_on(lead: Client, project: Project) -> None:
    choose(lead, project, "alpaca.json", ALPACA)
    kept = Import.objects.get()
    lead.post(at("import", project, import_id=kept.pk), {})
    Import.objects.update(leased_until=timezone.now() + timedelta(minutes=1))
    assert "Being imported" in lead.get(at("import", project, import_id=kept.pk)).text
    run_import(import_id=kept.pk)
    assert not Prompt.objects.exists()
    Import.objects.update(leased_until=timezone.now() - timedelta(minutes=1))
    assert Import.objects.stranded().exists()
    run_import(import_id=kept.pk)
    run_import(import_id=kept.pk)
    assert Prompt.objects.count() == 1
    assert Import.objects.get().attempts == 1


def test_a_file_that_ends_every_worker_is_given_up(lead: Client, project: Project) -> None:
    choose(lead, project, "alpaca.json", ALPACA)
    Import.objects.update(attempts=MOST_ATTEMPTS)
    assert "each time the worker stopped" in order(lead, project).text
    assert not Prompt.objects.exists()


def test_what_is_wrong_is_said_in_the_language_of_who_ordered(lead: Client, project: Project) -> None:
    choose(lead, project, "bad.jsonl", b"[1]\n")
    kept = Import.objects.get()
    with translation.override("zh-hans"):
        order_import(
            kept=kept, understanding=Understanding(Brings.PROMPTS, "prompts"), by=project.memberships.get().user
        )
    run_import(import_id=kept.pk)
    assert "JSON 对象" in Import.objects.get().problems[0][1]
