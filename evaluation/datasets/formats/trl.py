"""What TRL's trainers take. The prompt is always explicit: the one TRL would find by itself may cut a word in two."""

from typing import Any

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from evaluation.datasets.formats.base import (
    MESSAGES,
    TEXT,
    Label,
    Pair,
    Row,
    RowFormat,
    Shape,
    Text,
    fixed,
    plain_prompt,
    reply,
)


def with_margin(*columns: tuple[str, pa.DataType]) -> Any:
    plain, more = pa.schema(columns), pa.schema([*columns, ("margin", pa.float64())])
    return lambda shape: more if shape.has_margin else plain


def preference(pair: Pair, shape: Shape) -> Row:
    row = {"prompt": plain_prompt(pair.asked.messages), "chosen": pair.chosen.text, "rejected": pair.rejected.text}
    return row | {"margin": pair.margin} if shape.has_margin else row


def preference_chat(pair: Pair, shape: Shape) -> Row:
    row = {
        "prompt": list(pair.asked.messages),
        "chosen": reply(pair.chosen.text),
        "rejected": reply(pair.rejected.text),
    }
    return row | {"margin": pair.margin} if shape.has_margin else row


def kto(label: Label, _shape: Shape) -> Row:
    prompt = plain_prompt(label.asked.messages)
    return {"prompt": prompt, "completion": label.answer.text, "label": label.is_desirable}


def sft(text: Text, _shape: Shape) -> Row:
    return {"prompt": plain_prompt(text.asked.messages), "completion": text.answer.text if text.answer else ""}


def sft_chat(text: Text, _shape: Shape) -> Row:
    return {"messages": [*text.asked.messages, *(reply(text.answer.text) if text.answer else ())]}


def prompt_alone(text: Text, _shape: Shape) -> Row:
    return {"prompt": list(text.asked.messages)}


PREFERENCE = RowFormat(
    title=_("TRL preference pairs"),
    of="pairs",
    schema=with_margin(("prompt", TEXT), ("chosen", TEXT), ("rejected", TEXT)),
    row=preference,
    task_categories=("text-generation", "reinforcement-learning"),
    about=_(
        "A row is a prompt with two responses, of which `chosen` is preferred to `rejected`. The prompt is explicit, "
        "as TRL's `RewardTrainer` and `DPOTrainer` take it."
    ),
    has_margin=True,
)
PREFERENCE_CHAT = RowFormat(
    title=_("TRL preference pairs, as messages"),
    of="pairs",
    schema=with_margin(("prompt", MESSAGES), ("chosen", MESSAGES), ("rejected", MESSAGES)),
    row=preference_chat,
    task_categories=("text-generation", "reinforcement-learning"),
    about=_(
        "A row is a conversation with two replies, of which `chosen` is preferred to `rejected`; each of them holds "
        "the reply alone, as TRL's `RewardTrainer` and `DPOTrainer` take it."
    ),
    has_margin=True,
)
KTO = RowFormat(
    title=_("TRL single labels (KTO)"),
    of="labels",
    schema=fixed(("prompt", TEXT), ("completion", TEXT), ("label", pa.bool_())),
    row=kto,
    task_categories=("text-generation", "reinforcement-learning"),
    about=_("A row is a prompt with one response, and whether it is desirable, as TRL's `KTOTrainer` takes it."),
)
SFT = RowFormat(
    title=_("TRL answers to learn from (SFT)"),
    of="texts",
    schema=fixed(("prompt", TEXT), ("completion", TEXT)),
    row=sft,
    task_categories=("text-generation",),
    about=_("A row is a prompt with a response to learn from, as TRL's `SFTTrainer` takes it."),
)
SFT_CHAT = RowFormat(
    title=_("TRL answers to learn from, as messages"),
    of="texts",
    schema=fixed(("messages", MESSAGES)),
    row=sft_chat,
    task_categories=("text-generation",),
    about=_("A row is a conversation whose last message is a response to learn from, as TRL's `SFTTrainer` takes it."),
)
PROMPT = RowFormat(
    title=_("TRL prompts alone (GRPO, RLOO)"),
    of="prompts",
    schema=fixed(("prompt", MESSAGES)),
    row=prompt_alone,
    task_categories=("text-generation", "reinforcement-learning"),
    about=_("A row is a prompt, as TRL's `GRPOTrainer` and `RLOOTrainer` take it."),
)
