"""Labeled projects, and what an export makes of them."""

import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from evaluation.datasets.reading import one_moment
from evaluation.datasets.recipe import recipe_of
from evaluation.datasets.write import write_dataset
from evaluation.datasets.written import Written
from labeling.errors import Refused
from labeling.projects.models import Project
from labeling.projects.questions import Question
from tests.factories import (
    RANKING,
    answer,
    make_endpoint,
    make_member,
    make_project,
    make_prompt,
    make_task,
    rank,
)

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
