"""Which two endpoints to compare next, so that their Bradley–Terry ratings become certain soonest."""

import numpy as np

from evaluation.stats.bradley_terry import ELO_SCALE, fit_bradley_terry
from evaluation.stats.intervals import Values


def next_pair(wins: Values) -> Values:
    """With which probability each pair of endpoints should be the next that is compared.

    wins (e, e): how often the row's endpoint won over the column's, a tie being half a win for each. Returns
    (e(e−1)/2,), in the order of `numpy.triu_indices(e, 1)`, all above 0 and adding up to 1; nothing for e < 2.

    P(a) ∝ √(Σ_aa/n_a) − √(Σ_aa/(n_a+1)), by how much one more comparison narrows the interval of the pair a
    (Chiang et al. 2024, arXiv 2403.04132, equation 9). There Σ_aa/n_a is the variance of what is estimated of a from
    its own n_a comparisons. Under Bradley–Terry others tell of it as well, so here Σ_aa = 1/(p(1−p)) is the variance of
    a difference in log-strength that a single comparison leaves, and n_a the comparisons that the estimate of it is
    worth, direct and indirect: Σ_aa over its variance by the inverse Fisher information. Adding one comparison to the
    information makes that Σ_aa/(n_a+1) exactly (Sherman and Morrison 1950). With the direct ones alone as n_a, what
    is known of a pair by way of others would be asked again.

    Each endpoint is supposed to have tied once besides, with all others a little: so there always is an estimate, and
    who was never compared counts as average and uncertain.
    """
    e = len(wins)
    if e < 2:
        return np.empty(0)
    supposed = wins + (1 - np.eye(e)) / (2 * (e - 1))
    strength = fit_bradley_terry(supposed) * np.log(10) / ELO_SCALE
    p = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
    information = p * p.T
    pairs = np.triu_indices(e, 1)
    variance = variances((supposed + supposed.T) * information)[pairs]
    n = 1 / (information[pairs] * variance)
    gain = np.sqrt(variance) * -np.expm1(np.log1p(1 / n) / -2)  # the difference of the roots, without cancelling
    shares: Values = gain / gain.sum()
    return shares


def variances(information: Values) -> Values:
    """(e, e) variances of differences in log-strength, from the Fisher information n·p(1−p) of each pair (e, e).

    Ratings are known up to what they all share. A number added everywhere settles that, and changes no difference.
    """
    laplacian = np.diag(information.sum(axis=1)) - information
    covariance = np.linalg.inv(laplacian + information.mean())
    own = np.diag(covariance)
    differences: Values = own[:, None] + own[None, :] - 2 * covariance
    return differences
