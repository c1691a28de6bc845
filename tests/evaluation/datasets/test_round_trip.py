"""What was exported comes in again as the same labels."""

import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from evaluation.datasets import files
from evaluation.datasets.examples import Stream
from evaluation.datasets.formats.columns import Columns
from evaluation.datasets.reading import one_moment
from evaluation.datasets.recipe import recipe_of
from evaluation.datasets.snapshot import packed
from labeling.collection.answers import Answers, reordered
from labeling.collection.kinds import KINDS
from labeling.collection.models import Annotation
from labeling.generation.models import Response
from labeling.projects.create_project import add_instrument
from labeling.projects.models import Project
from labeling.projects.questions import Question
from tests.evaluation.datasets.exporting import rows_of
from tests.factories import answer, make_endpoint, make_member, make_project, make_prompt, make_task

pytestmark = pytest.mark.django_db(transaction=True)

SCALE = {"low": -3, "high": 7}
HARMFUL = {"harmful": "Harmful", "odd": "Odd"}
OF_PROMPTS = [
    Question("about", "prompt_flags", "About", options={"flags": {"vague": "Vague", "sensitive": "Sensitive"}}),
    Question("more", "prompt_flags", "More", options={"flags": {"long": "Long", "vague": "Vague"}}),
    Question("what for", "use_case", "What for"),
    Question("ideal", "demonstration", "Write"),
    Question("why", "comment", "Why"),
    Question("else", "comment", "What else"),
]
OF_RESPONSES = [
    Question("overall", "likert", "Overall", options=SCALE),
    Question("语气", "likert", "Tone", options=SCALE),
    Question("flags", "flags", "Flags", options={"flags": HARMFUL}),
    Question("safety", "flags", "Safety", options={"flags": {"rude": "Rude", "harmful": "Harmful"}}),
    Question("edit", "refinement", "Edit"),
    Question("again", "refinement", "Edit again"),
]
GRADED = {"levels": 4, "tie": True, "both_bad": True}
ASKED: dict[str, tuple[int, list[Question]]] = {
    "ranked": (3, [Question("ranking", "ranking", "Rank"), *OF_RESPONSES, *OF_PROMPTS]),
    "graded": (2, [Question("preference", "pairwise", "Which?", options=GRADED), *OF_RESPONSES]),
    "compared four times": (
        2,
        [
            Question("helpful", "pairwise", "Which helps?", options=GRADED),
            Question("better", "pairwise", "Which?"),
            Question("order", "ranking", "Order"),
            Question("honest", "ranking", "Honest"),
            *OF_PROMPTS,
        ],
    ),
    "no responses": (0, OF_PROMPTS),
}
"""How many responses tasks have, and what is asked; all kinds are there, and most of them twice."""

TEXTS = ["- a list\r\n- of two", "'=quoted", "''", "=1+1", '@here, "there"\t', "你好\n👩‍👩‍👧‍👦 "]


def answers_of(person: int, n: int) -> Callable[[Question], Any]:
    """What a person answers; now and then nothing."""
    said: dict[str, Sequence[Any]] = {
        "likert": [[-3, 7, 1], [2, None, None], [0, 0, 0]],
        "ranking": [[1, 2, 2], [2, 1, 3], None],
        "pairwise": ["A", "tie", "both_bad", "B"],
        "refinement": [{"of": "B", "text": TEXTS[0]}, None, {"of": "A", "text": TEXTS[3]}],
        "use_case": ["chat", None, "rewrite"],
        "demonstration": TEXTS,
        "comment": [*TEXTS, None],
    }

    def of(question: Question) -> Any:
        turn = person + len(question.name)
        if question.kind == "prompt_flags":
            return {flag: (turn + place) % 2 == 0 for place, flag in enumerate(question.options["flags"])}
        if question.kind == "flags":
            one_each = [True, False, None][:n]
            starts = [(turn + place) % n for place in range(len(question.options["flags"]))]
            return {
                flag: one_each[start:] + one_each[:start]
                for flag, start in zip(question.options["flags"], starts, strict=True)
            }
        given = said[question.kind][turn % len(said[question.kind])]
        if question.kind == "pairwise" and given in ("A", "B") and question.options.get("levels", 1) > 1:
            return f"{given}{person % 4 + 1}"
        return given[:n] if isinstance(given, list) else given

    return of


