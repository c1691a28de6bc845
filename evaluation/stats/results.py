"""What a statistic comes to, or why it comes to nothing."""

from dataclasses import dataclass

NOBODY_SHARED = "No item was labeled by two people."
NO_VARIATION = "Every label is the same, so agreement by chance cannot be told from agreement."
ONLY_TIES = "No two people both chose a better response."
NOT_OF_PAIRS = "This is asked only of comparisons between responses."
NOT_OF_RANKINGS = "This is asked only of rankings of more than two responses."
NOT_OF_RATINGS = "This is asked only of ratings of single responses."
ONLY_TIED = "No two people both told responses apart."
INCOMPLETE = "Fewer than two responses were rated by every annotator, or their ratings vary by chance alone."
TOO_MANY_ANNOTATORS = "There are more than 60 annotators, too many to take two by two."
NO_COMPARISONS = "The endpoint was never compared with another."
NO_RATINGS = "The endpoint has no ratings."
DISCONNECTED = "The endpoints fall into groups that were never compared with one another."
UNBOUNDED = "One endpoint, or a group of them, won or lost every comparison with the others: no finite rating fits."
IS_BASELINE = "This is the baseline the others are compared with."
NO_MAJORITY = "The others have no majority on anything that this person labeled."
FEW_PROMPTS = "There are labels of too few prompts to tell."
ALWAYS_ALIKE = "Every label agrees with the majority of the others, or none does."
NO_CHOICE = "No response was chosen over another."
SAME_LENGTH = "No response was chosen over one of another length."
NO_TRIPLES = "No three responses were compared in separate pairs."
NO_TIMES = "Nobody measured how long it took."
NO_GOLD = "No task with a known answer was done."
NO_HISTORY = "Nobody else compared the same two endpoints."
ALL_TIED = "Every comparison was a tie."
ONE_WAY = "All wins go one way: with ties as an outcome of their own, no finite rating fits."
SAME_LENGTHS = "The difference in length is always the same, so its part in winning cannot be told."
LENGTH_DECIDES = "All were won or lost, or the difference in length tells every win from every loss: no rate fits."
SAME_STYLE = "The responses that were compared never differ in this."
NO_SHARED_PROMPTS = "The two have labels on no prompt in common."
NEVER_MET = "The two were never compared with one another."
NOT_FORESEEN = "There are too few labels, or they vary too little, to foresee what more of them would bring."
BEYOND_REACH = "Not within ten times the present labels."
ONLY_IMPORTED = "All labels were imported: when they were given, and what was shown first, is not known."
ONE_MOMENT = "All labels have the same time."
ALL_FILLED = "All seats are filled."
TOO_FEW_DAYS = "A week of labels is needed to foresee the end."
NOBODY_AT_WORK = "Nobody has labeled in the last seven days."
TOO_FAR = "As work goes now it takes more than three years."

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
    DISCONNECTED,
    UNBOUNDED,
    IS_BASELINE,
    NO_MAJORITY,
    FEW_PROMPTS,
    ALWAYS_ALIKE,
    NO_CHOICE,
    SAME_LENGTH,
    NO_TRIPLES,
    NO_TIMES,
    NO_GOLD,
    NO_HISTORY,
    ALL_TIED,
    ONE_WAY,
    SAME_LENGTHS,
    LENGTH_DECIDES,
    SAME_STYLE,
    NO_SHARED_PROMPTS,
    NEVER_MET,
    NOT_FORESEEN,
    BEYOND_REACH,
    ONLY_IMPORTED,
    ONE_MOMENT,
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
