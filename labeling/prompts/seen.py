"""Which digests were surely never seen, in ten bytes or so for each that was (Bloom 1970).

Of those that were not seen, “perhaps” is said of 1 in 20,000 or fewer.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

SMALLEST = 2**17
"""Bytes. Each table is four times as large as the one before."""

BITS = 64
"""Of a table, for each digest that is marked in it."""


class Seen:
    def __init__(self) -> None:
        self.tables = [np.zeros(SMALLEST, np.uint8)]
        self.n_marked = 0
        """In the last of them."""

    def add(self, digests: Sequence[str]) -> None:
        """SHA-256, in hexadecimal digits."""
        if (self.n_marked + len(digests)) * BITS > self.tables[-1].size * 8:
            self.tables.append(np.zeros(self.tables[-1].size * 4, np.uint8))
            self.n_marked = 0
        self.n_marked += len(digests)
        marks = marks_of(digests)
        np.bitwise_or.at(self.tables[-1], places(marks, self.tables[-1]), bits(marks))

    def perhaps(self, digests: Sequence[str]) -> list[str]:
        """Those that may have been seen."""
        marks = marks_of(digests)
        found = np.zeros(len(digests), np.bool_)
        for table in self.tables:
            found |= (table[places(marks, table)] & bits(marks)).all(axis=1)
        return [digests[row] for row in np.flatnonzero(found).tolist()]


def marks_of(digests: Iterable[str]) -> NDArray[np.uint64]:
    """(n, 4)"""
    return np.frombuffer(bytes.fromhex("".join(digests)), np.uint64).reshape(-1, 4)


def places(marks: NDArray[np.uint64], table: NDArray[np.uint8]) -> NDArray[np.uint64]:
    return (marks >> np.uint64(3)) % np.uint64(table.size)


def bits(marks: NDArray[np.uint64]) -> NDArray[np.uint8]:
    return np.left_shift(np.uint8(1), (marks & np.uint64(7)).astype(np.uint8))
