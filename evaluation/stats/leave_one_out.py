"""How people agree with the majority of the others, and whether that changes while they work."""

from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from evaluation.stats.by_person import (
    Figure,
    Rows,
    Values,
    counts,
    design_effects,
    effective,
    figures,
    mean_figures,
    sums,
)
from evaluation.stats.intervals import COVERAGE, share
from evaluation.stats.labels import Labels
from evaluation.stats.results import ALWAYS_ALIKE, FEW_PROMPTS, NO_MAJORITY, ONE_MOMENT

FEWEST_PROMPTS = 10
"""To tell a trend from: fewer do not show how alike the labels of one prompt are."""


@dataclass(frozen=True)
class Compared:
    """The m labels of units on which the annotator's others have a majority.

    annotator, cluster (m,): who, and the prompt. value, majority (m,): what this person and most others said.
    time (m,): seconds since any fixed moment.
    """

    annotator: Rows
    cluster: Rows
    value: Rows
    majority: Rows
    time: Values

    @property
    def agrees(self) -> NDArray[np.bool_]:
        return np.equal(self.value, self.majority)


def compare(labels: Labels, time: Values) -> Compared:
    """Each label beside the others of its unit; time (n,). An annotator labels a unit once."""
    majority = majority_of_others(labels)
    kept = majority >= 0
    return Compared(
        labels.annotator[kept], labels.cluster[labels.unit[kept]], labels.value[kept], majority[kept], time[kept]
    )


def majority_of_others(labels: Labels) -> Rows:
    """(n,): the value that most others gave the label's unit, −1 where there is no other or no clear majority.

    From the counts of each unit without the label itself.
    """
    others = labels.counts[labels.unit]
    row = np.arange(labels.unit.size)
    others[row, labels.value] -= 1
    most = others.argmax(axis=1)
    votes = others[row, most]
    clear = (others == votes[:, None]).sum(axis=1) == 1
    return np.where(clear & (votes > 0), most, -1)


def agreement(
    compared: Compared, n_annotators: int, n_values: int, seed: int, resamples: int
) -> tuple[list[Figure], Values]:
    """Each person's share of labels that say what most of the others say, and (a,) what it would be by chance.

    Chance keeps what this person says and how often, but gives it to any of their units: Σ over values of the person's
    share × the majority's share, as in Cohen's κ. Who always says the same is at chance, however often that is right.
    p: of being at least half as far above chance as the others (one-sided binomial test).
    """
    who, agrees = compared.annotator, compared.agrees
    found = mean_figures(agrees.astype(float), who, compared.cluster, n_annotators, NO_MAJORITY, seed, resamples)
    n = counts(who, n_annotators)
    own, most = (
        counts(who * n_values + value, n_annotators * n_values).reshape(-1, n_values)
        for value in (compared.value, compared.majority)
    )
    chance = share((own * most).sum(axis=1), n**2)
    others = np.array([np.nan if figure.others is None else figure.others for figure in found])
    halfway = np.nan_to_num((chance + others) / 2)
    effect, _clusters = design_effects(agrees - halfway[who], who, compared.cluster, n_annotators)
    p = scipy.stats.binom.cdf(*effective(sums(agrees, who, n_annotators), n, effect), halfway)
    return [
        replace(figure, p=float(value)) if above else figure
        for figure, value, above in zip(found, p, others > chance, strict=True)
    ], chance


def drift(compared: Compared, n_annotators: int) -> list[Figure]:
    """Change of a person's agreement with the others over their own labels in time: late half less early half.

    The Cochran–Armitage test for trend (Armitage 1955, Biometrics 11): a straight line through agree or not on the
    place in the sequence, labels of one moment sharing their mean place. The value is what the line changes from the
    middle of the first half to the middle of the second. p: of no trend. A line rather than two halves, since it uses
    the order within them: on a steady drift it is worth 4/3 as many labels, and on a sudden change more as well, unless
    that comes near the middle, where it is worth 3/4. The variance counts prompts, so agreeing on all of one prompt is
    no trend.
    """
    who, agrees = compared.annotator, compared.agrees.astype(np.float64)
    n = counts(who, n_annotators)
    place = places(who, compared.time, n)
    centred = agrees - share(sums(agrees, who, n_annotators), n)[who]
    spread, squares = sums(place**2, who, n_annotators), sums(centred**2, who, n_annotators)
    effect, n_prompts = design_effects(place * centred, who, compared.cluster, n_annotators)
    reasons = {
        NO_MAJORITY: n == 0,
        FEW_PROMPTS: n_prompts < FEWEST_PROMPTS,
        ONE_MOMENT: spread == 0,
        ALWAYS_ALIKE: squares == 0,
    }
    undefined = list(reasons.values())
    slope = share(sums(place * centred, who, n_annotators), np.where(np.any(undefined, axis=0), 0, spread))
    error = np.sqrt(share(squares * effect, (n - 1) * spread))
    freedom = np.maximum(n_prompts - 2, 1)
    margin = scipy.stats.t.ppf((1 + COVERAGE) / 2, freedom) * error
    p = 2 * scipy.stats.t.sf(np.abs(share(slope, error)), freedom)
    reason = np.select(undefined, list(reasons), "").astype(object)
    return figures(n, slope / 2, (slope - margin) / 2, (slope + margin) / 2, p, reason)


def places(who: Rows, time: Values, n: Values) -> Values:
    """(m,) place of each label in its person's sequence, from −½ for the first to ½ for the last of many.

    n (a,): labels of each person. Labels of one moment have their mean place.
    """
    order = np.lexsort((time, who))
    start = np.cumsum(n) - n
    is_new = np.ones(order.size, dtype=bool)
    is_new[1:] = (np.diff(who[order]) != 0) | (np.diff(time[order]) != 0)
    moment = np.cumsum(is_new) - 1
    position = np.arange(order.size) - start[who[order]]
    n_moments = moment.max(initial=-1) + 1
    place = np.empty(order.size)
    place[order] = (sums(position, moment, n_moments) / counts(moment, n_moments))[moment]
    return (place - (n[who] - 1) / 2) / n[who]
