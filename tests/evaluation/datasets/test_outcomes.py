"""How labels become rows: which, of whom, and what is left out."""

import shutil
import uuid
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from labeling.assignment.models import Seat, SeatKind
from labeling.assignment.order import shown_order
from labeling.collection.review import decide
from labeling.projects.models import Membership, Status
from labeling.projects.questions import Question
from labeling.projects.roles import Role
from tests.evaluation.datasets.exporting import (
    ASKED,
    GRADED,
    compared,
    export,
    make_labeled_project,
    pairs,
    rows_of,
    wrote,
)
from tests.factories import (
    RANKING,
    answer,
    make_endpoint,
    make_member,
    make_project,
    make_task,
    rank,
)

pytestmark = pytest.mark.django_db(transaction=True)


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


@pytest.mark.parametrize("format", ["trl-preference", "trl-kto", "ranked", "trl-sft"])
def test_tasks_that_nobody_compared_are_not_too_few_annotators(tmp_path: Path, format: str) -> None:
    project = make_project(questions=[Question("ranking", "ranking", "Rank"), *ASKED[1:]])
    endpoints = [make_endpoint(project, name) for name in "ab"]
    tasks = [make_task(project, endpoints=endpoints, texts=["text a", "text b"]) for _n in range(2)]
    for person in (make_member(project), make_member(project)):
        answer(tasks[0], person, ranking=[1, 2])
    answer(tasks[1], make_member(project), why="Neither says anything.")
    settings = {"texts": ["top_ranked"]} if format == "trl-sft" else {}
    written = export(project, tmp_path / "out", file_format="jsonl", format=format, min_annotators=2, **settings)
    assert rows_of(tmp_path / "out")
    assert not any(written.left_out.values())


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


def test_equal_texts_are_no_preference(tmp_path: Path) -> None:
    project = make_labeled_project(prompts=1)
    task = make_task(project, n_responses=2)
    first, second = (candidate.response for candidate in task.candidates.select_related("response"))
    type(first).objects.filter(pk=second.pk).update(text=first.text)
    rank(task, make_member(project), [1, 2])
    assert export(project, tmp_path / "out").left_out["twins"] == 1
