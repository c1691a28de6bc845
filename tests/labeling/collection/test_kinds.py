"""Every kind of question: what a form sends, what is stored, what it says of the responses."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from labeling.collection.answers import without_unasked
from labeling.collection.kinds import KINDS, AnswerRefused
from labeling.collection.kinds.ranking import dense
from labeling.projects.presets import QUESTIONS
from labeling.projects.questions import RESPONSES, Question

QUALITY = Question("q", "likert", "Quality", options={"low": 1, "high": 5})
FLAGGED = Question("f", "flags", "Flags", options={"flags": {"bad": "Bad", "rude": "Rude"}})


def question(kind: str) -> Question:
    known = {"likert": QUALITY, "flags": FLAGGED, "prompt_flags": replace(FLAGGED, kind="prompt_flags")}
    return known.get(kind, Question("q", kind, "Q"))


@pytest.mark.parametrize(
    ("kind", "posted", "n", "stored"),
    [
        ("ranking", "q.0=2&q.1=1&q.2=2", 3, [2, 1, 2]),
        ("ranking", "q.0=3&q.1=1&q.2=3", 3, [2, 1, 2]),
        ("pairwise", "q=tie", 2, "tie"),
        ("likert", "q.0=5&q.2=1", 3, [5, None, 1]),
        ("flags", "f.bad.1=on", 2, {"bad": [False, True], "rude": [False, False]}),
        ("comment", "q=+well+", 2, "well"),
    ],
)
def test_from_form_to_store(kind: str, posted: str, n: int, stored: Any) -> None:
    asked = question(kind)
    assert KINDS[kind].clean(asked, KINDS[kind].read(asked, QueryDict(posted), n), n) == stored


@pytest.mark.parametrize("kind", ["ranking", "pairwise", "likert", "comment"])
def test_what_was_left_out_is_no_answer(kind: str) -> None:
    assert KINDS[kind].read(question(kind), QueryDict(""), 2) is None


@pytest.mark.parametrize(
    ("kind", "answer", "n"),
    [
        ("pairwise", "C", 2),
        ("pairwise", "A", 3),
        ("pairwise", ["A"], 2),
        ("likert", [6, 1], 2),
        ("likert", [0, 1], 2),
        ("likert", [1], 2),
        ("likert", [1.5, 2], 2),
        ("likert", "11", 2),
        ("flags", {"worse": [True, False]}, 2),
        ("flags", {"bad": [True]}, 2),
        ("flags", {"bad": ["yes", "no"]}, 2),
        ("flags", ["bad"], 2),
        ("comment", "x" * 10_001, 2),
        ("comment", "a\0b", 2),
        ("comment", 3, 2),
    ],
)
def test_wrong_answers_are_refused(kind: str, answer: Any, n: int) -> None:
    with pytest.raises(AnswerRefused):
        KINDS[kind].clean(question(kind), answer, n)


def test_a_required_scale_wants_every_response() -> None:
    asked = Question("q", "likert", "Quality", required=True, options={"low": 1, "high": 5})
    with pytest.raises(AnswerRefused, match="Still without a value: B"):
        KINDS["likert"].clean(asked, [1, None], 2)


@pytest.mark.parametrize(("answer", "ranks"), [("A", [1, 2]), ("B", [2, 1]), ("tie", [1, 1]), ("both_bad", [1, 1])])
def test_a_choice_of_two_is_a_ranking(answer: str, ranks: list[int]) -> None:
    assert KINDS["pairwise"].ranks(answer) == ranks


def test_ratings_by_measure() -> None:
    assert KINDS["likert"].ratings([3, None]) == {"": [3, None]}
    assert KINDS["flags"].ratings({"bad": [True, None]}) == {"bad": [1, None]}


@given(st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_dense_ranks_keep_order_and_ties_and_leave_no_gaps(ranks: list[int]) -> None:
    made = dense(ranks)
    assert sorted(set(made)) == list(range(1, len(set(ranks)) + 1))
    for one, other in zip(zip(ranks, made, strict=True), zip(ranks[1:], made[1:], strict=True), strict=False):
        assert (one[0] < other[0]) == (one[1] < other[1])
        assert (one[0] == other[0]) == (one[1] == other[1])
    assert dense(made) == made


any_answer = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(answer=any_answer, kind=st.sampled_from(sorted(KINDS)), n=st.integers(1, 4))
def test_any_answer_is_cleaned_or_refused_and_shown(answer: Any, kind: str, n: int) -> None:
    asked = question(kind)
    with suppress(AnswerRefused):
        cleaned = KINDS[kind].clean(asked, answer, n)
        assert KINDS[kind].clean(asked, cleaned, n) == cleaned
        KINDS[kind].ranks(cleaned)
        KINDS[kind].ratings(cleaned)
    for place in range(n):
        KINDS[kind].widget(asked, answer, n, place)


def test_every_preset_asks_questions_of_known_kinds() -> None:
    for questions in QUESTIONS.values():
        for asked in questions or []:
            KINDS[asked.kind].widget(asked, None, 4, 0)
            assert Question.from_json(asked.to_json()) == asked


GRADED = Question("q", "pairwise", "Q", options={"levels": 3, "tie": True, "both_bad": False})
STRONG = Question("q", "pairwise", "Q", options={"levels": 4, "tie": False, "both_bad": False})


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        (Question("q", "pairwise", "Q"), ["A", "tie", "B", "both_bad"]),
        (GRADED, ["A3", "A2", "A1", "tie", "B1", "B2", "B3"]),
        (STRONG, ["A4", "A3", "A2", "A1", "B1", "B2", "B3", "B4"]),
    ],
)
def test_choices_go_from_a_to_b(asked: Question, offered: list[str]) -> None:
    kind = KINDS["pairwise"]
    assert list(kind.widget(asked, None, 2, 0)["choices"]) == offered
    for choice in offered:
        assert kind.clean(asked, choice, 2) == choice
        low, high = kind.ranks(choice)
        assert (low < high) == choice.startswith("A")
        assert (low > high) == choice.startswith("B")
    with pytest.raises(AnswerRefused):
        kind.clean(asked, "A9", 2)


def test_a_strength_that_is_not_offered_is_refused() -> None:
    with pytest.raises(AnswerRefused, match="Choose one of: A4"):
        KINDS["pairwise"].clean(STRONG, "tie", 2)


@pytest.mark.parametrize(
    ("kind", "posted", "n", "stored"),
    [
        ("demonstration", "q=Dear+all,%0D%0A%0D%0Ahello+", 0, "Dear all,\n\nhello "),
        ("refinement", "q.of=B&q.text=Better.", 2, {"of": "B", "text": "Better."}),
        ("refinement", "q.text=Better.", 1, {"of": "A", "text": "Better."}),
        ("use_case", "q=rewrite", 0, "rewrite"),
        ("prompt_flags", "f.rude=on", 0, {"bad": False, "rude": True}),
    ],
)
def test_what_is_written_and_what_is_said_of_the_prompt(kind: str, posted: str, n: int, stored: Any) -> None:
    asked = question(kind)
    assert KINDS[kind].clean(asked, KINDS[kind].read(asked, QueryDict(posted), n), n) == stored


@pytest.mark.parametrize(
    ("kind", "answer", "n"),
    [
        ("demonstration", "  ", 0),
        ("demonstration", "x" * 100_001, 0),
        ("demonstration", "a\0b", 0),
        ("refinement", {"of": "C", "text": "x"}, 2),
        ("refinement", {"text": "x"}, 2),
        ("refinement", "x", 2),
        ("use_case", "poetry", 0),
        ("prompt_flags", {"worse": True}, 0),
        ("prompt_flags", {"bad": 1}, 0),
        ("prompt_flags", [], 0),
    ],
)
def test_wrong_texts_and_flags_are_refused(kind: str, answer: Any, n: int) -> None:
    with pytest.raises(AnswerRefused):
        KINDS[kind].clean(question(kind), answer, n)


def test_every_kind_says_how_many_responses_it_needs() -> None:
    assert RESPONSES.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_options_survive_their_form(kind: str) -> None:
    """What a lead sees of a question's options and sends back unchanged is what is stored."""
    form = KINDS[kind].form
    options = dict(form.first)
    initial = form.initial_of(options)
    posted = {name: value for name, value in initial.items() if value is not False}
    bound = form(posted)
    assert bound.is_valid(), bound.errors
    assert bound.options() == options