def labeled(n: int, questions: list[Question], n_prompts: int = 5) -> Project:
    project = make_project("there", questions=questions)
    endpoints, people = [make_endpoint(project, name) for name in "abc"[:n]], [make_member(project) for _n in range(3)]
    for number in range(n_prompts):
        prompt = make_prompt(
            project,
            f"=Prompt {number}\r\n你好",
            system="Be brief." if number % 2 else "",
            language="en",
            use_case=["", "other"][number % 2],
        )
        texts = [f"{TEXTS[(number + place) % len(TEXTS)]} {place}" for place in range(n)]
        task = make_task(project, endpoints=endpoints, prompt=prompt, texts=texts, n_responses=n)
        for place, person in enumerate(people):
            of = answers_of(number + place, n)
            answers = {question.name: of(question) for question in questions}
            answer(task, person, **{name: one for name, one in answers.items() if one is not None})
    return project


def said(project: Project, called: Callable[[Question, str], str]) -> Counter[str]:
    """What each annotation says, by texts and not by numbers."""
    found: Counter[str] = Counter()
    for one in Annotation.objects.filter(seat__project=project, is_current=True).select_related("seat__task__prompt"):
        task, prompt = one.seat.task, one.seat.task.prompt
        texts = {pk: text for pk, (text, _model) in task.texts.items()}
        order = in_order_of_texts(one)
        questions = {question.name: question for question in task.instrument.questions}
        answers = reordered(questions.values(), one.answers, one.order, order)
        about = [prompt.text, prompt.system, prompt.language, prompt.use_case, [texts[pk] for pk in order]]
        values = [value for name, given in answers.items() for value in each(questions[name], given, called)]
        found[json.dumps([*about, sorted(values)], ensure_ascii=False)] += 1
    return found


def in_order_of_texts(said: Annotation) -> list[int]:
    return sorted(said.order, key=said.seat.task.texts.__getitem__)


def each(question: Question, given: Any, called: Callable[[Question, str], str]) -> list[str]:
    if "flags" in question.options:
        return [json.dumps([called(question, flag), value]) for flag, value in given.items()]
    return [json.dumps([question.kind, called(question, ""), given])]


def by_question(question: Question, flag: str) -> str:
    return f"{question.name}.{flag}"


def by_flag(question: Question, flag: str) -> str:
    """All flags of a new project are of one question."""
    return f"{question.kind}.{flag.rpartition('.')[2]}" if flag else question.name


def exported(out: Path, file_format: str) -> Path:
    stated = ["--format", "judgments", "--file-format", file_format, "--validation", "0", "--test", "0"]
    call_command("export_dataset", "--project", "there", "--out", str(out), *stated)
    (file,) = (out / "data").iterdir()
    return file


@pytest.mark.parametrize("file_format", ["parquet", "jsonl", "csv"])
@pytest.mark.parametrize("asked", ASKED)
def test_judgments_come_in_again(tmp_path: Path, asked: str, file_format: str) -> None:
    n, questions = ASKED[asked]
    project = labeled(n, questions)
    n_said = Annotation.objects.count()
    file = exported(tmp_path / "out", file_format)
    call_command("create_project", "here", "--preset", "imported")
    here, alike = Project.objects.get(slug="here"), make_project("alike", questions=questions)
    for into in (here, alike):
        for _time in range(2):
            call_command("import_annotations", str(file), "--project", into.slug)
        assert Annotation.objects.filter(seat__project=into).count() == n_said, "the second time brought nothing"
        assert into.memberships.filter(user__username__startswith="annotator-").count() == 3
    assert said(here, by_flag) == said(project, by_flag)
    assert said(alike, by_question) == said(project, by_question)


def test_every_kind_is_there() -> None:
    assert {question.kind for _n, questions in ASKED.values() for question in questions} == KINDS.keys()


def test_names_that_are_taken(tmp_path: Path) -> None:
    """All flags become those of one question, and the only ranking has a usual name: others may have theirs."""
    questions = [
        Question("flags", "likert", "Number of flags", options=SCALE),
        Question("ranking", "comment", "What the ranking means"),
        Question("order", "ranking", "Order"),
        Question("safety", "flags", "Safety", options={"flags": {"scores.x": "x"}}),
    ]
    project = make_project("there", questions=questions)
    task = make_task(project, texts=["a", "b"])
    given = {"ranking": "hm", "order": [1, 2], "safety": {"scores.x": [True, False]}}
    answer(task, make_member(project), **given)
    answer(task, make_member(project), flags=[1, 2], **given)
    file = exported(tmp_path / "out", "csv")
    call_command("create_project", "here", "--preset", "imported")
    for _time in range(2):
        call_command("import_annotations", str(file), "--project", "here")
    said = {"ranking": [1, 2], "ranking_comment": "hm", "flags": {"scores.x": [True, False]}}
    assert in_order("here") == [said, said | {"flags_likert": [1, 2]}]


