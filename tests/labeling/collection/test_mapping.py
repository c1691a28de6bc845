"""Judgments in the shapes of other people's files, through a mapping."""

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.collection.import_annotations import import_annotations
from labeling.collection.imported import ImportedAnnotations
from labeling.collection.mapping.read import LARGEST, OF_A_FILE, read_mapping
from labeling.collection.mapping.reshape import Reshaping
from labeling.collection.mapping.sources import code_of
from labeling.collection.models import Annotation
from labeling.errors import FileRefused
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.roles import Role
from labeling.prompts.files import ImportFile, Row, RowRefused
from labeling.prompts.models import Prompt
from tests.bringing import choose, order
from tests.embedded import ROOT
from tests.factories import make_member, make_project

TWO = """
prompt: question
responses: [{model: left}, {model: right}]
annotator: who
"""
ONE = """
prompt: question
responses: [{model: system, text: answer}]
annotator: who
"""
PAIR = {"question": "why?", "left": "m1", "right": "m2", "who": "kim"}
SINGLE = {"question": "why?", "system": "m1", "answer": "so", "who": "kim"}


def reshaped(mapping: str, *rows: Row) -> list[Row]:
    reshaping = Reshaping(read_mapping(io.BytesIO(mapping.encode()), "m.yaml"), "judged.jsonl")
    made = [ours for row in rows for _line, ours in reshaping(1, row)]
    assert not list(reshaping.causes(()))
    return made


def refused(mapping: str, name: str = "m.yaml") -> str:
    with pytest.raises(FileRefused) as wrong:
        read_mapping(io.BytesIO(mapping.encode()), name)
    return str(wrong.value)


def take_in(project: Project, mapping: str, content: str, name: str) -> ImportedAnnotations:
    stated = read_mapping(io.BytesIO(mapping.encode()), "m.yaml")
    return import_annotations(project=project, file=ImportFile(io.BytesIO(content.encode()), name), mapping=stated)


@pytest.fixture
def empty() -> Project:
    """A project that asks nothing yet."""
    return make_project(questions=[])


@pytest.mark.parametrize(
    ("preference", "value", "said"),
    [
        ("preference: winner", "left", "A"),
        ("preference: winner", "tie", "tie"),
        ("preference: {field: winner, codes: {model_a: A, model_b: B, tie (bothbad): both_bad}}", "model_b", "B"),
        ("preference: {field: winner, codes: {model_a: A, tie (bothbad): both_bad}}", "tie (bothbad)", "both_bad"),
        ("preference: {field: winner, codes: {0: tie, 1: A, 2: B}}", 0, "tie"),
        ("preference: {field: winner, codes: {0: A, 1: B, 2: tie}}", "0", "A"),
        ("preference: {field: winner, codes: {1: A, 1.5: tie, 2: B}}", 1.5, "tie"),
        ("preference: {field: winner, codes: {1: A, 1.50: tie, 2: B}}", "1.5", "tie"),
        ("preference: {field: winner, codes: {1: A, 2: B}}", 2.0, "B"),
        ("preference: {field: winner, codes: {1.0: A, -1.0: B}}", "-1", "B"),
        ("preference: {field: winner, codes: {true: A, false: B}}", False, "B"),
        ("preference: {field: winner, codes: {yes: A, no: B}}", "no", "B"),
        ("preference: {winner: winner}", "m2", "B"),
        ("preference: {winner: winner, codes: {neither: tie}}", "neither", "tie"),
        ("preference: {constant: A}", "whatever", "A"),
    ],
)
def test_ways_to_say_which_is_better(preference: str, value: Any, said: str) -> None:
    mapping = f"{TWO}\n{preference}"
    if "constant" in preference:
        assert reshaped(mapping, PAIR)[0]["preference"] == said
    else:
        assert reshaped(mapping, PAIR | {"winner": value})[0]["preference"] == said


