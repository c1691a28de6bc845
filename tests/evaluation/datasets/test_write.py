"""Data sets: what is in them, how labels become rows, and that the same labels give the same bytes."""

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from django.db import connection

from evaluation.datasets import files, reading, write
from evaluation.datasets.formats.base import plain_prompt
from evaluation.datasets.preview import preview
from evaluation.datasets.reading import one_moment
from evaluation.datasets.recipe import recipe_of
from evaluation.datasets.write import write_dataset
from evaluation.datasets.written import SUMS, Written
from labeling.assignment.models import Seat, SeatKind
from labeling.assignment.order import shown_order
from labeling.collection.review import decide
from labeling.errors import Refused
from labeling.projects.models import Membership, Project, Status
from labeling.projects.questions import Question
from labeling.projects.roles import Role
from labeling.prompts.splits import key_of, split_of
from tests.conftest import process_environment
from tests.embedded import ROOT
from tests.factories import (
    RANKING,
    answer,
    make_endpoint,
    make_member,
    make_project,
    make_prompt,
    make_response,
    make_task,
    rank,
)

pytestmark = pytest.mark.django_db(transaction=True)

GRADED = [Question("preference", "pairwise", "Which?", options={"levels": 3, "tie": True, "both_bad": False})]
ASKED = [
    *RANKING,
    Question("overall", "likert", "Overall", options={"low": 1, "high": 7}),
    Question("flags", "flags", "Flags", options={"flags": {"harmful": "Harmful"}}),
    Question("edit", "refinement", "Edit"),
    Question("ideal", "demonstration", "Write"),
    Question("why", "comment", "Why"),
]


def export(project: Project, out: Path, **settings: Any) -> Written:
    with one_moment():
        return write_dataset(project=project, recipe=recipe_of(settings), out=out)


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted((folder / "data").rglob("*.jsonl")) for line in path.open()]


def wrote(project: Project, out: Path, **settings: Any) -> list[dict[str, Any]]:
    """The rows by these settings; [] where there are none."""
    shutil.rmtree(out, ignore_errors=True)
    with suppress(Refused):
        export(project, out, file_format="jsonl", **settings)
    return rows_of(out)


def make_labeled_project(prompts: int = 12, **about: Any) -> Project:
    project = make_project()
    endpoints = [make_endpoint(project) for _n in range(3)]
    people = [make_member(project) for _n in range(3)]
    for number in range(prompts):
        task = make_task(project, endpoints=endpoints, prompt=make_prompt(project, f"Frage {number} 你好?", **about))
        for person in people:
            rank(task, person, [1, 2, 2])
    return project


def compared(*rankings: Sequence[int], n: int = 0, **answers: Any) -> Project:
    """One task of a, b, c …, each ranked so by another person, who answer the same for the rest."""
    project = make_project(questions=ASKED)
    names = "abcdefghi"[: n or len(rankings[0])]
    endpoints = [make_endpoint(project, name) for name in names]
    task = make_task(project, endpoints=endpoints, texts=[f"text {name}" for name in names])
    for given in rankings:
        answer(task, make_member(project), ranking=given, **answers)
    return project


