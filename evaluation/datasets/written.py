"""What a data set turned out to hold."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
        """By split."""
        found: dict[str, int] = {}
        for splits in self.configs.values():
            for split, n in splits.items():
                found[split] = found.get(split, 0) + n
        return found