def test_degrees_that_were_asked_for_later(tmp_path: Path) -> None:
    """What was said without them and with them cannot be answers to one question."""
    project = make_project("there", questions=[Question("which", "pairwise", "Which?")])
    endpoints = [make_endpoint(project, name) for name in "ab"]
    for prompt, given in (("1", "tie"), ("2", "B"), ("3", "A1"), ("4", "B3"), ("5", "A")):
        if prompt == "3":
            add_instrument(project=project, questions=[Question("which", "pairwise", "Which?", options=GRADED)])
        if prompt == "5":
            add_instrument(project=project, questions=[Question("which", "pairwise", "Which?")])
        task = make_task(project, endpoints, prompt=make_prompt(project, prompt), texts=["a", "b"])
        answer(task, make_member(project), which=given)
    file = exported(tmp_path / "out", "jsonl")
    call_command("create_project", "here", "--preset", "imported")
    for _time in range(2):
        call_command("import_annotations", str(file), "--project", "here")
    assert in_order("here") == [
        {"preference": "tie"},
        {"preference": "B"},
        {"preference_pairwise": "A1"},
        {"preference_pairwise": "B3"},
        {"preference": "A"},
    ]


def test_what_is_asked_instead_is_a_question_of_its_own(tmp_path: Path) -> None:
    project = make_project("there", questions=[Question("helpful", "pairwise", "Which is more helpful?")])
    endpoints = [make_endpoint(project, name) for name in "ab"]
    answer(make_task(project, endpoints, texts=["a", "b"]), make_member(project), helpful="A")
    was = values(project)
    add_instrument(project=project, questions=[Question("harmless", "pairwise", "Which is less harmful?")])
    assert values(project) == was, "nobody says anything else"
    answer(make_task(project, endpoints, texts=["a", "b"]), make_member(project), harmless="B")
    file = exported(tmp_path / "out", "jsonl")
    call_command("create_project", "here", "--preset", "imported")
    call_command("import_annotations", str(file), "--project", "here")
    assert in_order("here") == [{"helpful": "A"}, {"harmless": "B"}]


def test_every_flag_has_a_column_of_its_own() -> None:
    def flags(name: str, *names: str) -> Question:
        return Question(name, "flags", name, options={"flags": dict.fromkeys(names, "")})

    columns = Columns([[flags("a", "b.f", "f"), flags("b", "f")], [flags("b", "f")], [flags("c", "f")]])
    assert list(columns.of.values()) == ["flags.b.f", "flags.f", "flags.b.b.f", "flags.f"]
    assert list(columns.types) == ["flags.b.f", "flags.f", "flags.b.b.f"]


def in_order(slug: str) -> list[Answers]:
    """What annotations say, with the responses in the order of their texts."""
    found = Annotation.objects.filter(seat__project__slug=slug).order_by("pk")
    return [
        reordered(one.seat.task.instrument.questions, one.answers, one.order, in_order_of_texts(one)) for one in found
    ]


def test_what_one_says_of_a_task_is_in_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ROWS_A_FILE", 4)
    project = labeled(*ASKED["ranked"])
    alike = make_project("alike", questions=project.tasks.all()[0].instrument.questions)
    out = tmp_path / "out"
    call_command("export_dataset", "--project", "there", "--out", str(out), "--format", "judgments")
    written = sorted((out / "data").iterdir())
    for file in written:
        call_command("import_annotations", str(file), "--project", "alike")
    assert len(written) >= 8, "45 rows, at most six a file"
    assert said(alike, by_question) == said(project, by_question)


WRITTEN = {
    "parquet": (["--file-format", "parquet"], 5),
    "jsonl": (["--file-format", "jsonl"], 5),
    "csv": (["--file-format", "csv"], 5),
    "by use case": (["--by-use-case", "--file-format", "jsonl"], 7),
}
"""Options of a data set with the usual splits, and how many files of rows it has."""


@pytest.mark.parametrize("written", WRITTEN)
def test_an_archive_comes_in_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setattr(files, "ROWS_A_FILE", 100)
    n, questions = ASKED["ranked"]
    project = labeled(n, questions, n_prompts=30)
    out = tmp_path / "judged"
    stated, n_files = WRITTEN[written]
    call_command("export_dataset", "--project", "there", "--out", str(out), "--format", "judgments", *stated)
    assert len([path for path in (out / "data").rglob("*") if path.is_file()]) == n_files
    call_command("create_project", "here", "--preset", "imported")
    here, alike = Project.objects.get(slug="here"), make_project("alike", questions=questions)
    for into in (here, alike):
        told = io.StringIO()
        for _time in range(2):
            call_command("import_annotations", str(packed(out)), "--project", into.slug, "--json", stdout=told)
        first, second = map(json.loads, told.getvalue().splitlines())
        assert (first["annotations"], second["annotations"]) == (90, 0)
    assert said(here, by_flag) == said(project, by_flag)
    assert said(alike, by_question) == said(project, by_question)


