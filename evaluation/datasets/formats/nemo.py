"""What NeMo RL takes for reward models and preference optimization."""

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from evaluation.datasets.formats.base import MESSAGES, TEXT, Pair, Row, RowFormat, Shape, fixed, reply

COMPLETION = pa.struct([("rank", pa.int64()), ("completion", MESSAGES)])


def row(pair: Pair, _shape: Shape) -> Row:
    completions = [{"rank": rank, "completion": reply(answer.text)} for rank, answer in enumerate(pair.answers)]
    return {
        "context": list(pair.asked.messages),
        "completions": completions,
        "task_name": pair.asked.use_case or "preference",
    }


NEMO_RL = RowFormat(
    title=_("NeMo RL preferences"),
    of="pairs",
    schema=fixed(("context", MESSAGES), ("completions", pa.list_(COMPLETION)), ("task_name", TEXT)),
    row=row,
    task_categories=("text-generation", "reinforcement-learning"),
    about=_("A row is a conversation with two completions, the preferred one of rank 0. `task_name` is the use case."),
)
