"""Every kind of question: what a form sends, what is stored, what it says of the responses."""

from contextlib import suppress
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from labeling.collection.kinds import KINDS, AnswerRefused
from labeling.collection.kinds.ranking import dense
from labeling.projects.presets import QUESTIONS
from labeling.projects.questions import Question

QUALITY = Question("q", "likert", "Quality", options={"low": 1, "high": 5})
FLAGGED = Question("f", "flags", "Flags", options={"flags": {"bad": "Bad", "rude": "Rude"}})


def question(kind: str) -> Question:
    return {"likert": QUALITY, "flags": FLAGGED}.get(kind, Question("q", kind, "Q"))


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
