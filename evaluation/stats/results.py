"""What a statistic comes to, or why it comes to nothing."""

from dataclasses import dataclass

NOBODY_SHARED = "No item was labeled by two people."
NO_VARIATION = "Every label is the same, so agreement by chance cannot be told from agreement."
ONLY_TIES = "No two people both chose a better response."
NOT_OF_PAIRS = "This is asked only of comparisons between responses."
NOT_OF_RANKINGS = "This is asked only of rankings of more than two responses."
NOT_OF_RATINGS = "This is asked only of ratings of single responses."
ONLY_TIED = "No two people both told responses apart."
INCOMPLETE = "Fewer than two responses were rated by every annotator, or all ratings are the same."
TOO_MANY_ANNOTATORS = "There are more than 60 annotators, too many to take two by two."
NO_COMPARISONS = "The endpoint was never compared with another."
NO_RATINGS = "The endpoint has no ratings."
UNBOUNDED = "One endpoint, or a group of them, won or lost every comparison with the others: no finite rating fits."
IS_BASELINE = "This is the baseline the others are compared with."

REASONS = (
    NOBODY_SHARED,
    NO_VARIATION,
    ONLY_TIES,
    NOT_OF_PAIRS,
    NOT_OF_RANKINGS,
    NOT_OF_RATINGS,
    ONLY_TIED,
    INCOMPLETE,
    TOO_MANY_ANNOTATORS,
    NO_COMPARISONS,
    NO_RATINGS,
    UNBOUNDED,
    IS_BASELINE,
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
