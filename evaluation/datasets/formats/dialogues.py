"""Whole dialogues as text or as turns: Anthropic's HH, UltraFeedback and ShareGPT."""

import json
from collections.abc import Mapping

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from evaluation.datasets.formats.base import MESSAGES, TEXT, Messages, Pair, Row, RowFormat, Shape, fixed, reply

SPEAKERS = {"user": "Human", "assistant": "Assistant"}
SENDERS = {"system": "system", "user": "human", "assistant": "gpt"}
TURN = pa.struct([("from", TEXT), ("value", TEXT)])


def hh(pair: Pair, _shape: Shape) -> Row:
    asked = dialogue(pair.asked.messages)
    return {side: f"{asked}\n\nAssistant: {text}" for side, text in sides(pair)}


def sides(pair: Pair) -> list[tuple[str, str]]:
    return [("chosen", pair.chosen.text), ("rejected", pair.rejected.text)]


def dialogue(messages: Messages) -> str:
    """A system message, for which the format has no speaker, stands before the first turn."""
    return "".join(
        f"\n\n{SPEAKERS[one['role']]}: {one['content']}" if one["role"] in SPEAKERS else one["content"]
        for one in messages
    )


def ultrafeedback(pair: Pair, _shape: Shape) -> Row:
    asked = list(pair.asked.messages)
    return {
        "prompt": asked[-1]["content"],
        "prompt_id": pair.asked.digest,
        "chosen": [*asked, *reply(pair.chosen.text)],
        "rejected": [*asked, *reply(pair.rejected.text)],
        "messages": [*asked, *reply(pair.chosen.text)],
        "score_chosen": pair.chosen.score,
        "score_rejected": pair.rejected.score,
    }


def sharegpt(pair: Pair, _shape: Shape) -> Row:
    return {
        "conversations": [{"from": SENDERS[one["role"]], "value": one["content"]} for one in pair.asked.messages],
        **{side: {"from": "gpt", "value": text} for side, text in sides(pair)},
    }


def dataset_info(name: str, files: Mapping[str, str]) -> dict[str, str]:
    """How LLaMA-Factory is told of data sets."""
    columns = {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"}
    tags = {
        "role_tag": "from",
        "content_tag": "value",
        "user_tag": "human",
        "assistant_tag": "gpt",
        "system_tag": "system",
    }
    told = {
        f"{name}-{split}": {
            "file_name": file,
            "ranking": True,
            "formatting": "sharegpt",
            "columns": columns,
            "tags": tags,
        }
        for split, file in files.items()
    }
    return {"dataset_info.json": json.dumps(told, indent=2, ensure_ascii=False) + "\n"}


HH = RowFormat(
    title=_("Dialogues as text (Anthropic HH)"),
    of="pairs",
    schema=fixed(("chosen", TEXT), ("rejected", TEXT)),
    row=hh,
    task_categories=("text-generation", "reinforcement-learning"),
    about=_(
        "A row is a dialogue with two endings, each as one text with the turns `Human:` and `Assistant:`; `chosen` "
        "is preferred."
    ),
)
ULTRAFEEDBACK = RowFormat(
    title=_("UltraFeedback, binarized"),
    of="pairs",
    schema=fixed(
        ("prompt", TEXT),
        ("prompt_id", TEXT),
        ("chosen", MESSAGES),
        ("rejected", MESSAGES),
        ("messages", MESSAGES),
        ("score_chosen", pa.float64()),
        ("score_rejected", pa.float64()),
    ),
    row=ultrafeedback,
    task_categories=("text-generation", "reinforcement-learning"),
    about=_(
        "A row is a conversation with two replies, of which `chosen` is preferred, in the columns of UltraFeedback "
        "binarized. A score is the mean rating of the response; where nobody was asked to rate, the share of its "
        "comparisons that it won, a tie being half of one. It is empty for a text that an annotator edited."
    ),
    has_scores=True,
    splits={"train": "train_prefs", "validation": "validation_prefs", "test": "test_prefs"},
)
SHAREGPT = RowFormat(
    title=_("ShareGPT rankings (LLaMA-Factory)"),
    of="pairs",
    schema=fixed(("conversations", pa.list_(TURN)), ("chosen", TURN), ("rejected", TURN)),
    row=sharegpt,
    task_categories=("text-generation", "reinforcement-learning"),
    about=_(
        "A row is a conversation with two replies, of which `chosen` is preferred. `dataset_info.json` is for "
        "LLaMA-Factory."
    ),
    beside=dataset_info,
)
