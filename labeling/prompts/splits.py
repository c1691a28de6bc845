"""Which part of a data set a prompt goes to."""

import hashlib
from collections.abc import Iterable, Mapping

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


def split_of(key: str, shares: Mapping[str, float] = SHARES, seed: int = 0) -> str:
    """Drawn by what must stay together: the same in every export, whatever is added meanwhile. 0 is the seed of exports
    before there were seeds."""
    drawn = hashlib.sha256((f"split:{seed}:{key}" if seed else f"split:{key}").encode()).digest()
    place = int.from_bytes(drawn[:8], "big") / 2**64
    for split, share in shares.items():
        if place < share:
            return split
        place -= share
    return max(shares, key=lambda split: shares[split])  # where rounding left a gap


def key_of(owner: str, digest: str) -> str:
    """By who sent the prompt in, so that nobody is in two splits (Ouyang et al. 2022, 3.2); else by the prompt."""
    return owner or digest


def joined(families: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By key, the least of those that belong together with it; families, each with the key of one of its prompts, join
    keys. Keys that belong to themselves alone are left out."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while (above := parent.setdefault(key, key)) != key:
            parent[key] = parent[above]
            key = above
        return key

    first: dict[str, str] = {}
    for family, key in families:
        one, other = root(first.setdefault(family, key)), root(key)
        parent[max(one, other)] = min(one, other)
    return {key: least for key in parent if (least := root(key)) != key}
