"""What rows that others write mean, by shape and by column."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from labeling.collection.judgments import parse_judgment
from labeling.collection.models import Annotation
from labeling.errors import Refused
from labeling.generation.models import Response
from labeling.imports.brings import Brings
from labeling.imports.columns import ByColumns
from labeling.imports.guess import guessed_brings, guessed_columns
from labeling.imports.shapes import SHAPES, recognized
from labeling.imports.shapes.exported import Gathering
from labeling.projects.models import Project
from labeling.prompts.files import ImportFile, RowRefused
from labeling.prompts.models import Prompt
from tests.factories import make_project

ASKED = [{"role": "user", "content": "q"}]
REPLY = {"role": "assistant", "content": "a"}


@pytest.mark.parametrize(
    ("shape", "row", "ours"),
    [
        ("alpaca", {"instruction": "i", "input": "", "output": "o", "text": "t"}, {"prompt": "i", "reference": "o"}),
        (
            "alpaca",
            {"instruction": "i", "input": "x", "output": "", "id": 3},
            {"prompt": "i\n\nx", "metadata": {"id": 3}},
        ),
        (
            "dolly",
            {"instruction": "i", "context": "c", "response": "r", "category": "information_extraction"},
            {"prompt": "i\n\nc", "reference": "r", "use_case": "extract"},
        ),
        (
            "dolly",
            {"instruction": "i", "context": "", "response": "r", "category": "riddles"},
            {"prompt": "i", "reference": "r", "metadata": {"category": "riddles"}},
        ),
        (
            "sharegpt",
            {
                "id": "x",
                "system": "s",
                "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}],
            },
            {
                "messages": [{"role": "user", "content": "q"}],
                "reference": "a",
                "system": "s",
                "metadata": {"id": "x"},
            },
        ),
        (
            "self-instruct",
            {"instruction": "i", "instances": [{"input": "x", "output": "o"}], "is_classification": True},
            {"prompt": "i\n\nx", "reference": "o", "use_case": "classification"},
        ),
        (
            "chat",
            {
                "messages": [
                    {"role": "developer", "content": [{"type": "text", "text": "s"}]},
                    {"role": "user", "content": "q"},
                    {"role": "assistant", "content": "a"},
                ],
                "metadata": {"n": 1},
                "tools": [],
            },
            {
                "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}],
                "reference": "a",
                "metadata": {"n": 1, "tools": []},
            },
        ),
        (
            "exported",
            {
                "prompt_id": "0",
                "prompt": '[{"role": "user", "content": "q"}]',
                "use_case": "chat",
                "model": "m",
                "response": "'-a",
                "annotator": "kim",
                "position": "1",
                "rank": "1",
                "scores.tone": "-3",
                "flags.rude": "False",
                "demonstration.ideal": "''=b",
                "refinement.edit": "'=c",
                "use_case.kind": "other",
                "day": "2026-11-02",
                "questions": "4",
            },
            {
                "messages": [{"role": "user", "content": "q"}],
                "use_case": "chat",
                "responses": [{"model": "m", "text": "-a"}],
                "annotator": "kim",
                "created_at": "2026-11-02",
                "ranks": [1],
                "scores": {"tone": [-3]},
                "flags": {"rude": [False]},
                "demonstration": {"ideal": "'=b"},
                "refinement": {"edit": ["=c"]},
                "said_use_case": {"kind": "other"},
            },
        ),
        (
            "exported",
            {
                "prompt_id": "0",
                "prompt": [{"role": "user", "content": "q"}],
                "model": None,
                "response": None,
                "annotator": "kim",
                "position": 1,
                "comment.why": "'=a",
                "comment.else": None,
                "prompt_flags.vague": True,
            },
            {
                "messages": [{"role": "user", "content": "q"}],
                "responses": [],
                "annotator": "kim",
                "comment": {"why": "'=a"},
                "prompt_flags": {"vague": True},
            },
        ),
        (
            "chat",
            {"prompt": [{"role": "user", "content": "q"}], "completion": [REPLY]},
            {"messages": [{"role": "user", "content": "q"}], "reference": "a"},
        ),
        (
            "chat",
            {"prompt": "q", "prompt_id": "x", "messages": [*ASKED, REPLY]},
            {"messages": ASKED, "reference": "a", "metadata": {"prompt_id": "x"}},
        ),
        (
            "kto",
            {"prompt": ASKED, "completion": [REPLY], "label": False},
            {
                "messages": ASKED,
                "responses": [{"model": "undesirable", "text": "a"}],
                "metadata": {"label": False},
            },
        ),
        (
            "kto",
            {"prompt": "q", "completion": "a", "label": "True"},
            {"messages": ASKED, "responses": [{"model": "desirable", "text": "a"}], "metadata": {"label": "True"}},
        ),
        (
            "alpaca",
            {"instruction": "z", "input": "", "output": "b", "history": [["q", "a"]]},
            {"messages": [*ASKED, REPLY, {"role": "user", "content": "z"}], "reference": "b"},
        ),
    ],
)
def test_rows_of_others_as_ours(shape: str, row: dict[str, Any], ours: dict[str, Any]) -> None:
    assert recognized([row]) == SHAPES[shape]
    assert list(SHAPES[shape].rows(row)) == [ours]


def test_each_instance_is_a_prompt() -> None:
    row = {"instruction": "i", "instances": [{"input": "x", "output": "1"}, {"input": "", "output": "2"}]}
    assert [one["prompt"] for one in SHAPES["self-instruct"].rows(row)] == ["i\n\nx", "i"]


@pytest.mark.parametrize(
    ("shape", "row", "cause"),
    [
        ("alpaca", {"instruction": 3, "output": "o"}, "“instruction” must be text"),
        ("sharegpt", {"conversations": "hello"}, "must be a list of turns"),
        (
            "sharegpt",
            {"conversations": [{"from": "narrator", "value": "x"}]},
            "a turn is from “narrator”; known are human",
        ),
        ("sharegpt", {"conversations": [{"from": "human"}]}, "each turn needs “from” and “value”"),
        ("self-instruct", {"instruction": "i", "instances": ["x"]}, "must be a list of objects"),
        ("chat", {"messages": ["x"]}, "must be a list of objects"),
        ("chat", {"prompt": ASKED, "completion": "a"}, "“completion” must be a list of objects"),
        ("chat", {"messages": ASKED, "metadata": 3}, "“metadata” must be an object"),
        ("alpaca", {"instruction": "z", "output": "b", "history": ["q"]}, "“history” must be a list of pairs"),
        ("kto", {"prompt": "q", "completion": "a", "label": 1}, "“label” is either true or false"),
        ("kto", {"messages": ASKED, "label": True}, "must end with what the assistant says"),
        ("exported", {"prompt_id": "0", "prompt": "Hello"}, "“prompt” must be a list of messages"),
    ],
)
def test_rows_that_are_not_what_they_seem(shape: str, row: dict[str, Any], cause: str) -> None:
    with pytest.raises(RowRefused, match=cause):
        list(SHAPES[shape].rows(row))


def test_rows_of_no_known_shape() -> None:
    assert recognized([{"question": "q", "answer": "a"}]) is None
    assert recognized([{"promt": "x"}]) is None
    assert recognized([{"prompt": ["one turn", "and another"], "category": "math"}]) is None
    assert recognized([]) is None
    assert recognized([{"prompt": "x"}], Brings.JUDGMENTS) is None


def test_what_columns_are_probably_meant() -> None:
    known = ["Question", "Response A", "Response B", "Worker ID", "winner"]
    assert guessed_brings(known) == Brings.JUDGMENTS
    assert guessed_brings(known[:3]) == Brings.RESPONSES
    assert guessed_brings(known[:1]) == Brings.PROMPTS
    guessed = guessed_columns(Brings.JUDGMENTS, known)
    assert {field: found for field, (found,) in ((f, c) for f, c in guessed.items() if c)} == {
        "prompt": "Question",
        "responses.1.text": "Response A",
        "responses.2.text": "Response B",
        "annotator": "Worker ID",
        "preference": "winner",
    }


def test_columns_by_name_by_path_and_the_same_for_all() -> None:
    reshape = ByColumns(
        Brings.RESPONSES,
        {
            "prompt": ["q", "context"],
            "owner": ["by.id"],
            "language": ["=en"],
            "source": [],
            "responses.1.text": ["answer"],
            "responses.2.text": ["other"],
            "responses.2.model": ["=big"],
        },
    )
    row = {"q": "Why", "context": "", "by": {"id": 7}, "source": "s", "answer": "a", "other": "b", "metadata": {"n": 1}}
    assert list(reshape(7, row)) == [
        (
            7,
            {
                "prompt": "Why",
                "owner": "7",
                "language": "en",
                "metadata": {"n": 1},
                "responses": [{"model": "answer", "text": "a"}, {"model": "big", "text": "b"}],
            },
        )
    ]
    assert list(reshape.causes([])) == []
    assert "no row has the field “x”; there are q" in next(
        iter(ByColumns(Brings.PROMPTS, {"prompt": ["x"]}).causes(["q"]))
    )
    with pytest.raises(RowRefused, match="holds a list or an object"):
        list(ByColumns(Brings.PROMPTS, {"prompt": ["by"]})(1, row))


@pytest.mark.parametrize(
    ("columns", "cause"),
    [
        ({"promt": ["x"]}, "“promt” is no field of prompts; known are prompt, system"),
        ({"responses.1.text": ["x"]}, "is no field of prompts"),
        ({"owner": ["x", "y"]}, "“owner” is mapped twice"),
    ],
)
def test_columns_that_cannot_be_meant(columns: dict[str, list[str]], cause: str) -> None:
    with pytest.raises(Refused, match=cause):
        ByColumns(Brings.PROMPTS, columns)


@pytest.fixture
def project() -> Project:
    return make_project(questions=None)


def run(command: str, file: Path, project: Project, *columns: str) -> dict[str, Any]:
    said = io.StringIO()
    options = [option for column in columns for option in ("--map", column)]
    call_command(command, str(file), "--project", project.slug, *options, "--json", stdout=said)
    return dict(json.loads(said.getvalue()))


@pytest.mark.django_db
def test_by_command(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "rows.tsv"
    file.write_text("question\ttopic\tone\ttwo\twho\twon\nq\tchat\ta\tb\tkim\tleft\n")
    assert run("import_prompts", file, project, "prompt=question", "use_case=topic")["prompts"] == 1
    assert Prompt.objects.get().use_case == "chat"
    named = ["prompt=question", "responses.1.text=one", "responses.2.text=two", "responses.2.model==big"]
    assert run("import_responses", file, project, *named)["responses"] == 2
    judged = run("import_annotations", file, project, *named, "annotator=who", "preference=won")
    assert (judged["annotations"], judged["prompts"], judged["responses"]) == (1, 0, 0)
    assert Annotation.objects.get().seat.task.candidates.count() == 2
    assert set(Response.objects.values_list("endpoint__name", flat=True)) == {"one", "big"}
    for wrong, cause in [
        (["prompt"], "is not like field=column"),
        (["prompt=nowhere"], "no row has the field “nowhere”"),
        (["who=prompt"], "is no field of"),
    ]:
        with pytest.raises(CommandError, match=cause):
            run("import_prompts", file, project, *wrong)


@pytest.mark.django_db
def test_a_command_recognizes_formats(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "alpaca.json"
    file.write_text('[{"instruction": "i", "input": "", "output": "o"}]')
    assert run("import_prompts", file, project)["prompts"] == 1
    assert Prompt.objects.get().reference == "o"
    with pytest.raises(CommandError, match="unknown field “input”, “instruction”, “output”"):
        run("import_responses", file, project)


def test_a_judgment_of_several_rows_has_the_line_of_the_first() -> None:
    def said(prompt: int, *ranks: int | None, **more: Any) -> list[dict[str, Any]]:
        about = {"prompt_id": prompt, "prompt": [{"role": "user", "content": str(prompt)}], "annotator": "kim"}
        given = zip("abc", ranks, strict=False)
        return [
            {**about, "position": place, "model": model, "response": model, "rank": rank, **more}
            for place, (model, rank) in enumerate(given, 1)
        ]

    groups = [
        said(1, 1, 2),
        said(2, 1, 2, word=1),
        said(3, None, None),
        said(4, 2, 2, 1),
        said(5, 1, 2, annotator=""),
        said(6, 1),
    ]
    rows = "\n\n".join(json.dumps(row) for group in groups for row in group)
    file = ImportFile(io.BytesIO(rows.encode()), "judgments.jsonl")
    lines = [line for line, _judgment in file.parsed(parse_judgment, Gathering())]
    assert lines == [1, 13, 23]
    (unknown, nobody) = file.problems
    assert (unknown.line, nobody.line) == (5, 19)
    assert "unknown field “word”" in unknown.cause
    assert "annotator" in nobody.cause
