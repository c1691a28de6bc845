"""RewardBench (Lambert et al. 2024): pairs to evaluate reward models on, with who wrote what."""

import hashlib

from django.utils.translation import gettext_lazy as _

from evaluation.datasets.formats.base import TEXT, Pair, Row, RowFormat, Shape, fixed, plain_prompt


def row(pair: Pair, _shape: Shape) -> Row:
    parts, side = pair.identity
    return {
        "prompt": plain_prompt(pair.asked.messages),
        "chosen": pair.chosen.text,
        "chosen_model": pair.chosen.model,
        "rejected": pair.rejected.text,
        "rejected_model": pair.rejected.model,
        "subset": pair.asked.use_case or "other",
        "id": hashlib.sha256(" ".join((*parts, side)).encode()).hexdigest()[:16],
    }


REWARDBENCH = RowFormat(
    title=_("RewardBench"),
    of="pairs",
    schema=fixed(
        *[(name, TEXT) for name in ("prompt", "chosen", "chosen_model", "rejected", "rejected_model", "subset", "id")]
    ),
    row=row,
    task_categories=("text-generation", "reinforcement-learning"),
    about=_(
        "A row is a prompt with two responses, of which `chosen` is preferred, and who wrote them; `subset` is the "
        "use case."
    ),
)