@pytest.mark.parametrize(
    ("ranks", "values", "expected"),
    [
        ("ranks: [r1, r2]", (1, 2), [1, 2]),
        ("ranks: [r1, r2]", ("0", "0"), [1, 1]),
        ("ranks: [r1, r2]", (7, 3.5), [2, 1]),
        ("ranks: {fields: [r1, r2], best: high}", (7, 3.5), [1, 2]),
    ],
)
def test_ranks_of_any_scale(ranks: str, values: tuple[Any, Any], expected: list[int]) -> None:
    row = PAIR | dict(zip(("r1", "r2"), values, strict=True))
    assert reshaped(f"{TWO}\n{ranks}", row)[0]["ranks"] == expected


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=6), st.booleans())
def test_ranks_keep_the_order_and_leave_no_gaps(values: list[int], best_is_high: bool) -> None:
    names = [f"r{place}" for place in range(len(values))]
    mapping = f"""
responses: [{", ".join("{model: {constant: m}, text: " + name + "}" for name in names)}]
annotator: {{constant: kim}}
ranks: {{fields: [{", ".join(names)}], best: {"high" if best_is_high else "low"}}}
"""
    ranks = reshaped(mapping, dict(zip(names, values, strict=True)))[0]["ranks"]
    assert set(ranks) == set(range(1, len(set(values)) + 1))
    better = [-value if best_is_high else value for value in values]
    for one in range(len(values)):
        for other in range(len(values)):
            assert (ranks[one] < ranks[other]) == (better[one] < better[other])


@given(st.integers(-(10**6), 10**6))
def test_a_number_is_one_code_however_it_is_written(number: int) -> None:
    assert {code_of(number), code_of(float(number)), code_of(str(number)), code_of(f" {number}.00 ")} == {str(number)}


def test_scores_and_flags_with_blanks() -> None:
    mapping = f"""{ONE}
scores: {{fluency: {{field: fluent, codes: {{poor: 1, good: 2}}}}, length: length}}
flags: {{factual: factual, rude: {{field: tone, codes: {{harsh: yes, kind: no}}}}}}
missing: [N/A, -1]
"""
    full = reshaped(mapping, SINGLE | {"fluent": "good", "length": "3.0", "factual": "No", "tone": "harsh"})
    assert full == [
        {
            "prompt": "why?",
            "responses": [{"model": "m1", "text": "so"}],
            "annotator": "kim",
            "scores": {"fluency": [2], "length": [3]},
            "flags": {"factual": [False], "rude": [True]},
        }
    ]
    (partly,) = reshaped(mapping, SINGLE | {"fluent": "N/A", "length": -1, "factual": None, "tone": "kind"})
    assert "scores" not in partly
    assert partly["flags"] == {"rude": [False]}


def test_a_value_for_each_response() -> None:
    mapping = f"{TWO}\nscores: {{helpful: [l, r]}}\nflags: {{safe: [ls, rs]}}"
    (said,) = reshaped(mapping, PAIR | {"l": 1, "r": None, "ls": 1, "rs": 0})
    assert said["scores"] == {"helpful": [1, None]}
    assert said["flags"] == {"safe": [True, False]}


def test_several_annotators_in_a_row() -> None:
    mapping = f"""{TWO.replace("annotator: who", "")}
preference: {{codes: {{0: tie, 1: A, 2: B}}}}
judgments:
  - {{annotator: {{constant: first}}, preference: {{field: a1}}}}
  - {{annotator: who, preference: {{field: a2}}, comment: why}}
"""
    said = reshaped(mapping, PAIR | {"a1": 0, "a2": 2, "why": "longer"}, PAIR | {"a1": 1, "a2": "", "why": None})
    assert [(one["annotator"], one["preference"], one.get("comment")) for one in said] == [
        ("first", "tie", None),
        ("kim", "B", "longer"),
        ("first", "A", None),
    ]


def test_rows_in_groups_are_of_one_item() -> None:
    mapping = "group: 2\nresponses: [{model: system, text: answer}]\nflags: {wrong: wrong}"
    rows = [SINGLE | {"wrong": wrong} for wrong in (0, 1, 1, 0)]
    said = reshaped(mapping, *rows)
    assert [(one["prompt"], one["annotator"]) for one in said] == [
        ("judged.jsonl, rows 1–2", "annotator 1"),
        ("judged.jsonl, rows 1–2", "annotator 2"),
        ("judged.jsonl, rows 3–4", "annotator 1"),
        ("judged.jsonl, rows 3–4", "annotator 2"),
    ]
    with pytest.raises(RowRefused, match="something else than the rows before it in its group of 2"):
        reshaped(mapping, rows[0], rows[1] | {"answer": "other"})


