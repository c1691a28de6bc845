"""Data sets as they are written: what is in the folder, the same bytes for the same labels, wholly or not at all."""

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from django.db import connection

from evaluation.datasets import files, reading, write
from evaluation.datasets.formats.base import plain_prompt
from evaluation.datasets.preview import preview
from evaluation.datasets.recipe import recipe_of
from evaluation.datasets.written import SUMS
from labeling.errors import Refused
from labeling.prompts.splits import key_of, split_of
from tests.conftest import process_environment
from tests.embedded import ROOT
from tests.evaluation.datasets.exporting import (
    compared,
    export,
    make_labeled_project,
    rows_of,
)
from tests.factories import (
    RANKING,
    make_endpoint,
    make_member,
    make_project,
    make_prompt,
    make_response,
    make_task,
    rank,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_rows_and_splits(tmp_path: Path) -> None:
    project = make_labeled_project()
    written = export(project, tmp_path / "out", file_format="jsonl")
    assert sum(written.rows.values()) == 12 * 2
    assert (written.left_out["ties"], written.prompts) == (12, 12)
    for split, n in written.rows.items():
        (path,) = (tmp_path / "out" / "data").glob(f"{split}-*")
        rows = [json.loads(line) for line in path.open()]
        assert len(rows) == n
        for row in rows:
            prompt = project.prompts.get(text=row["prompt"])
            assert split == split_of(key_of(prompt.owner, prompt.digest))
            better = prompt.tasks.get().candidates.get(position=0).response
            assert row["chosen"] == better.text
            assert row["rejected"] != row["chosen"]


def test_the_card_says_how_it_was_made(tmp_path: Path) -> None:
    project = make_labeled_project(use_case="chat", language="de")
    written = export(project, tmp_path / "out", min_annotators=2)
    card = (tmp_path / "out" / "README.md").read_text()
    header = yaml.safe_load(card.split("---")[1])
    assert [file["split"] for file in header["configs"][0]["data_files"]] == list(written.rows)
    assert (header["size_categories"], header["language"], header["license"]) == (["n<1K"], ["de"], "unknown")
    for said in (
        "3 people gave 36 annotations",
        "Krippendorff's α (nominal) 1.000",
        "Left out: ties (12).",
        "| chat | 24 |",
        "| de | 24 |",
        "At least 2 annotators a task",
        "Without labels for evaluations",
        "It is the taste of 3 people.",
    ):
        assert said in card, said
    for member in project.memberships.all():
        assert member.user.username not in card
    assert json.loads((tmp_path / "out" / "recipe.json").read_text())["min_annotators"] == 2


def test_the_same_labels_give_the_same_bytes(tmp_path: Path) -> None:
    project = make_labeled_project()
    digests = {export(project, tmp_path / str(time), seed=5).digest for time in range(2)}
    assert len(digests) == 1
    for path in (tmp_path / "0").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "1" / path.relative_to(tmp_path / "0")).read_bytes()
    sums = (tmp_path / "0" / SUMS).read_text().splitlines()
    assert len(sums) == sum(path.is_file() for path in (tmp_path / "0").rglob("*")) - 1
    rank(make_task(project), make_member(project), [1, 2, 3])
    assert export(project, tmp_path / "more", seed=5).digest not in digests
    assert export(project, tmp_path / "seed", seed=6).digest not in digests


def test_so_do_other_processes_in_other_places(tmp_path: Path) -> None:
    """Whatever order a process keeps sets in, whatever its language and its time zone."""
    project = make_labeled_project(use_case="chat")
    sums = set()
    command = [sys.executable, "manage.py", "export_dataset", "--project", project.slug, "--format", "judgments"]
    for number, (language, zone) in enumerate([("C.UTF-8", "UTC"), ("zh_CN.UTF-8", "Asia/Tokyo")]):
        out = tmp_path / str(number)
        apart = {"PYTHONHASHSEED": str(number + 1), "LANG": language, "CONCORD_TIME_ZONE": zone}
        stated = ["--out", str(out), "--file-format", "jsonl", "--by-use-case"]
        subprocess.run([*command, *stated], cwd=ROOT, env={**os.environ, **process_environment(), **apart}, check=True)
        sums.add((out / SUMS).read_bytes())
    assert len(sums) == 1


