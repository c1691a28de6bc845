"""Which annotators a lead should look at, and for what."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import scipy

from evaluation.stats.annotators import AnnotatorFigures

FALSE_ALARMS = 0.05
"""The chance that anybody at all is flagged for one thing in a project where nobody does it."""

FEWEST = 20
"""Labels before anything is held against anybody."""

# A flag wants more than a difference that is surely there: one worth talking about.
POSITION_AT_LEAST = 0.1
"""How far the share of wins of the response shown first is from a half."""
LENGTH_AT_LEAST = float(np.log(2))
"""By how much a response twice as long multiplies the odds, beside what it does with the others: twice or half."""
DRIFT_AT_LEAST = 0.1
"""By how much agreement with the others falls from the first half of the work to the second."""
ANOMALY_AT_LEAST = 1.5
"""M over what it is expected to be. Who says tie far more often than others is near 1.3, who answers at random 1.8."""

Test = Callable[[AnnotatorFigures], float | None]
"""p of the harmless hypothesis; HARMLESS where the difference is small; None where there is nothing to test."""

HARMLESS = 1.0


def flags_of(annotators: Sequence[AnnotatorFigures], gold_threshold: float) -> list[tuple[str, ...]]:
    """The names of each annotator's flags, of FLAGS and "poor_gold", for agreeing with gold less than the threshold.

    A flag is a hypothesis about a person that a test refutes, with p corrected for the number of people tested
    (Holm–Šidák, by statsmodels), and a difference of a size that is worth talking about.
    """
    from statsmodels.stats.multitest import multipletests

    tests: dict[str, Test] = {**FLAGS, "poor_gold": partial(poor_gold, threshold=gold_threshold)}
    flagged: list[list[str]] = [[] for _annotator in annotators]
    for name, test in tests.items():
        found = [(place, p) for place, one in enumerate(annotators) if (p := test(one)) is not None]
        if found:
            with np.errstate(divide="ignore"):  # where p is 1
                refuted = multipletests([p for _place, p in found], alpha=FALSE_ALARMS, method="holm-sidak")[0]
            for (place, _p), is_so in zip(found, refuted, strict=True):
                if is_so:
                    flagged[place].append(name)
    return [tuple(names) for names in flagged]


def biased_position(one: AnnotatorFigures) -> float | None:
    """Chooses what is shown first, or last, whatever it is."""
    figure = one.position
    if figure.value is None or figure.n < FEWEST:
        return None
    return figure.p if abs(figure.value - 0.5) >= POSITION_AT_LEAST else HARMLESS


def biased_length(one: AnnotatorFigures) -> float | None:
    """Likes long responses, or short ones, more than the others do."""
    figure = one.length
    if figure.value is None or figure.others is None or figure.n < FEWEST:
        return None
    return one.length_apart if abs(figure.value - figure.others) >= LENGTH_AT_LEAST else HARMLESS


def drifting(one: AnnotatorFigures) -> float | None:
    """Agrees less and less. Who agrees more and more is learning, which is no cause to act."""
    figure = one.drift
    if figure.value is None or figure.n < FEWEST:
        return None
    return figure.p if figure.value <= -DRIFT_AT_LEAST else HARMLESS


def random(one: AnnotatorFigures) -> float | None:
    """Is less than half as far above chance as the others are."""
    return one.agreement.p if one.agreement.n >= FEWEST else None


def fast(one: AnnotatorFigures) -> float | None:
    """Gives more than half of the labels in less than a third of the usual time."""
    return one.quick.p if one.quick.n >= FEWEST else None


def anomalous(one: AnnotatorFigures) -> float | None:
    """Makes choices that are rare among those others made between the same endpoints."""
    figure = one.anomaly
    if figure.value is None or figure.n < FEWEST:
        return None
    return figure.p if figure.value >= ANOMALY_AT_LEAST * 2 * figure.n else HARMLESS


def poor_gold(one: AnnotatorFigures, threshold: float) -> float | None:
    """Agrees with gold less than the threshold; a score between 0 and 1 varies at most as much as one of 0 or 1."""
    figure = one.gold
    if figure.value is None:
        return None
    agreed = np.ceil(round(figure.value * figure.n, 6))
    return float(scipy.stats.binom.cdf(agreed, figure.n, threshold))


FLAGS: dict[str, Test] = {
    "biased_position": biased_position,
    "biased_length": biased_length,
    "drifting": drifting,
    "random": random,
    "fast": fast,
    "anomalous": anomalous,
}