def test_annotators_in_rows_and_items_in_columns() -> None:
    mapping = """
group: 2
responses: [{model: {constant: unit}}]
items: [{scores: {value: u1}}, {scores: {value: u2}}]
"""
    said = reshaped(mapping, {"u1": 1, "u2": 2}, {"u1": 3})
    assert [(one["prompt"], one["annotator"], one["scores"]["value"]) for one in said] == [
        ("judged.jsonl, rows 1–2, item 1", "annotator 1", [1]),
        ("judged.jsonl, rows 1–2, item 2", "annotator 1", [2]),
        ("judged.jsonl, rows 1–2, item 1", "annotator 2", [3]),
    ]


WIN_TABLE = """
responses: [{model: home}, {model: away}]
annotator: {constant: season}
items:
  - {count: home_wins, preference: {constant: A}}
  - {count: away_wins, preference: {constant: B}}
"""


def test_a_table_of_wins() -> None:
    said = reshaped(WIN_TABLE, {"home": "x", "away": "y", "home_wins": "2", "away_wins": 1})
    assert [one["preference"] for one in said] == ["A", "A", "B"]
    assert [one["prompt"] for one in said] == [
        "judged.jsonl, row 1, item 1 #1",
        "judged.jsonl, row 1, item 1 #2",
        "judged.jsonl, row 1, item 2 #1",
    ]
    assert said[0]["responses"] == [{"model": "x", "text": "(no text)"}, {"model": "y", "text": "(no text)"}]


def test_a_table_of_how_many_chose_what() -> None:
    mapping = """
responses: [{model: {constant: case}}]
judgments: [{count: ill, flags: {ill: {constant: yes}}}, {count: well, flags: {ill: {constant: no}}}]
"""
    said = reshaped(mapping, {"ill": 2, "well": 1})
    assert [(one["annotator"], one["flags"]) for one in said] == [
        ("annotator 1", {"ill": [True]}),
        ("annotator 2", {"ill": [True]}),
        ("annotator 3", {"ill": [False]}),
    ]
    assert {one["prompt"] for one in said} == {"judged.jsonl, row 1"}


def test_parts_of_names_and_texts() -> None:
    mapping = """
prompt: [instruction, context.0.text, input]
responses: [{model: {field: pair, before: " vs "}, text: turns.-1}, {model: {field: pair, after: " vs "}}]
annotator: meta.judge
preference: winner
created_at: at
"""
    row = {
        "instruction": "Sum up.",
        "context": [{"text": "Long."}],
        "input": "",
        "pair": "m1 vs m2",
        "turns": ["hm", True],
        "meta": {"judge": 7},
        "winner": "left",
        "at": 1700000000.5,
    }
    (said,) = reshaped(mapping, row)
    assert said["prompt"] == "Sum up.\n\nLong."
    assert said["responses"] == [{"model": "m1", "text": "True"}, {"model": "m2", "text": "(no text)"}]
    assert said["annotator"] == "7"
    assert said["created_at"] == "2023-11-14T22:13:20.500000+00:00"


def test_a_name_with_dots_is_taken_as_it_is_where_there_is_one() -> None:
    row = PAIR | {"a.b": "left", "a": {"b": "right"}}
    assert reshaped(f"{TWO}\npreference: a.b", row)[0]["preference"] == "A"


@pytest.mark.parametrize(
    ("mapping", "row", "cause"),
    [
        (
            f"{TWO}\npreference: {{field: winner, codes: {{1: A, 2: B}}}}",
            {"winner": 3},
            "“preference”: “3” is not among the codes, which are 1, 2.",
        ),
        (f"{TWO}\npreference: {{winner: winner}}", {"winner": "m3"}, "not among the codes, which are m1, m2."),
        (f"{TWO}\npreference: {{winner: winner}}", {"winner": "m1", "right": "m1"}, "both responses are of one model"),
        (f"{TWO}\npreference: winner", {"winner": {"who": "m1"}}, "“winner” holds a list or an object"),
        (f"{TWO}\nranks: [l, r]", {"l": 1, "r": ""}, "“ranks” is blank for some"),
        (f"{TWO}\nranks: [l, r]", {"l": 1, "r": "nan"}, "“ranks”: “nan” is not a number."),
        (f"{TWO}\nscores: {{q: [l, r]}}", {"l": 1, "r": 2.5}, "“scores.q”: “2.5” is not a whole number."),
        (f"{TWO}\nflags: {{q: [l, r]}}", {"l": 1, "r": 2}, "“flags.q”: “2” is neither yes nor no"),
        (f"{TWO}\npreference: {{constant: A}}\ncount: n", {"n": 10_001}, "“count” is 10001; it can be 0 to 10000."),
        (f"{TWO}\npreference: {{field: w, after: _}}", {"w": "left"}, "there is no “_” in “left”"),
    ],
)
def test_what_a_row_says_wrong(mapping: str, row: Row, cause: str) -> None:
    with pytest.raises(RowRefused) as wrong:
        reshaped(mapping, PAIR | row)
    assert cause in str(wrong.value)


