"""What a statistic comes to, or why it comes to nothing."""

from dataclasses import dataclass

NOBODY_SHARED = "No item was labeled by two people."
NO_VARIATION = "Every label is the same, so agreement by chance cannot be told from agreement."
ONLY_TIES = "No two people both chose a better response."
NOT_OF_PAIRS = "This is asked only of comparisons between responses."
UNEQUAL_RATERS = "No two items were labeled by the same number of people."
NO_COMPARISONS = "The endpoint was never compared with another."
NO_RATINGS = "The endpoint has no ratings."
DISCONNECTED = "The endpoints fall into groups that were never compared with one another."
UNBOUNDED = "One endpoint, or a group of them, won or lost every comparison with the others: no finite rating fits."
IS_BASELINE = "This is the baseline the others are compared with."
NO_TIMES = "No label has an active time."
ALL_FILLED = "All seats are filled."
TOO_FEW_DAYS = "The first label is less than a week old."
NOBODY_AT_WORK = "Nobody has labeled in the last seven days."
TOO_FAR = "As work goes now it takes more than three years."

REASONS = (
    NOBODY_SHARED,
    NO_VARIATION,
    ONLY_TIES,
    NOT_OF_PAIRS,
    UNEQUAL_RATERS,
    NO_COMPARISONS,
    NO_RATINGS,
    DISCONNECTED,
    UNBOUNDED,
    IS_BASELINE,
    NO_TIMES,
    ALL_FILLED,
    TOO_FEW_DAYS,
    NOBODY_AT_WORK,
    TOO_FAR,
)


class Undefined(Exception):
    """The statistic has no value on these data; the reason is one of REASONS."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Interval:
    """A 95 % percentile interval. `low` and `high` are None where too few resamples had a value."""

    low: float | None
    high: float | None


NO_INTERVAL = Interval(None, None)
