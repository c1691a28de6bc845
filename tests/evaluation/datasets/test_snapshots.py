"""Data sets as they are ordered, written by a worker, looked at, compared and fetched."""

import hashlib
import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test import Client
from django.utils import timezone

from evaluation.datasets import snapshot as snapshots
from evaluation.datasets.compare import Comparison, compare
from evaluation.datasets.jobs import sweep
from evaluation.datasets.models import Snapshot, SnapshotState
from evaluation.datasets.recipe import recipe_of
from evaluation.datasets.snapshot import STORAGE, order_snapshot, write_snapshot
from evaluation.datasets.stream import lines
from labeling.errors import Refused
from labeling.people.models import User
from labeling.people.tokens import issue
from labeling.projects.models import Project
from labeling.projects.roles import Role
from tests.conftest import at
from tests.factories import RANKING, make_endpoint, make_member, make_project, make_prompt, make_task, rank

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project() -> Project:
    project = make_project("quality", questions=RANKING)
    endpoints = [make_endpoint(project, name) for name in "ab"]
    for number in range(8):
        task = make_task(project, endpoints=endpoints, prompt=make_prompt(project, f"Prompt {number}"), overlap=3)
        rank(task, make_member(project), [1, 2] if number else [1, 1])
    return project


@pytest.fixture
def lead(project: Project, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(make_member(project, Role.LEAD, "lea"))


def written(project: Project, **stated: Any) -> Snapshot:
    ordered = order_snapshot(project=project, recipe=recipe_of(stated))
    write_snapshot(snapshot_id=ordered.pk)
    ordered.refresh_from_db()
    assert ordered.state == SnapshotState.DONE, ordered.error
    return ordered


def archive_of(snapshot: Snapshot) -> bytes:
    with storages[STORAGE].open(snapshot.archive) as file:
        return bytes(file.read())


def test_from_the_settings_to_the_archive(lead: Client, project: Project) -> None:
    page = lead.get(at("new-dataset", project)).text
    assert "Prompt 1" in page
    assert "left out: ties" in re.sub(r"<[^>]+>", "", page)
    asked = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    chosen = dict(re.findall(r'<select name="(\w+)".*?<option value="([^"]*)" selected>', page, re.DOTALL))
    assert chosen["format"] == "trl-preference"
    told = {**{name: html.unescape(value) for name, value in asked.items()}, **chosen, "paused": "on"}
    answer = lead.post(at("new-dataset", project), told)
    assert answer.status_code == 302, re.findall(r'class="error"[^>]*>([^<]+)', answer.text)
    snapshot = Snapshot.objects.get()
    assert "Being written" in lead.get(at("datasets", project), headers={"HX-Request": "true"}).text
    assert lead.get(at("download-dataset", project, snapshot_id=snapshot.pk)).status_code == 404
    write_snapshot(snapshot_id=snapshot.pk)
    snapshot.refresh_from_db()
    assert (snapshot.n_tasks, snapshot.n_done, snapshot.percent) == (8, 8, 100)
    before = archive_of(snapshot)
    write_snapshot(snapshot_id=snapshot.pk)
    assert archive_of(snapshot) == before, "written once"
    fetched = lead.get(at("download-dataset", project, snapshot_id=snapshot.pk))
    assert b"".join(fetched.streaming_content) == before  # type: ignore[attr-defined]
    assert snapshot.size == len(before)
    with zipfile.ZipFile(io.BytesIO(before)) as pack:
        sums = pack.read(f"{snapshot}/SHA256SUMS")
        assert hashlib.sha256(sums).hexdigest() == snapshot.digest
        for line in sums.decode().splitlines():
            digest, name = line.split("  ", 1)
            assert hashlib.sha256(pack.read(f"{snapshot}/{name}")).hexdigest() == digest
    page = lead.get(at("dataset", project, snapshot_id=snapshot.pk)).text
    assert snapshot.digest in page
    assert "There is no other data set" in page


def test_the_form_follows_the_format(lead: Client, project: Project) -> None:
    def fields(**asked: str) -> set[str]:
        part = lead.get(at("new-dataset", project), asked, headers={"HX-Request": "true"}).text
        assert "<html" not in part
        return set(re.findall(r'name="(\w+)"', part))

    assert {"combine", "pairs", "ties", "margin"} <= fields()
    assert "margin" not in fields(format="hh")
    assert {"texts"} <= fields(format="alpaca") and "combine" not in fields(format="alpaca")  # noqa: PT018
    assert "min_annotators" not in fields(format="trl-prompt")


@pytest.mark.parametrize(("of", "what"), [("trl-preference", "8 tasks"), ("trl-prompt", "8 prompts")])
def test_a_preview_looks_at_the_first_ones(
    lead: Client, project: Project, monkeypatch: pytest.MonkeyPatch, of: str, what: str
) -> None:
    asked = {"format": of, "file_format": "parquet", "combine": "majority", "pairs": "all", "ties": "drop"}
    more = {"min_annotators": 1, "min_agreement": 0, "license": "mit", "validation": 10, "test": 10, "seed": 0}
    for most, says_so in ((3, True), (8, False)):
        monkeypatch.setattr("evaluation.datasets.preview.MOST_TASKS", most)
        part = lead.get(at("new-dataset", project), {**asked, **more}).text
        assert "<tbody>" in part
        assert ("Of the first" in part) == says_so
        assert (f"Of the first 3 of {what}." in part) == says_so


def test_settings_that_do_not_go_together_are_said(lead: Client, project: Project) -> None:
    answer = lead.post(at("new-dataset", project), {"format": "word"})
    assert answer.status_code == 422
    asked = {"format": "trl-preference", "file_format": "parquet", "combine": "majority", "pairs": "all"}
    more = {"ties": "margin", "margin": "", "min_annotators": 1, "min_agreement": 0, "license": "mit"}
    part = lead.get(at("new-dataset", project), {**asked, **more, "validation": 10, "test": 10, "seed": 0})
    assert "need a margin" in part.text
    assert not Snapshot.objects.exists()


def test_the_same_labels_give_the_same_archive(project: Project) -> None:
    one, other = written(project), written(project)
    assert one.digest == other.digest
    with zipfile.ZipFile(io.BytesIO(archive_of(one))) as ours, zipfile.ZipFile(io.BytesIO(archive_of(other))) as theirs:
        for mine, its in zip(ours.infolist(), theirs.infolist(), strict=True):
            assert (mine.date_time, ours.read(mine)) == (its.date_time, theirs.read(its))


def test_what_changed_between_two(lead: Client, project: Project) -> None:
    one = written(project, validation=0, test=0)
    flips, comes = project.tasks.get(prompt__text="Prompt 1"), project.tasks.get(prompt__text="Prompt 0")
    for _person in range(2):
        rank(flips, make_member(project), [2, 1])
        rank(comes, make_member(project), [2, 1])
    other = written(project, validation=0, test=0, format="hh")
    assert compare(one, other) == Comparison(same=6, moved=0, added=1, removed=0, flipped=1)
    assert compare(other, one) == Comparison(same=6, moved=0, added=0, removed=1, flipped=1)
    assert compare(one, written(project, validation=0.5, test=0.4)).moved > 0
    page = lead.get(at("dataset", project, snapshot_id=other.pk), {"since": str(one.pk)}).text
    assert re.search(r"<dt>flipped</dt><dd>1</dd>", page)
    with pytest.raises(Refused, match="different things"):
        compare(one, written(project, format="trl-kto"))
    storages[STORAGE].delete(one.archive)
    with pytest.raises(Refused, match="no longer kept"):
        compare(one, other)
    assert lead.get(at("download-dataset", project, snapshot_id=one.pk)).status_code == 404


def test_one_that_cannot_be_written_says_why(lead: Client) -> None:
    bare = make_project("bare", questions=RANKING)
    ordered = order_snapshot(project=bare, recipe=recipe_of({}))
    write_snapshot(snapshot_id=ordered.pk)
    ordered.refresh_from_db()
    assert (ordered.state, "nothing to write" in ordered.error) == (SnapshotState.FAILED, True)


def test_what_should_not_happen_is_said_as_well(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise MemoryError

    monkeypatch.setattr(snapshots, "packed", fail)
    ordered = order_snapshot(project=project, recipe=recipe_of({}))
    with pytest.raises(MemoryError):
        write_snapshot(snapshot_id=ordered.pk)
    ordered.refresh_from_db()
    assert ordered.state == SnapshotState.FAILED


def test_a_worker_that_died_is_followed_by_another(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[int] = []
    monkeypatch.setattr("evaluation.datasets.jobs.call_worker", lambda _job, pk: called.append(pk))
    ordered = order_snapshot(project=project, recipe=recipe_of({}))
    Snapshot.objects.update(created_at="2000-01-01T00:00Z", leased_until=timezone.now() + snapshots.LEASE)
    sweep()
    write_snapshot(snapshot_id=ordered.pk)
    assert not called, "somebody is at it"
    assert Snapshot.objects.get().state == SnapshotState.WAITING
    Snapshot.objects.update(leased_until=timezone.now())
    sweep()
    assert called == [ordered.pk]
    write_snapshot(snapshot_id=ordered.pk)
    assert Snapshot.objects.get().state == SnapshotState.DONE


@pytest.fixture
def ask(client: Client, project: Project) -> Callable[..., Any]:
    _token, token = issue(user=make_member(project, Role.LEAD), name="export")

    def get(address: str, **asked: Any) -> Any:
        return client.get(
            f"/api/v1/projects/{project.slug}/datasets/{address}", asked, headers={"Authorization": f"Bearer {token}"}
        )

    return get


def test_programs_fetch_data_sets(ask: Callable[..., Any], project: Project) -> None:
    snapshot = written(project, seed=3)
    (row,) = ask("").json()["results"]
    assert (row["name"], row["state"], row["digest"]) == (str(snapshot), "done", snapshot.digest)
    assert row["recipe"]["seed"] == 3
    assert b"".join(ask(f"{row['id']}/archive/").streaming_content) == archive_of(snapshot)
    assert ask("99999/archive/").status_code == 404


def test_programs_read_rows_as_they_are(ask: Callable[..., Any], project: Project) -> None:
    answer = ask("rows/", validation=0, test=0)
    assert answer["Content-Type"].startswith("application/x-ndjson")
    rows = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert len(rows) == 7
    assert rows[0].keys() == {"prompt", "chosen", "rejected"}
    assert not b"".join(ask("rows/", validation=0, test=0, split="test").streaming_content)
    for asked, why in (({"format": "word"}, 400), ({"without_flags": "kind"}, 409), ({"ties": "margin"}, 409)):
        assert ask("rows/", **asked).status_code == why, asked


def test_whoever_stops_reading_ends_the_work(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluation.datasets.stream.AT_ONCE", 1)
    stream = lines(project, recipe_of({}))
    assert isinstance(stream, Iterator)
    next(stream)
    assert connection.in_atomic_block
    stream.close()  # type: ignore[attr-defined]
    assert not connection.in_atomic_block