def pairs(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(f"{row['chosen'][-1]}>{row['rejected'][-1]}" for row in rows)


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


@pytest.mark.parametrize(
    ("rankings", "settings", "expected"),
    [
        ([[1, 2], [1, 2], [2, 1]], {}, ["a>b"]),
        ([[1, 2], [1, 1], [1, 1]], {}, []),
        ([[1, 2], [2, 1], [1, 1]], {}, []),
        ([[2, 1], [2, 1], [1, 1]], {}, ["b>a"]),
        ([[1, 2], [2, 1]], {"combine": "annotator"}, ["a>b", "b>a"]),
        ([[1, 2], [1, 1], [1, 2]], {"ties": "both"}, ["a>b"]),
        ([[1, 1]], {"ties": "both"}, ["a>b", "b>a"]),
        ([[1, 2, 3]], {}, ["a>b", "a>c", "b>c"]),
        ([[1, 2, 3]], {"pairs": "adjacent"}, ["a>b", "b>c"]),
        ([[1, 2, 3]], {"pairs": "best_worst"}, ["a>c"]),
        ([[1, 1, 2]], {"pairs": "best_worst"}, ["a>c", "b>c"]),
        ([[1, 1, 1]], {"pairs": "best_worst"}, []),
        ([[1, 2, 3], [2, 3, 1], [3, 1, 2]], {}, ["a>b", "b>c", "c>a"]),
        ([[1, 2, 3], [2, 3, 1], [3, 1, 2]], {"combine": "ranked_pairs"}, []),
        ([[1, 2, 3], [1, 2, 3], [3, 1, 2]], {"combine": "ranked_pairs"}, ["a>b", "a>c", "b>c"]),
        ([[1, 2]], {"min_annotators": 2}, []),
        ([[1, 2], [1, 2], [2, 1]], {"min_agreement": 0.6}, ["a>b"]),
        ([[1, 2], [1, 2], [2, 1]], {"min_agreement": 0.7}, []),
        ([[1, 2], [1, 2], [2, 1]], {"min_agreement": 0.6, "combine": "annotator"}, ["a>b", "a>b"]),
    ],
)
def test_how_labels_become_pairs(
    tmp_path: Path, rankings: list[list[int]], settings: dict[str, Any], expected: list[str]
) -> None:
    assert pairs(wrote(compared(*rankings), tmp_path / "out", **settings)) == expected


@pytest.mark.parametrize("combine", ["majority", "annotator", "ranked_pairs"])
@pytest.mark.parametrize("pairs_of", ["all", "adjacent", "best_worst"])
def test_tasks_that_nobody_compared_are_no_pairs(tmp_path: Path, combine: str, pairs_of: str) -> None:
    project = make_project(questions=[Question("ranking", "ranking", "Rank"), *ASKED[1:]])
    endpoints = [make_endpoint(project, name) for name in "ab"]
    tasks = [make_task(project, endpoints=endpoints, texts=["text a", "text b"]) for _n in range(2)]
    answer(tasks[0], make_member(project), ranking=[1, 2])
    answer(tasks[1], make_member(project), why="Neither says anything.")
    written = export(project, tmp_path / "out", file_format="jsonl", combine=combine, pairs=pairs_of)
    assert pairs(rows_of(tmp_path / "out")) == ["a>b"]
    assert not any(written.left_out.values()), "nothing is said that could be left out"


@pytest.mark.parametrize(
    ("said", "margin"), [(["A3"], 3.0), (["A3", "A1"], 2.0), (["A3", "A2", "B1"], 4 / 3), (["A2", "tie", "A1"], 1.0)]
)
def test_a_margin_by_strength(tmp_path: Path, said: list[str], margin: float) -> None:
    project = make_project(questions=GRADED)
    endpoints = [make_endpoint(project, name) for name in "ab"]
    task = make_task(project, endpoints=endpoints, texts=["text a", "text b"])
    for preference in said:
        answer(task, make_member(project), preference=preference)
    (row,) = wrote(project, tmp_path / "out", margin="strength")
    assert (row["chosen"], row["rejected"]) == ("text a", "text b")
    assert row["margin"] == pytest.approx(margin)


def test_a_margin_by_ranks_ratings_or_none(tmp_path: Path) -> None:
    project = compared([1, 2, 3], overall=[7, 4, None])
    by_rank = wrote(project, tmp_path / "out", margin="strength")
    assert {(row["chosen"], row["rejected"]): row["margin"] for row in by_rank} == {
        ("text a", "text b"): 1,
        ("text a", "text c"): 2,
        ("text b", "text c"): 1,
    }
    assert [row["margin"] for row in wrote(project, tmp_path / "out", margin="score")] == [3.0], "c has no ratings"
    tied = compared([1, 1], overall=[7, 4])
    assert [row["margin"] for row in wrote(tied, tmp_path / "out", margin="score", ties="margin")] == [0.0]


def test_edits_texts_and_flags(tmp_path: Path) -> None:
    flags = {"harmful": [True, False]}
    project = compared([1, 2], flags=flags, edit={"of": "B", "text": "text b, edited"}, ideal="the ideal")
    out = tmp_path / "out"
    assert pairs(wrote(project, out)) == ["a>b", "d>b"]
    assert pairs(wrote(project, out, refinements=False)) == ["a>b"]
    assert pairs(wrote(project, out, without_flags=["harmful"])) == ["d>b"]
    assert pairs(wrote(project, out, without_flags=["harmful"], flags_by="dawid_skene")) == ["d>b"]
    completions = {row["completion"] for row in wrote(project, out, format="trl-sft")}
    assert completions == {"the ideal", "text b, edited"}
    (top,) = wrote(project, out, format="trl-sft", texts=["top_ranked"])
    assert top["completion"] == "text a"
    assert not wrote(project, out, format="trl-sft", texts=["top_ranked"], without_flags=["harmful"])
    kto = wrote(project, out, format="trl-kto")
    assert {row["completion"]: row["label"] for row in kto} == {"text a": True, "text b": False}
    kto = wrote(project, out, format="trl-kto", without_flags=["harmful"])
    assert not any(row["label"] for row in kto), "what is flagged is never desirable"


def test_desirable_by_ratings(tmp_path: Path) -> None:
    project = compared([1, 2, 3], overall=[6, 4, 1])
    rows = wrote(project, tmp_path / "out", format="trl-kto", desirable="rating")
    assert {row["completion"]: row["label"] for row in rows} == {"text a": True, "text c": False}


def test_whose_labels(tmp_path: Path) -> None:
    project = make_project(questions=RANKING)
    endpoints = [make_endpoint(project, name) for name in "ab"]
    out = tmp_path / "out"

    def labeled(**about: Any) -> tuple[Any, Any]:
        task = make_task(project, endpoints=endpoints, texts=["text a", "text b"], overlap=3)
        person = make_member(project, **about)
        rank(task, person, [1, 2])
        return task, person

    usual, _person = labeled()
    _task, paused = labeled()
    Membership.objects.filter(user=paused).update(status=Status.PAUSED)
    surplus, _person = labeled()
    Seat.objects.filter(task=surplus, submitted_at__isnull=False).update(kind=SeatKind.SURPLUS)
    held_out, person = labeled()
    Membership.objects.filter(user=person).update(held_out=True)

    def tasks(**settings: Any) -> set[int]:
        shutil.rmtree(out, ignore_errors=True)
        export(project, out, **settings)
        return {row["task"] for path in (out / "manifest").glob("*") for row in pq.read_table(path).to_pylist()}

    assert tasks() == {usual.pk, _task.pk}
    assert tasks(paused=False) == {usual.pk}
    assert tasks(surplus=True) == {usual.pk, _task.pk, surplus.pk}
    assert tasks(evaluation=True) == {usual.pk, _task.pk, held_out.pk}
    tested = pq.read_table(out / "manifest" / "test.parquet").to_pylist()
    assert held_out.pk in {row["task"] for row in tested}, "never to train on"
    reviewer = make_member(project, Role.REVIEWER, "rosa")
    ranks = [2, 1] if shown_order(usual, reviewer, usual.response_ids) == usual.response_ids else [1, 2]
    decide(task=usual, answers={"ranking": ranks}, by=reviewer, client_id=uuid.uuid4())
    assert tasks(decided_only=True) == {usual.pk}
    assert pairs(wrote(project, out, decided_only=True)) == ["b>a"]


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


def test_equal_texts_are_no_preference(tmp_path: Path) -> None:
    project = make_labeled_project(prompts=1)
    task = make_task(project, n_responses=2)
    first, second = (candidate.response for candidate in task.candidates.select_related("response"))
    type(first).objects.filter(pk=second.pk).update(text=first.text)
    rank(task, make_member(project), [1, 2])
    assert export(project, tmp_path / "out").left_out["twins"] == 1


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
