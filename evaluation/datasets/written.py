"""What a data set turned out to hold."""

from collections import Counter
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from labeling.prompts.splits import SHARES

SUMS = "SHA256SUMS"

LEFT_OUT: dict[str, str | Promise] = {
    "ties": _("ties"),
    "disputed": _("pairs on which too few agree"),
    "thin": _("tasks with too few annotators"),
    "twins": _("pairs of equal texts"),
    "flagged": _("answers that are flagged"),
    "unrated": _("pairs without a margin"),
}
"""Why something is no row."""


@dataclass
class Written:
    configs: dict[str, dict[str, int]] = field(default_factory=dict)
    """By configuration and split, without splits that have no rows."""
    left_out: dict[str, int] = field(default_factory=dict)
    """By reason, as in LEFT_OUT."""
    prompts: int = 0
    edits: int = 0
    """Rows with a text that an annotator wrote."""
    use_cases: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """SHA-256 by path, but for the file with these."""
    digest: str = ""
    """SHA-256 of the file with these: the same data set has the same."""

    @property
    def rows(self) -> dict[str, int]:
        """By split, in their usual order."""
        found: Counter[str] = Counter()
        for splits in self.configs.values():
            found.update(splits)
        return {split: found[split] for split in sorted(found, key=place_of)}


def place_of(split: str) -> int:
    """Whatever a format calls it."""
    return next((place for place, usual in enumerate(SHARES) if split.startswith(usual)), len(SHARES))
