"""What was exported comes in again as the same labels."""

from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from labeling.collection.kinds import KINDS
from labeling.collection.models import Annotation
from labeling.projects.models import Project
from labeling.projects.questions import Question
from tests.factories import RANKING, answer, make_endpoint, make_member, make_project, make_prompt, make_task

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = [
    *RANKING,
    Question("overall", "likert", "Overall", options={"low": 1, "high": 7}),
    Question("flags", "flags", "Flags", options={"flags": {"harmful": "Harmful", "odd": "Odd"}}),
    Question("comment", "comment", "Why"),
]


def labeled() -> Project:
    project = make_project("there", questions=ASKED)
    endpoints, people = [make_endpoint(project, name) for name in "abc"], [make_member(project) for _n in range(3)]
    for number in range(6):
        system = "Be brief." if number % 2 else ""
        prompt = make_prompt(project, f"=Prompt {number}\r\n你好", system=system, language="en")
        texts = [f"text {one} of {number}" for one in "abc"]
        task = make_task(project, endpoints=endpoints, prompt=prompt, texts=texts)
        for place, person in enumerate(people):
            answer(
                task,
                person,
                ranking=[1, 2, 2] if (number + place) % 3 else [3, 1, 2],
                overall=[7, place + 1, None],
                flags={"harmful": [place == 0, False, None]},
                **({"comment": f"because {place}"} if place else {}),
            )
    return project


def said(project: Project) -> Counter[tuple[object, ...]]:
    """Every label, by texts and not by numbers; who said it by how often they are there."""
    found: Counter[tuple[object, ...]] = Counter()
    for one in Annotation.objects.filter(seat__project=project, is_current=True).select_related("seat__task__prompt"):
        texts = {pk: text for pk, (text, _model) in one.seat.task.texts.items()}
        prompt = one.seat.task.prompt
        about = (prompt.text, prompt.system, prompt.language)
        for question in one.seat.task.instrument.questions:
            given = one.answers.get(question.name)
            if given is None:
                continue
            kind = KINDS[question.kind]
            if kind.compares:
                found[
                    (*about, tuple(sorted(zip((texts[pk] for pk in one.order), kind.ranks(given), strict=True))))
                ] += 1
            for part, values in kind.ratings(given).items():
                for pk, value in zip(one.order, values, strict=True):
                    if value is not None:
                        found[(*about, question.kind, part, texts[pk], value)] += 1
            if question.kind == "comment":
                found[(*about, given)] += 1
    return found


@pytest.mark.parametrize("file_format", ["parquet", "jsonl"])
def test_judgments_come_in_again(tmp_path: Path, file_format: str) -> None:
    project = labeled()
    out = tmp_path / "out"
    stated = ["--format", "judgments", "--file-format", file_format, "--validation", "0", "--test", "0"]
    call_command("export_dataset", "--project", "there", "--out", str(out), *stated)
    (file,) = (out / "data").iterdir()
    call_command("create_project", "here", "--preset", "imported")
    for _time in range(2):
        call_command("import_annotations", str(file), "--project", "here")
    here = Project.objects.get(slug="here")
    assert said(here) == said(project)
    assert Annotation.objects.filter(seat__project=here).count() == 18, "the second time brought nothing"
    assert here.memberships.filter(user__username__startswith="annotator-").count() == 3
