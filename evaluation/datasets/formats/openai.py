"""What OpenAI's fine-tuning takes."""

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from evaluation.datasets.formats.base import MESSAGES, Pair, Row, RowFormat, Shape, fixed, reply
from evaluation.datasets.formats.trl import sft_chat


def dpo(pair: Pair, _shape: Shape) -> Row:
    return {
        "input": {"messages": list(pair.asked.messages)},
        "preferred_output": reply(pair.chosen.text),
        "non_preferred_output": reply(pair.rejected.text),
    }


SFT = RowFormat(
    title=_("OpenAI supervised fine-tuning"),
    of="texts",
    schema=fixed(("messages", MESSAGES)),
    row=sft_chat,
    task_categories=("text-generation",),
    about=_("A row is a conversation whose last message is a response to learn from."),
)
DPO = RowFormat(
    title=_("OpenAI preference fine-tuning"),
    of="pairs",
    schema=fixed(
        ("input", pa.struct([("messages", MESSAGES)])),
        ("preferred_output", MESSAGES),
        ("non_preferred_output", MESSAGES),
    ),
    row=dpo,
    task_categories=("text-generation", "reinforcement-learning"),
    about=_("A row is a conversation with two replies: `preferred_output` is preferred to `non_preferred_output`."),
)
