"""Tells which texts are nearly the same, by MinHash over their characters (Broder 1997).

Characters rather than words, so that it works for Chinese. A signature keeps eight bits of each minimum (Li and König
2010), which is enough to find candidates; what counts is the similarity of the texts themselves. datasketch took five
times as long and twelve times the memory, and would need all texts again whenever some more come.
"""

import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shingles = NDArray[np.uint64]
Signatures = NDArray[np.uint8]
"""(n, MINIMA)"""
Pairs = NDArray[np.intp]
"""(n, 2): rows of signatures, the lower first."""

NEAR = 0.7
"""Two texts are twins from this share of common shingles on (Jaccard)."""

LIKELY = 0.5
"""Signatures that are less alike are not those of twins; the standard error of what they tell is 0.05."""

SHINGLE = 4
"""Characters. Shorter texts are one shingle, so they are twins only where they are equal."""

BANDS, ROWS = 20, 5
"""Twins at 0.7 meet in some band 98 times in 100, at 0.8 practically always; texts at 0.3 5 times in 100."""

MINIMA = BANDS * ROWS
CLOSEST = 8
"""With how many of those first in its band a text is compared: thousands that share one cannot all be compared."""

CHUNK = 4096
DRAW = np.random.default_rng(20)
FACTORS = DRAW.integers(2**63, size=(MINIMA, 1), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
OFFSETS = DRAW.integers(2**63, size=(MINIMA, 1), dtype=np.uint64)
MIX = np.uint64(0x9E3779B97F4A7C15)


def normalized(text: str) -> str:
    """Without what is only typography: width, case, white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def shingles(text: str, apart: str = "") -> Shingles:
    """The different ones, sorted, as numbers. Texts with another `apart` have none in common."""
    codes = np.frombuffer(normalized(text).ljust(SHINGLE, "\0").encode("utf-32-le"), np.uint32).astype(np.uint64)
    n = codes.size - SHINGLE + 1
    found = np.full(n, int.from_bytes(sha256(apart.encode()).digest()[:8]) if apart else 0, np.uint64)
    for place in range(SHINGLE):
        found = (found + codes[place : place + n]) * MIX
        found ^= found >> np.uint64(29)
    return np.unique(found)


def signature(found: Shingles) -> Signatures:
    """(MINIMA,)"""
    least = np.full(MINIMA, 2**32, np.uint64)
    for start in range(0, found.size, CHUNK):
        hashed = (FACTORS * found[start : start + CHUNK] + OFFSETS) >> np.uint64(32)
        np.minimum(least, hashed.min(axis=1), out=least)
    return least.astype(np.uint8)


def similarity(left: Shingles, right: Shingles) -> float:
    """Jaccard: the common share of all the shingles of both."""
    common = np.intersect1d(left, right, assume_unique=True).size
    return float(common / (left.size + right.size - common))


def candidates(signatures: Signatures, is_new: NDArray[np.bool_]) -> Iterator[Pairs]:
    """Pairs that may be twins, at least one of each new; some at a time, and some of them several times."""
    bands: NDArray[Any] = np.zeros((len(signatures), BANDS), np.uint64)
    for row in range(ROWS):
        bands = bands << np.uint64(8) | signatures[:, row::ROWS]
    for band in bands.T:
        order = np.argsort(band, kind="stable")
        begins = np.append(True, band[order[1:]] != band[order[:-1]])[: order.size]
        places = np.arange(order.size)
        first = np.maximum.accumulate(np.where(begins, places, 0))
        for back in range(CLOSEST):
            later = first + back < places
            pairs = np.stack([order[first[later] + back], order[later]], axis=1)
            pairs = pairs[is_new[pairs].any(axis=1)]
            if pairs.size:
                yield pairs[likely(signatures, pairs)]


def likely(signatures: Signatures, pairs: Pairs) -> NDArray[np.bool_]:
    """(n,): whether the signatures of each pair are alike enough."""
    parts = [pairs[start : start + CHUNK] for start in range(0, len(pairs), CHUNK)]
    alike = [(signatures[part[:, 0]] == signatures[part[:, 1]]).mean(axis=1) for part in parts]
    return np.concatenate(alike) >= LIKELY