@pytest.mark.parametrize("format", ["alpaca", "openai-sft", "sharegpt-ranking", "trl-prompt", "trl-sft-chat"])
def test_an_archive_of_prompts_comes_in_whole(tmp_path: Path, format: str) -> None:
    project = labeled(*ASKED["ranked"], n_prompts=30)
    out = tmp_path / format
    call_command("export_dataset", "--project", "there", "--out", str(out), "--format", format)
    call_command("create_project", "here", "--preset", "imported")
    call_command("import_prompts", str(packed(out)), "--project", "here")
    assert Project.objects.get(slug="here").prompts.count() == project.prompts.count()


PAIRS = ["trl-preference-chat", "openai-dpo", "hh", "ultrafeedback", "sharegpt-ranking"]
PLAIN_PAIRS = ["trl-preference", "rewardbench", "trl-kto"]
"""Of which the prompt is one text."""


@pytest.mark.parametrize("format", [*PAIRS, *PLAIN_PAIRS])
def test_an_archive_of_pairs_comes_in_as_responses(tmp_path: Path, format: str) -> None:
    project = labeled(*ASKED["ranked"], n_prompts=30)
    stated = ["--project", "there", "--file-format", "jsonl", "--no-refinements", "--format"]
    out, is_plain = tmp_path / format, format in PLAIN_PAIRS
    call_command("export_dataset", *stated, format, "--out", str(out))
    assert len(list((out / "data").iterdir())) == 3
    call_command("create_project", "here", "--preset", "imported")
    call_command("import_responses", str(packed(out)), "--project", "here")
    call_command("export_dataset", *stated, "trl-preference-chat", "--out", str(tmp_path / "pairs"))
    rows = rows_of(out if is_plain else tmp_path / "pairs")
    assert written_for("here", is_plain) == {one for row in rows for one in (texts_in if is_plain else turns_in)(row)}
    assert Project.objects.get(slug="here").prompts.count() == project.prompts.count()


def texts_in(row: dict[str, Any]) -> set[tuple[str, ...]]:
    return {(row[name],) for name in ("chosen", "rejected", "completion") if name in row}


def turns_in(row: dict[str, Any]) -> set[tuple[str, ...]]:
    """System prompt, prompt and response, of each side."""
    said = {message["role"]: message["content"] for message in row["prompt"]}
    return {(said.get("system", ""), said["user"], row[side][0]["content"]) for side in ("chosen", "rejected")}


def written_for(project: str, is_plain: bool) -> set[tuple[str, ...]]:
    """Each response, and what it answers where that is no text made of several."""
    written = Response.objects.filter(prompt__project__slug=project).select_related("prompt")
    return {(one.text,) if is_plain else (one.prompt.system, one.prompt.text, one.text) for one in written}


def test_who_said_nothing_is_left_out(tmp_path: Path) -> None:
    project = make_project("there", questions=OF_PROMPTS[-1:])
    task = make_task(project, n_responses=1)
    answer(task, make_member(project))
    answer(task, make_member(project), **{"else": "hm"})
    file = exported(tmp_path / "out", "parquet")
    told = io.StringIO()
    call_command("create_project", "here", "--preset", "imported")
    call_command("import_annotations", str(file), "--project", "here", "--json", stdout=told)
    assert (json.loads(told.getvalue())["annotations"], json.loads(told.getvalue())["blank"]) == (1, 1)


@pytest.mark.parametrize("asked", ASKED)
def test_another_answer_to_any_question_is_another_row(asked: str) -> None:
    """So two data sets that are compared differ in it."""
    n, questions = ASKED[asked]
    project = labeled(n, questions)
    task = project.tasks.order_by("pk")[0]
    person = Annotation.objects.filter(seat__task=task).order_by("pk")[0].seat.holder
    for question in questions:
        first, other = [said for turn in range(3) if (said := answers_of(turn, n)(question)) is not None][:2]
        answer(task, person, **{question.name: first})
        was = values(project)
        answer(task, person, **{question.name: other})
        assert values(project) != was, question.name


def values(project: Project) -> list[tuple[object, str]]:
    with one_moment():
        return sorted(example.identity for _split, example in Stream(project, recipe_of({"format": "judgments"})))
