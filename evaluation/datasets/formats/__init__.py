"""The rack of export formats: each turns what was said into rows, and knows no tables."""

from evaluation.datasets.formats.base import RowFormat
from evaluation.datasets.formats.trl_preference import TRL_PREFERENCE

__all__ = ["FORMATS", "RowFormat"]

FORMATS: dict[str, RowFormat] = {"trl-preference": TRL_PREFERENCE}
