"""The texts of prompts while they are compared."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labeling.prompts.models import Prompt
from labeling.prompts.similarity import as_sets, columns, similarities
from labeling.prompts.twins import Pairs, Shingles, shingles

BATCH = 1000
ROOM = 100_000_000
"""Bytes."""


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

    def similarities(self, pairs: Pairs) -> NDArray[np.float64]:
        """(n,): of two rows of `ids` each; 0 where one was dropped meanwhile."""
        rows, places = np.unique(pairs, return_inverse=True)
        if sum(text.nbytes for text in self.texts.values()) > ROOM:
            self.texts.clear()
        missing = [row for row in rows.tolist() if row not in self.texts]
        for start in range(0, len(missing), BATCH):
            self.read(missing[start : start + BATCH])
        return similarities(as_sets([self.texts[row] for row in rows.tolist()]), places.reshape(pairs.shape))

    def read(self, rows: Sequence[int]) -> None:
        by_id = {self.ids[row]: row for row in rows}
        self.texts |= dict.fromkeys(rows, np.zeros(0, np.int32))
        for prompt in Prompt.objects.filter(pk__in=by_id).with_images().only("history", "text"):
            self.texts[by_id[prompt.pk]] = columns(shingles_of(prompt))
