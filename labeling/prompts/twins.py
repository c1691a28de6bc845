"""Tells which texts are nearly the same, by MinHash over their characters (Broder 1997).

Characters rather than words, so that it works for Chinese. A signature keeps eight bits of each minimum (Li and König
2010), which is enough to find candidates; what counts is the similarity of the texts themselves (similarity.py).
datasketch took five times as long and twelve times the memory, and would need all texts again whenever some more come.
"""

import unicodedata
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Shingles = NDArray[np.uint64]
Signatures = NDArray[np.uint8]
"""(n, MINIMA)"""
Pairs = NDArray[np.intp]
"""(n, 2): rows of signatures, the lower first."""

NEAR = 0.7
"""Two texts are twins from this share of common shingles on (Jaccard)."""

LIKELY = 0.55
"""Signatures that are less alike are not those of twins; the standard error of what they tell is 0.05."""

SHINGLE = 4
"""Characters. Shorter texts are one shingle, so they are twins only where they are equal."""

BANDS, ROWS = 20, 5
"""Twins at 0.7 meet in some band 98 times in 100, at 0.8 practically always; texts at 0.3 5 times in 100."""

MINIMA = BANDS * ROWS
SORTED = 8
"""By so many minima, those of the band and the next, are those sorted that share a band: twins come to lie close."""

NEIGHBORS = 8
"""With how many before it there a text is compared: of thousands that share a band not all can be."""

CLOSEST = 32
"""With how many of all these, the most alike."""

HASHED = 512
COMPARED = 4096
"""Rows at once, few enough for the processor's cache."""

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
        found += codes[place : place + n]
        found *= MIX
        found ^= found >> np.uint64(29)
    found.sort()
    different: Shingles = found[np.append(True, found[1:] != found[:-1])]
    return different


def signature(found: Shingles) -> Signatures:
    """(MINIMA,)"""
    least = np.full(MINIMA, 2**64 - 1, np.uint64)
    for start in range(0, found.size, HASHED):
        hashed = FACTORS * found[start : start + HASHED]
        hashed += OFFSETS
        np.minimum(least, hashed.min(axis=1), out=least)
    return (least >> np.uint64(32)).astype(np.uint8)


def candidates(signatures: Signatures, is_new: NDArray[np.bool_]) -> Pairs:
    """Pairs that may be twins, at least one of each new: by the later, and of each later the most alike first."""
    n = len(signatures)
    found = np.zeros(0, np.int64)
    wrapped = np.concatenate([signatures, signatures[:, : SORTED - ROWS]], axis=1)
    for start in range(0, MINIMA, ROWS):
        keys = np.ascontiguousarray(wrapped[:, start : start + SORTED]).view(">u8").ravel().astype(np.uint64)
        order = np.argsort(keys, kind="stable")
        bands = keys[order] >> np.uint64(8 * (SORTED - ROWS))
        of_band = [found]
        for back in range(1, NEIGHBORS + 1):
            places = np.flatnonzero(bands[back:] == bands[:-back])
            pairs = np.sort(np.stack([order[places], order[places + back]], axis=1), axis=1)
            pairs = pairs[is_new[pairs].any(axis=1)]
            unlike = differing(signatures, pairs)
            likely = (MINIMA - unlike) / MINIMA >= LIKELY
            of_band.append((pairs[likely, 1] * MINIMA + unlike[likely]) * n + pairs[likely, 0])
        found = closest(np.concatenate(of_band), n * MINIMA)
    return np.stack([found % n, found // (n * MINIMA)], axis=1)


def differing(signatures: Signatures, pairs: Pairs) -> NDArray[np.uint8]:
    """(n,): in how many minima."""
    unlike = np.zeros(len(pairs), np.uint8)
    for start in range(0, len(pairs), COMPARED):
        earlier, later = pairs[start : start + COMPARED].T
        marks = (signatures[earlier] != signatures[later]).view(np.uint8)
        marks.sum(axis=1, dtype=np.uint8, out=unlike[start : start + COMPARED])
    return unlike


def closest(found: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """The different numbers, sorted; of each `width` the first CLOSEST."""
    found.sort()
    found = found[np.diff(found, prepend=-1) > 0]
    begins = np.flatnonzero(np.diff(found // width, prepend=-1))
    sizes = np.diff(begins, append=found.size)
    return found[np.arange(found.size) - np.repeat(begins, sizes) < CLOSEST]