def test_a_row_leads_back_to_what_it_comes_from(tmp_path: Path) -> None:
    project = make_labeled_project(4)
    export(project, tmp_path / "out", validation=0, test=0, file_format="jsonl")
    manifest = pq.read_table(tmp_path / "out" / "manifest" / "train.parquet").to_pylist()
    rows = rows_of(tmp_path / "out")
    assert len(manifest) == len(rows) == 8
    for row, origin in zip(rows, manifest, strict=True):
        task = project.tasks.get(pk=origin["task"])
        assert task.prompt.text == row["prompt"]
        said = {seat.annotations.get().pk for seat in task.seats.filter(submitted_at__isnull=False)}
        assert set(origin["annotations"]) == said
        chosen, rejected = origin["responses"]
        assert {text for pk, (text, _model) in task.texts.items() if pk in (chosen, rejected)} == {
            row["chosen"],
            row["rejected"],
        }
        assert origin["questions"] == 1
    assert len({origin["key"] for origin in manifest}) == len(manifest)


def test_a_prompt_and_its_near_duplicates_are_on_one_side(tmp_path: Path) -> None:
    project = make_project(questions=RANKING)
    endpoints, person = [make_endpoint(project, name) for name in "ab"], make_member(project)
    for number in range(60):
        owner = f"owner {number % 30}" if number % 3 else ""
        prompt = make_prompt(project, f"prompt {number}", owner=owner)
        prompt.family = f"family {number // 6}" if number % 2 else ""
        prompt.save()
        rank(make_task(project, endpoints=endpoints, prompt=prompt), person, [1, 2])
    export(project, tmp_path / "out", validation=0.3, test=0.3)
    side: dict[str, set[str]] = {}
    for path in (tmp_path / "out" / "data").glob("*"):
        for row in pq.read_table(path).to_pylist():
            prompt = project.prompts.get(text=row["prompt"])
            for key in filter(None, (prompt.family, prompt.owner)):
                side.setdefault(key, set()).add(path.name.split("-")[0])
    assert len({split for splits in side.values() for split in splits}) == 3
    assert all(len(splits) == 1 for splits in side.values()), side


def test_a_configuration_for_each_use_case(tmp_path: Path) -> None:
    project = make_labeled_project(3, use_case="chat")
    endpoint = project.endpoints.all()
    rank(make_task(project, endpoints=endpoint, prompt=make_prompt(project)), make_member(project), [1, 2, 2])
    written = export(project, tmp_path / "out", by_use_case=True)
    assert written.configs.keys() == {"chat", "unknown"}
    header = yaml.safe_load((tmp_path / "out" / "README.md").read_text().split("---")[1])
    for config in header["configs"]:
        for file in config["data_files"]:
            assert list((tmp_path / "out").glob(file["path"])), file


