"""The page and the command."""

import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labeling.collection import moving_views
from labeling.collection.models import Annotation
from labeling.projects.models import Membership, Project
from labeling.projects.roles import Role
from tests.factories import make_member, make_project
from tests.labeling.collection.moving import exports

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(sign_in: Callable[..., Client]) -> Callable[..., HttpResponse]:
    """Sends an export of Label Studio, as somebody who leads another project."""
    client = sign_in(make_member(make_project("first"), Role.LEAD, "lena"))

    def post(content: bytes, config: str = exports.PAIRWISE, *, htmx: bool = True, **fields: str) -> Any:
        files = {
            "file": SimpleUploadedFile("export.json", content),
            "config": SimpleUploadedFile("config.xml", config.encode()),
        }
        given = {"tool": "label-studio", **files, **fields}
        return client.post(reverse("move-project"), given, headers={"HX-Request": "true"} if htmx else {})

    return post


EXPORT = exports.exported(exports.pairwise_export())


@pytest.mark.parametrize("htmx", [True, False], ids=["part", "page"])
def test_what_is_in_the_file_is_shown_and_nothing_stored(send: Callable[..., Any], htmx: bool) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = send(EXPORT, htmx=htmx)
    assert answer.status_code == 200
    for said in ("Which answer is better?", "Why is the sky blue?", "The sea.", "Count to 3.", "predictions"):
        assert said in answer.text
    assert ("<html" in answer.text) != htmx
    assert len(queries) <= 15
    assert Project.objects.count() == 1


def test_it_moves_and_whoever_moved_it_leads_it(send: Callable[..., Any]) -> None:
    answer = send(EXPORT, move="1", name="Sky", slug="sky")
    assert answer.headers["HX-Redirect"] == reverse("overview", kwargs={"slug": "sky"})
    assert Project.objects.get(slug="sky").name == "Sky"
    assert Membership.objects.leading().get(project__slug="sky").user.username == "lena"
    assert Annotation.objects.count() == 3
    assert send(EXPORT, htmx=False, move="1", name="Sky", slug="sky").status_code == 302
    assert Annotation.objects.count() == 3


@pytest.mark.parametrize(
    ("content", "fields", "said"),
    [
        (b"[", {}, "export.json, line 1: not JSON"),
        (b"[7]", {}, "the file holds no tasks"),
        (EXPORT, {"config": "<View>"}, "line 1: not XML"),
        (EXPORT, {"tool": "argilla"}, "it is not a zip archive"),
        (EXPORT, {"tool": "elsewhere"}, "From: Select a valid choice"),
        (EXPORT, {"move": "1", "name": "Sky", "slug": "first"}, "There is already a project at “first”"),
        (EXPORT, {"move": "1", "name": "Sky", "slug": "A sky"}, "Use lower-case letters"),
        (EXPORT, {"move": "1", "slug": "sky"}, "This field is required"),
    ],
)
def test_what_is_refused_is_said_and_nothing_stored(
    send: Callable[..., Any], content: bytes, fields: dict[str, str], said: str
) -> None:
    assert said in send(content, **fields).text
    assert send(content, htmx=False, **fields).status_code == 422
    assert Project.objects.count() == 1


def test_large_projects_are_moved_by_command(send: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving_views, "MOST_TASKS", 2)
    answer = send(EXPORT, move="1", name="Sky", slug="sky", prompt="prompt, topic")
    command = "move_in export.json --from label-studio --config config.xml --prompt 'prompt, topic' --project ADDRESS"
    assert command in html.unescape(answer.text)
    assert Project.objects.count() == 1


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, config = tmp_path / "export.json", tmp_path / "config.xml"
    file.write_bytes(EXPORT)
    config.write_text(exports.PAIRWISE)
    move = ["move_in", str(file), "--from", "label-studio", "--config", str(config), "--project", "sky"]
    call_command(*move, "--name", "Sky")
    told = capsys.readouterr().out
    assert "sky: New here: tasks 3, annotations 3, people 2, skips 1, known answers 1." in told
    assert "Questions: comparison (pairwise), why (comment)." in told
    assert "Without a counterpart: drafts, 1: nobody has submitted them." in told
    call_command(*move, "--json")
    again = json.loads(capsys.readouterr().out)
    assert (again["project"], again["is_new"], again["annotations"], again["duplicates"]) == ("sky", False, 0, 3)
    with pytest.raises(CommandError, match="nowhere: No such file"):
        call_command("move_in", "nowhere", "--from", "label-studio", "--project", "x")
    with pytest.raises(CommandError, match=r"settings\.json: No such file"):
        call_command("move_in", str(tmp_path), "--from", "argilla", "--project", "x")
