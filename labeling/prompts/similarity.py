"""How alike texts are, for many pairs at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from labeling.prompts.twins import Pairs, Shingles

if TYPE_CHECKING:
    from scipy.sparse import csr_array

COLUMNS = 2**31 - 1
"""As many as scipy numbers in four bytes."""

AT_ONCE = 1_000_000
"""Shingles."""


def columns(found: Shingles) -> NDArray[np.int32]:
    """The first 31 bits of each, sorted: one in two billion pairs of different shingles have the same."""
    return np.unique((found >> np.uint64(33)).astype(np.int32))


def as_sets(texts: Sequence[NDArray[np.int32]]) -> "csr_array":
    """(n, COLUMNS): a row for the columns of each text."""
    from scipy.sparse import csr_array

    ends = np.cumsum([0, *(text.size for text in texts)])
    return csr_array((np.ones(ends[-1], np.bool_), np.concatenate(texts), ends), shape=(len(texts), COLUMNS))


def similarities(sets: "csr_array", pairs: Pairs) -> NDArray[np.float64]:
    """(n,): Jaccard of two rows each: the common share of all the shingles of both. 0 where both are empty."""
    both = np.diff(sets.indptr)[pairs].sum(axis=1)
    parts = np.split(pairs, np.flatnonzero(np.diff(np.cumsum(both) // AT_ONCE)) + 1)
    common = np.concatenate([np.diff(sets[part[:, 0]].multiply(sets[part[:, 1]]).indptr) for part in parts])
    alike: NDArray[np.float64] = common / np.maximum(both - common, 1)
    return alike
