"""The texts of prompts while they are compared."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labeling.prompts.models import Prompt
from labeling.prompts.similarity import as_sets, columns, similarities
from labeling.prompts.twins import Pairs, Shingles, shingles

AT_ONCE = 500
"""Pairs."""

ROOM = 100_000_000
OBJECT = 150
"""Bytes: of all that is kept, and of what a text takes beside its shingles."""


def compared_text(prompt: Prompt) -> str:
    """The conversation. Without the system prompt, which many share that have nothing else in common."""
    return "\n".join([*(turn["content"] for turn in prompt.history), prompt.text])


def shingles_of(prompt: Prompt) -> Shingles:
    """Prompts that show other images are other prompts, whatever they say."""
    return shingles(compared_text(prompt), apart=" ".join(image.sha256 for image in prompt.shown_images))


class Shelf:
    """What was read stays at hand until there is no room for more."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids
        self.texts: dict[int, NDArray[np.int32]] = {}
        self.size = 0

    def similarities(self, pairs: Pairs) -> NDArray[np.float64]:
        """(n,): of two rows of `ids` each; 0 where one was dropped meanwhile."""
        parts = [self.of_some(pairs[start : start + AT_ONCE]) for start in range(0, len(pairs), AT_ONCE)]
        return np.concatenate([np.zeros(0), *parts])

    def of_some(self, pairs: Pairs) -> NDArray[np.float64]:
        rows, places = np.unique(pairs, return_inverse=True)
        if self.size > ROOM:
            self.texts, self.size = {}, 0
        self.read([row for row in rows.tolist() if row not in self.texts])
        return similarities(as_sets([self.texts[row] for row in rows.tolist()]), places.reshape(pairs.shape))

    def read(self, rows: Sequence[int]) -> None:
        by_id = {self.ids[row]: row for row in rows}
        read = dict.fromkeys(rows, np.zeros(0, np.int32))
        for prompt in Prompt.objects.filter(pk__in=by_id).with_images().only("history", "text"):
            read[by_id[prompt.pk]] = columns(shingles_of(prompt))
        self.texts |= read
        self.size += sum(text.nbytes + OBJECT for text in read.values())