@pytest.mark.parametrize(
    ("mapping", "cause"),
    [
        (f"{TWO}\npreferences: winner", "“the mapping” has an unknown key “preferences”; known are columns, group"),
        (f"{TWO}\npreference: {{column: winner}}", "“preference” has an unknown key “column”; known are field"),
        (f"{TWO}\nitems: [{{columns: [a]}}]", "“items” has an unknown key “columns”"),
        (f"{TWO}\nitems: [{{judgments: [{{prompt: a}}]}}]", "“judgments” has an unknown key “prompt”"),
        (f"{TWO}\npreference: {{field: a, constant: b}}", "“preference” needs either “field” or “constant”"),
        (f"{TWO}\npreference: {{field: a, codes: {{1: C}}}}", "“preference” is “C”"),
        (f"{TWO}\nscores: {{q: [{{field: a, codes: {{x: y}}}}, b]}}", "“scores.q”: “y” is not a whole number"),
        (f"{TWO}\nscores: {{q: [a]}}", "“scores.q” needs one field for each of the 2 responses"),
        (f"{TWO}\nscores: {{q: a}}", "“scores.q” must be a list"),
        (f"{TWO}\nranks: {{fields: [a, b], best: first}}", "“best” of “ranks” is either low or high"),
        (f"{TWO}\nsystem: [a]\npreference: w", "“system” must be the name of a field"),
        (f"{TWO}", "a judgment needs at least one of ranks, preference"),
        ("prompt: a\npreference: b\nannotator: c", "“responses” is missing"),
        ("prompt: a\npreference: b\nresponses: [{model: c}]", "“annotator” is missing"),
        ("responses: [{text: c}]", "a response in “responses” has no “model”"),
        (f"{TWO}\ngroup: 0\npreference: w", "“group” is a number of rows"),
        (f"{TWO}\ngroup: three\npreference: w", "“group”: “three” is not a whole number"),
        ("[1, 2]", "“the mapping” must be an object"),
        ("", "“the mapping” must be an object"),
        ("a: [", "m.yaml, line 1: not YAML: "),
        ("prompt: a\nprompt: b", "m.yaml, line 2: “prompt” is there twice"),
        ("a: &a [1]\nb: *a", "m.yaml, line 2: it refers to a part of itself"),
        ("a: \x07", "not YAML: special characters are not allowed"),
        ('a: "\\UFFFFFFFF"', "not YAML: "),
        ('a: "\\ud800"', "half of a surrogate pair"),
        ("[" * 5000, "more than 16 levels deep"),
        ("#" * (LARGEST + 1), "a mapping has at most 64 KB"),
    ],
)
def test_what_a_mapping_says_wrong(mapping: str, cause: str) -> None:
    assert cause in refused(mapping)


