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
NO_MAJORITY = "The others have no majority on anything that this person labeled."
FEW_PROMPTS = "There are labels of too few prompts to tell."
ONE_MOMENT = "All labels have the same time."
ALWAYS_ALIKE = "Every label agrees with the majority of the others, or none does."
NO_CHOICE = "No response was chosen over another."
SAME_LENGTH = "No response was chosen over one of another length."
NO_TRIPLES = "No three responses were compared in separate pairs."
NO_TIMES = "Nobody measured how long it took."
NO_GOLD = "No task with a known answer was done."
NO_HISTORY = "Nobody else compared the same two endpoints."

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
    NO_MAJORITY,
    FEW_PROMPTS,
    ONE_MOMENT,
    ALWAYS_ALIKE,
    NO_CHOICE,
    SAME_LENGTH,
    NO_TRIPLES,
    NO_TIMES,
    NO_GOLD,
    NO_HISTORY,
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