def test_large_splits_are_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ROWS_A_FILE", 6)
    monkeypatch.setattr(files, "ROWS_A_GROUP", 4)
    written = export(make_labeled_project(20), tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out" / "data").glob("train-*"))
    n_files = -(-written.rows["train"] // 6)
    assert names == [f"train-{number:05d}-of-{n_files:05d}.parquet" for number in range(n_files)]
    n_rows = sum(pq.read_metadata(path).num_rows for path in (tmp_path / "out" / "data").glob("train-*"))
    assert n_rows == written.rows["train"]


def test_nothing_is_left_behind_when_it_cannot_be_done(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nothing to write"):
        export(make_project(), tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    with pytest.raises(Refused, match="not an empty folder"):
        export(make_labeled_project(1), tmp_path / "full")
    with pytest.raises(Refused, match="cannot be written"):
        export(make_labeled_project(1), tmp_path / "full" / "mine.txt" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


@pytest.mark.parametrize("of", ["trl-preference", "trl-prompt"])
@pytest.mark.parametrize("what", ["asked_of", "origin_of", "preview"])
def test_an_error_ends_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of: str, what: str) -> None:
    """Wherever it comes from: the connection could not be rolled back before, and would be waited for for ever."""
    project = make_labeled_project(4, system="x" * 100_000)

    def fail(*_args: object) -> None:
        raise ZeroDivisionError

    def read() -> None:
        if what == "preview":
            preview(project, recipe_of({"format": of}))
        else:
            export(project, tmp_path / "out", format=of)

    def read_in_vain() -> None:
        try:
            with pytest.raises(ZeroDivisionError):
                read()
            ended.append(project.tasks.count())
        finally:
            connection.close()

    ended: list[int] = []
    monkeypatch.setattr(write, "TOGETHER", 1)
    monkeypatch.setattr(files, "ROWS_A_GROUP", 1)
    monkeypatch.setattr(*((files, "origin_of") if what == "origin_of" else (reading, "asked_of")), fail)
    thread = threading.Thread(target=read_in_vain, daemon=True)
    thread.start()
    thread.join(60)
    assert ended == [4]


def test_a_full_disk_stops_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_labeled_project(3)

    def full(_part: files.Part, _example: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(write, "TOGETHER", 1)
    monkeypatch.setattr(files.Part, "add", full)
    with pytest.raises(Refused, match="No space left on device"):
        export(project, tmp_path / "out")
    assert not list(tmp_path.iterdir())
    assert project.tasks.count() == 3, "the connection has done with what it was asked"


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ({"format": "parquet"}, "format"),
        ({"nonsense": 1}, "nonsense"),
        ({"seed": -1}, "seed"),
        ({"seed": True}, "seed"),
        ({"min_agreement": float("nan")}, "min_agreement"),
        ({"validation": 0.5, "test": 0.5}, "nothing to train on"),
        ({"ties": "margin"}, "need a margin"),
        ({"format": "hh", "margin": "score"}, "no margin"),
        ({"file_format": "csv"}, "file_format"),
        ({"texts": ["none"]}, "texts"),
        ({"without_flags": "harmful"}, "without_flags"),
    ],
)
def test_settings_that_do_not_go_together(stated: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        recipe_of(stated)


def test_flags_and_scales_that_nobody_was_asked_for(tmp_path: Path) -> None:
    project = compared([1, 2])
    for settings in ({"without_flags": ["kind"]}, {"scale": "kindness"}):
        with pytest.raises(Refused):
            export(project, tmp_path / "out", **settings)


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    export(make_labeled_project(), tmp_path)
    assert (tmp_path / "README.md").exists()


def test_a_conversation_as_plain_text() -> None:
    assert plain_prompt([{"role": "user", "content": "Hi"}]) == "Hi"
    turns = [("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello"), ("user", "Bye")]
    messages = [{"role": role, "content": content} for role, content in turns]
    assert plain_prompt(messages) == "System: Be brief.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Bye\n\nAssistant: "


def test_labels_that_come_meanwhile_wait_for_the_next_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and card are of one moment, also when somebody submits between them."""
    project = make_labeled_project(2)
    original: Callable[..., str] = write.card

    def submit_then_describe(*args: Any) -> str:
        def submit() -> None:
            rank(make_task(project), make_member(project), [1, 2, 3])
            connection.close()

        thread = threading.Thread(target=submit)
        thread.start()
        thread.join()
        return original(*args)

    monkeypatch.setattr(write, "card", submit_then_describe)
    written = export(project, tmp_path / "out")
    assert "gave 6 annotations" in (tmp_path / "out" / "README.md").read_text()
    assert sum(written.rows.values()) == 4


def test_responses_of_unlabeled_tasks_are_left_out(tmp_path: Path) -> None:
    project = make_labeled_project(2)
    make_response(make_prompt(project), make_endpoint(project))
    make_task(project)
    assert export(project, tmp_path / "out").prompts == 2