@pytest.mark.parametrize(
    ("kind", "posted"),
    [
        ("likert", {"low": 5, "high": 5}),
        ("likert", {"low": 0, "high": 50}),
        ("flags", {"flags": "a: A\na: B"}),
        ("flags", {"flags": "Ä!: x"}),
        ("flags", {"flags": "a: A", "when": "b: closed_domain"}),
        ("flags", {"flags": ""}),
        ("pairwise", {"levels": 7}),
    ],
)
def test_impossible_options_are_refused(kind: str, posted: dict[str, Any]) -> None:
    assert not KINDS[kind].form(posted).is_valid()


def test_a_flag_without_a_name_gets_one() -> None:
    form = KINDS["prompt_flags"].form({"flags": "Needs a source\nrude: Rude"})
    assert form.is_valid()
    assert form.options() == {"flags": {"needs_a_source": "Needs a source", "rude": "Rude"}}


def test_flags_are_asked_when_the_prompt_or_the_annotator_says_so() -> None:
    flags = Question("f", "flags", "F", options={"flags": {"made_up": "", "rude": ""}, "when": {"made_up": ["closed"]}})
    about = Question("p", "prompt_flags", "P", options={"flags": {"closed": ""}})
    given = {"f": {"made_up": [True], "rude": [False]}}
    assert without_unasked([flags, about], given, []) == {"f": {"rude": [False]}}
    assert without_unasked([flags, about], given, ["closed"]) == given
    raised = given | {"p": {"closed": True}}
    assert without_unasked([about, flags], raised, []) == raised


def test_flags_that_nobody_raised_are_no_agreement() -> None:
    known = {"bad": [True, False], "rude": [False, None]}
    assert KINDS["flags"].agreement({"bad": [False, False], "rude": [False, False]}, known) == (0, 1)
    assert KINDS["flags"].agreement({"bad": [True, True], "rude": [False, True]}, known) == (1, 2)
    assert KINDS["prompt_flags"].agreement({}, {"ambiguous": False}) == (0, 0)
