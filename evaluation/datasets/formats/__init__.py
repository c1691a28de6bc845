"""The rack of export formats: each turns what was said into rows, and knows no tables."""

from evaluation.datasets.formats import openai, trl
from evaluation.datasets.formats.alpaca import ALPACA
from evaluation.datasets.formats.base import RowFormat
from evaluation.datasets.formats.dialogues import HH, SHAREGPT, ULTRAFEEDBACK
from evaluation.datasets.formats.judgments import JUDGMENTS
from evaluation.datasets.formats.nemo import NEMO_RL
from evaluation.datasets.formats.ranked import RANKED
from evaluation.datasets.formats.rewardbench import REWARDBENCH

__all__ = ["FORMATS", "RowFormat"]

FORMATS: dict[str, RowFormat] = {
    "trl-preference": trl.PREFERENCE,
    "trl-preference-chat": trl.PREFERENCE_CHAT,
    "trl-kto": trl.KTO,
    "trl-sft": trl.SFT,
    "trl-sft-chat": trl.SFT_CHAT,
    "trl-prompt": trl.PROMPT,
    "ranked": RANKED,
    "openai-sft": openai.SFT,
    "openai-dpo": openai.DPO,
    "hh": HH,
    "ultrafeedback": ULTRAFEEDBACK,
    "alpaca": ALPACA,
    "sharegpt-ranking": SHAREGPT,
    "nemo-rl": NEMO_RL,
    "rewardbench": REWARDBENCH,
    "judgments": JUDGMENTS,
}
