from typing import Any

import pyarrow as pa

from evaluation.datasets.formats.base import Pair, RowFormat, plain_prompt


def row(pair: Pair) -> dict[str, Any]:
    return {"prompt": plain_prompt(pair.messages), "chosen": pair.chosen, "rejected": pair.rejected}


TRL_PREFERENCE = RowFormat(
    schema=pa.schema([("prompt", pa.string()), ("chosen", pa.string()), ("rejected", pa.string())]),
    row=row,
    task_categories=("text-generation", "reinforcement-learning"),
    about=(
        "A row is a prompt with two responses, of which most annotators of the task prefer `chosen` to `rejected`. "
        "The prompt is always explicit, as TRL's `RewardTrainer` and `DPOTrainer` take it."
    ),
)
