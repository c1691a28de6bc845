"""What preference pairs mean, as public data sets write them."""

from typing import Any

import pytest

from labeling.imports.shapes import SHAPES, recognized
from labeling.prompts.files import RowRefused

PAIRS = SHAPES["pairs"]
ASKED = [{"role": "user", "content": "q"}]
ASKED_Z = [{"role": "user", "content": "z"}]
REPLY = {"role": "assistant", "content": "a"}
OTHER = {"role": "assistant", "content": "b"}
A_AND_B = [{"model": "chosen", "text": "a"}, {"model": "rejected", "text": "b"}]


@pytest.mark.parametrize(
    ("row", "ours"),
    [
        ({"prompt": "q", "chosen": "a", "rejected": "b"}, {"prompt": "q", "responses": A_AND_B}),
        (
            {"prompt": "q", "chosen": "a", "rejected": "b", "chosen_model": "m", "rejected_model": "n", "subset": "s"},
            {
                "prompt": "q",
                "responses": [{"model": "m", "text": "a"}, {"model": "n", "text": "b"}],
                "metadata": {"chosen_model": "m", "rejected_model": "n", "subset": "s"},
            },
        ),
        (
            {
                "prompt": ASKED,
                "chosen": [REPLY],
                "rejected": [OTHER],
                "margin": 1.5,
                "language": "en",
            },
            {"prompt": "q", "responses": A_AND_B, "metadata": {"margin": 1.5}, "language": "en"},
        ),
        (
            {
                "prompt": "q",
                "prompt_id": "x",
                "chosen": [*ASKED, REPLY],
                "rejected": [*ASKED, OTHER],
                "messages": [*ASKED, REPLY],
            },
            {"prompt": "q", "responses": A_AND_B, "metadata": {"prompt_id": "x"}},
        ),
        (
            {
                "conversations": [{"from": "human", "value": "q"}],
                "chosen": {"from": "gpt", "value": "a"},
                "rejected": {"from": "gpt", "value": "b"},
            },
            {"prompt": "q", "responses": A_AND_B},
        ),
        (
            {
                "input": {"messages": ASKED, "tools": []},
                "preferred_output": [REPLY],
                "non_preferred_output": [OTHER],
            },
            {"prompt": "q", "responses": A_AND_B, "metadata": {"tools": []}},
        ),
        (
            {
                "chosen": "s\n\nHuman: q\n\nAssistant: x\n\nHuman: y\n\nHuman: z\n\nAssistant: a",
                "rejected": "s\n\nHuman: q\n\nAssistant: x\n\nHuman: y\n\nHuman: z\n\nAssistant:",
            },
            {
                "messages": [
                    {"role": "system", "content": "s"},
                    *ASKED,
                    {"role": "assistant", "content": "x"},
                    {"role": "user", "content": "y\n\nHuman: z"},
                ],
                "responses": [{"model": "chosen", "text": "a"}, {"model": "rejected", "text": ""}],
            },
        ),
        (
            {"prompt": "q", "chosen": "a", "rejected": None},
            {"prompt": "q", "responses": [A_AND_B[0], {**A_AND_B[1], "text": ""}]},
        ),
        (
            {"prompt": "q", "chosen": "a", "rejected": "a", "chosen-model": "m", "rejected-model": "m"},
            {
                "prompt": "q",
                "responses": [{"model": "m", "text": "a"}],
                "metadata": {"chosen-model": "m", "rejected-model": "m"},
            },
        ),
        (
            {
                "prompt": "z",
                "messages": [*ASKED, REPLY, *ASKED_Z],
                "chosen": REPLY,
                "rejected": OTHER,
            },
            {"messages": [*ASKED, REPLY, *ASKED_Z], "responses": A_AND_B},
        ),
        (
            {
                "prompt": ASKED,
                "chosen": [*ASKED, REPLY],
                "rejected": [*ASKED, OTHER],
                "system": "s",
            },
            {"prompt": "q", "responses": A_AND_B, "system": "s"},
        ),
        (
            {"prompt": "\n\nHuman: q\n\nAssistant: a\n\nHuman: z\n\nAssistant:", "chosen": "a", "rejected": "b"},
            {"messages": [*ASKED, REPLY, *ASKED_Z], "responses": A_AND_B},
        ),
        (
            {"instruction": "i", "input": "x", "chosen": "a", "rejected": "b", "id": 1},
            {"prompt": "i\n\nx", "responses": A_AND_B, "metadata": {"id": 1}},
        ),
        (
            {
                "instruction": "z",
                "history": [["q", "a"]],
                "chosen": "a",
                "rejected": "b",
                "system_prompt": "s",
            },
            {"messages": [*ASKED, REPLY, *ASKED_Z], "system": "s", "responses": A_AND_B},
        ),
        (
            {
                "prompt": "\n\nHuman: q\n\nAssistant:",
                "chosen": "\n\nHuman: q\n\nAssistant: a",
                "rejected": "\n\nHuman: q\n\nAssistant: b",
            },
            {"prompt": "q", "responses": A_AND_B},
        ),
        (
            {
                "system": "s",
                "chosen": [{"role": "system", "content": "s"}, *ASKED, REPLY],
                "rejected": [{"role": "system", "content": "s"}, *ASKED, OTHER],
                "messages": [{"role": "system", "content": "s"}, *ASKED, OTHER],
            },
            {"messages": [{"role": "system", "content": "s"}, *ASKED], "responses": A_AND_B},
        ),
        (
            {"chosen": "Human: q\r\n\r\nAssistant: a", "rejected": "Human: q\r\n\r\nAssistant: b"},
            {"prompt": "q", "responses": A_AND_B},
        ),
    ],
)
def test_pairs_are_prompts_with_two_responses(row: dict[str, Any], ours: dict[str, Any]) -> None:
    assert recognized([row]) == PAIRS
    assert list(PAIRS.rows(row)) == [ours]


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"prompt": "", "chosen": "a", "rejected": "b"}, "“prompt” is empty"),
        ({"chosen": [REPLY], "rejected": [OTHER]}, "“prompt” is empty"),
        ({"chosen": "Human: q\n\nAssistant: a", "rejected": None}, "belong to different conversations"),
        ({"prompt": "q", "chosen": [{**REPLY, "content": {"a": 1}}], "rejected": "b"}, "“chosen” must be text"),
        (
            {"prompt": [*ASKED, REPLY, *ASKED_Z], "chosen": [*ASKED, REPLY], "rejected": [*ASKED, OTHER]},
            "“prompt” and “chosen” belong to different conversations",
        ),
        ({"preferred_output": [REPLY]}, "“input” must be an object"),
        ({"prompt": "q", "chosen": 3, "rejected": "b"}, "“chosen” must be a list of objects"),
        ({"prompt": 3, "chosen": "a", "rejected": "b"}, "“prompt” must be a list of objects"),
        ({"prompt": "q", "chosen": ASKED, "rejected": "b"}, "“chosen” must end with what the assistant says"),
        ({"chosen": "a", "rejected": "b"}, "“prompt” is empty"),
        ({"chosen": ASKED, "rejected": None}, "“chosen” must end with what the assistant says"),
        (
            {"prompt": "Be a pirate.", "chosen": [*ASKED, REPLY], "rejected": [*ASKED, REPLY]},
            "“prompt” and “chosen” belong to different conversations",
        ),
        (
            {"prompt": "q", "chosen": [{**REPLY, "tool_calls": [{}]}], "rejected": [REPLY]},
            "a message of “chosen” calls a tool",
        ),
        (
            {"input": {"messages": ASKED}, "preferred_output": [REPLY], "non_preferred_output": None},
            "“non_preferred_output” must be a list",
        ),
        (
            {"chosen": "\n\nHuman: q\n\nAssistant: a", "rejected": "\n\nHuman: r\n\nAssistant: b"},
            "“chosen” and “rejected” belong to different conversations",
        ),
        ({"input": "q", "preferred_output": [], "non_preferred_output": []}, "“input” must be an object"),
    ],
)
def test_rows_that_are_no_pairs(row: dict[str, Any], cause: str) -> None:
    with pytest.raises(RowRefused, match=cause):
        list(PAIRS.rows(row))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"question": "q"},
        {"prompt": "q", "annotator": "kim", "preference": "A"},
        {"prompt": "q", "response_a": "a", "response_b": "b"},
        {"prompt": "q", "chosen": ["a"]},
        {"prompt": "q", "responses": []},
        {"question": "q", "chosen": "Write a dialogue.\n\nHuman: Hi.\n\nAssistant: Hello."},
    ],
)
def test_chosen_and_rejected_in_files_that_mean_something_else(more: dict[str, Any]) -> None:
    assert recognized([{"chosen": "a", "rejected": "b", **more}]) is None
