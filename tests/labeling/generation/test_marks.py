import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.generation.marks import Mark, is_twin, marks_of

PROSE = (
    "Bread rises because yeast eats the sugars in the dough and gives off carbon dioxide. The gas is caught in a "
    "net of gluten, which stretches as the bubbles grow. In the oven the heat makes the gas expand once more, then "
    "kills the yeast, and sets the crumb. A dough that is kneaded well holds more of it, so the loaf becomes taller "
    "and lighter. Salt slows the yeast down, and cold does too; a long rest in the refrigerator gives it time to "
    "build up taste. Whole grains cut through the net, which is why such bread stays lower, and needs more water to "
    "be soft at all."
)


@pytest.mark.parametrize(
    ("text", "finish_reason", "expected"),
    [
        ("", "stop", {Mark.EMPTY}),
        ("…", "stop", {Mark.EMPTY}),
        ("7", "stop", set()),
        ("是", "stop", set()),
        (PROSE, "stop", set()),
        (PROSE, "length", {Mark.CUT_OFF}),
        (PROSE + " I am happy to help." * 60, "stop", {Mark.LOOPING}),
        ("Apple, carrot, pear, " + "roo, " * 60, "stop", {Mark.LOOPING}),
        (PROSE * 12, "stop", {Mark.LOOPING}),
        ("- " + "\n- ".join(PROSE.split(" ")), "stop", set()),
        ("好的。" * 200, "length", {Mark.LOOPING, Mark.CUT_OFF}),
        ("I'm sorry, but I can't help with that.", "stop", {Mark.REFUSING}),
        ("I cannot assist with this request.", "stop", {Mark.REFUSING}),
        ("I’m afraid I am unable to do so.", "stop", {Mark.REFUSING}),
        ("抱歉，我无法回答这个问题。", "stop", {Mark.REFUSING}),
        ("I'm sorry to hear that your dog is ill. Take it to a vet.", "stop", set()),
        ("You can't help loving her.", "stop", set()),
        (PROSE + " I cannot help you further.", "stop", set()),
        ("I am SmolLM, a language model.", "stop", {Mark.IDENTITY}),
        ("As ChatGPT, I think so.", "stop", {Mark.IDENTITY}),
        ("I was trained by OpenAI.", "stop", {Mark.IDENTITY}),
        ("I'm an AI language model created by Anthropic.", "stop", {Mark.IDENTITY}),
        ("我是通义千问，很高兴认识你。", "stop", {Mark.IDENTITY}),
        ("我是由OpenAI训练的语言模型。", "stop", {Mark.IDENTITY}),
        ("OpenAI was founded in 2015, and Anthropic in 2021.", "stop", set()),
        ("The llama is a camelid.", "stop", set()),
        ("As an AI language model, I do not have opinions.", "stop", {Mark.REFUSING}),
    ],
)
def test_what_can_be_told_before_reading(text: str, finish_reason: str, expected: set[Mark]) -> None:
    assert set(marks_of(text, finish_reason)) == expected


def test_an_endpoints_own_name_is_known() -> None:
    assert marks_of("Hello, I am Frobnitz-2.", "stop", ["Frobnitz-2"]) == ["identity"]
    assert marks_of("Hello, I am Frobnitz-2.", "stop") == []
    assert marks_of("I am (", "stop", ["a(b*"]) == [], "a name is no pattern"


@given(st.text(max_size=300), st.sampled_from(["stop", "length", "content_filter"]))
def test_any_text_gets_marks(text: str, finish_reason: str) -> None:
    assert set(marks_of(text, finish_reason, ["model"])) <= set(Mark.values)


@pytest.mark.parametrize(
    "text", ["I am " * 20_000, "我" * 100_000, "i'm an a " * 10_000 + "by", "as " * 30_000, " " * 100_000]
)
def test_hostile_texts_take_no_long_time(text: str) -> None:
    began = time.process_time()
    marks_of(text, "stop", ["x" * 100])
    assert time.process_time() - began < 2


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_a_text_is_its_own_twin(text: str) -> None:
    assert is_twin(text, ["something else", text])
    assert not is_twin(text, [])


def test_a_few_edits_make_no_other_text_and_many_do() -> None:
    assert is_twin(PROSE.replace("Bread", "The bread").replace("oven", "hot oven"), [PROSE])
    words = PROSE.split()
    random.Random(1).shuffle(words)
    assert not is_twin(" ".join(words), [PROSE])
    assert is_twin(
        "今天天气很好，我们一起去公园散步吧，然后在湖边吃午饭！",
        ["今天天气很好，我们一起去公园散步吧，然后在湖边吃午饭。"],
    )