def test_a_mapping_in_json() -> None:
    stated = {"prompt": "q", "responses": [{"model": {"constant": "m"}}], "annotator": "w", "scores": {"s": "v"}}
    written = json.dumps(stated, indent="\t")
    mapping = read_mapping(io.BytesIO(written.encode()), "m.json")
    ((line, said),) = Reshaping(mapping, "f.csv")(7, {"q": "why?", "w": "kim", "v": "3"})
    assert (line, said["prompt"], said["scores"]) == (7, "why?", {"s": [3]})


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["left", "3", "a.b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*OF_A_FILE, "field", "constant", "codes", "model", "text"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_mapping_or_refused(content: bytes) -> None:
    for name in ("any.yaml", "any.json"):
        with suppress(FileRefused):
            read_mapping(io.BytesIO(content), name)


@settings(max_examples=100, deadline=None)
@given(row=st.dictionaries(st.sampled_from(["a", "b", "c", "n", "w"]), json_values))
def test_any_row_gives_judgments_or_is_refused(row: Row) -> None:
    mapping = """
prompt: [a, a.b, a.0]
responses: [{model: b, text: a}, {model: c}]
annotator: w
preference: {winner: a}
ranks: [b, c]
scores: {s: [b, c]}
flags: {f: [b, c]}
created_at: n
count: n
"""
    reshaping = Reshaping(read_mapping(io.BytesIO(mapping.encode()), "m.yaml"), "judged.jsonl")
    with suppress(RowRefused):
        for _line, said in reshaping(1, {"n": 1, "w": "kim", **row}):
            assert said.keys() >= {"prompt", "responses", "annotator"}


def documented() -> dict[str, str]:
    """The mappings of docs/formats.md, by what stands above each."""
    text = (ROOT / "docs" / "formats.md").read_text()
    return dict(re.findall(r"^\*\*([^*]+)\*\*.*?```yaml\n(.*?)```", text, re.DOTALL | re.MULTILINE))


ARENA = {
    "question_id": 81,
    "model_a": "alpaca-13b",
    "model_b": "gpt-4",
    "winner": "model_b",
    "judge": "author_2",
    "conversation_a": [{"role": role, "content": f"a {role} {n}"} for n in (1, 2) for role in ("user", "assistant")],
    "conversation_b": [{"role": role, "content": f"b {role} {n}"} for n in (1, 2) for role in ("user", "assistant")],
    "turn": 1,
}
PANDALM = {
    "motivation_app": "Grammarly",
    "cmp_key": "bloom-7b_llama-7b",
    "instruction": "Be brief.",
    "input": "",
    "response1": "So.",
    "response2": True,
    "annotator1": 2,
    "annotator2": 0,
    "annotator3": 2,
}
ALPACA = {
    "instruction": "Sing.",
    "generator_1": "davinci",
    "output_1": "la",
    "generator_2": "gpt4",
    "output_2": "lala",
    "annotator": "gpt4",
    "preference": 1.5,
}
DOCUMENTED: dict[str, tuple[list[Row], list[dict[str, Any]]]] = {
    "MT-bench and Chatbot Arena": (
        [ARENA, ARENA | {"turn": 2, "winner": "tie"}],
        [{"annotator": "author_2", "preference": "B"}, {"annotator": "author_2", "preference": "tie"}],
    ),
    "PandaLM": ([PANDALM], [{"preference": "B"}, {"preference": "tie"}, {"preference": "B"}]),
    "AlpacaEval": ([ALPACA], [{"annotator": "gpt4", "preference": "tie"}]),
    "Ratings in a CSV file": (
        [{"id": "7", "system": "bart", "summary": "A cat.", "worker": "w1", "factual": "no", "fluency": "4"}],
        [{"annotator": "w1", "flags": {"factual": [False]}, "scores": {"fluency": [4]}}],
    ),
    "A table of wins": (
        [{"home_team": "Boston", "away_team": "Detroit", "home_wins": "1", "away_wins": "2"}],
        [{"preference": "A"}, {"preference": "B"}, {"preference": "B"}],
    ),
    "Ratings by slots": (
        [{"story": "Once.", "coherent": 1}, {"story": "Once.", "coherent": 0}],
        [
            {"annotator": "annotator 1", "flags": {"coherent": [True]}},
            {"annotator": "annotator 2", "flags": {"coherent": [False]}},
        ],
    ),
    "How many raters chose what": (
        [{"subject": "1", "depression": "0", "neurosis": "2", "other": "1"}],
        [{"scores": {"diagnosis": [value]}} for value in (2, 2, 3)],
    ),
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_documented_mappings_do_as_they_say(name: str) -> None:
    rows, expected = DOCUMENTED[name]
    said = reshaped(documented()[name], *rows)
    assert [{key: one[key] for key in wanted} for one, wanted in zip(said, expected, strict=True)] == expected
    assert len({(one["prompt"], one["annotator"]) for one in said}) == len(said), "nobody judges an item twice"


def test_every_documented_mapping_is_tried() -> None:
    assert documented().keys() == DOCUMENTED.keys()


@pytest.mark.django_db
def test_a_list_a_table_and_lines_bring_the_same(empty: Project) -> None:
    rows = [PAIR | {"winner": "left"}, PAIR | {"who": "lee", "winner": "right"}]
    table = io.StringIO()
    writer = csv.DictWriter(table, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    bare = table.getvalue().partition("\n")[2]
    mapping = f"{TWO}\npreference: winner"
    first = take_in(empty, mapping, json.dumps(rows, indent=1), "judged.json")
    assert (first.annotations, first.tasks, first.annotators) == (2, 1, 2)
    for content, name, more in [
        ("\n".join(map(json.dumps, rows)), "judged.jsonl", ""),
        (table.getvalue(), "judged.csv", ""),
        (bare, "judged.csv", "\ncolumns: [question, left, right, who, winner]"),
    ]:
        again = take_in(empty, mapping + more, content, name)
        assert (again.annotations, again.duplicates) == (0, 2)
    assert [said.answers for said in Annotation.objects.order_by("pk")] == [{"preference": "A"}, {"preference": "B"}]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mapping", "content", "cause"),
    [
        (
            f"{TWO}\npreference: {{field: w, codes: {{1: A}}}}",
            "w,left,right,who,question\n1,a,b,k,q\n2,a,b,l,q",
            "line 3",
        ),
        (
            f"{TWO}\npreference: winer",
            "left,right,who,question\na,b,k,q",
            "no row has the field “winer”; there are left",
        ),
        (
            f"{TWO}\ngroup: 2\npreference: w",
            "w,left,right,who,question\nleft,a,b,k,q",
            "last group has 1 rows in place of 2",
        ),
        (f"{TWO}\npreference: w", "w,left,right,who,question\n,a,b,k,q", "none of its rows says anything"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_imported(empty: Project, mapping: str, content: str, cause: str) -> None:
    with pytest.raises(FileRefused) as wrong:
        take_in(empty, mapping, content, "judged.csv")
    assert cause in str(wrong.value)
    assert not Prompt.objects.exists()


@pytest.mark.django_db
def test_what_is_left_out_is_said(empty: Project) -> None:
    rows = "home,away,home_wins,away_wins\nx,y,2,1\nx,x,4,0\ny,z,,1\n"
    imported = take_in(empty, WIN_TABLE, rows, "wins.csv")
    assert (imported.annotations, imported.self_comparisons, imported.single_votes) == (4, 4, 4)
    assert "4 that compare a model with itself were left out." in imported.sentence()
    blank = take_in(
        make_project(questions=[]),
        f"{TWO}\npreference: w",
        "w,left,right,who,question\n,a,b,k,q\nleft,a,b,l,q",
        "b.csv",
    )
    assert (blank.annotations, blank.blank) == (1, 1)
    assert "1 that says nothing was left out." in blank.sentence()


@pytest.mark.django_db
def test_importing_a_table_again_brings_nothing_and_another_one_is_another(empty: Project) -> None:
    rows = "home,away,home_wins,away_wins\nx,y,2,1\n"
    take_in(empty, WIN_TABLE, rows, "wins.csv")
    again = take_in(empty, WIN_TABLE, rows, "wins.csv")
    assert (again.annotations, again.duplicates) == (0, 3)
    assert take_in(empty, WIN_TABLE, rows, "more.csv").annotations == 3


@pytest.mark.django_db
def test_by_command(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    project = make_project(questions=[])
    (tmp_path / "wins.csv").write_text("home,away,home_wins,away_wins\nx,y,2,0\n")
    (tmp_path / "m.yaml").write_text(WIN_TABLE)
    command = ["import_annotations", str(tmp_path / "wins.csv"), "--project", project.slug, "--mapping"]
    call_command(*command, str(tmp_path / "m.yaml"), "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["annotations"], told["single_votes"], told["constant"]) == (2, 2, {"preference": "A"})
    with pytest.raises(CommandError, match=r"nowhere\.yaml: No such file"):
        call_command(*command, str(tmp_path / "nowhere.yaml"))
    (tmp_path / "m.yaml").write_text("who: me")
    with pytest.raises(CommandError, match=r"m\.yaml: “the mapping” has an unknown key “who”"):
        call_command(*command, str(tmp_path / "m.yaml"))


@pytest.mark.django_db
def test_on_the_page(empty: Project, sign_in: Callable[[User], Client]) -> None:
    lead = sign_in(make_member(empty, Role.LEAD))
    wins = b"home,away,home_wins,away_wins\nx,y,2,0\n"
    wrong = choose(lead, empty, "wins.csv", wins, mapping=SimpleUploadedFile("m.yaml", b"who: me"))
    assert wrong.status_code == 422
    assert "m.yaml: “the mapping” has an unknown key “who”" in wrong.text
    chosen = choose(lead, empty, "wins.csv", wins, mapping=SimpleUploadedFile("m.yaml", WIN_TABLE.encode()))
    assert "wins.csv, row 1, item 1 #2" in chosen.text
    assert "Annotations imported: 2" in order(lead, empty).text
    assert Annotation.objects.counted().count() == 2
