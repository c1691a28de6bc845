"""Which part of a data set a prompt goes to."""

import hashlib

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


def split_of(owner: str, digest: str) -> str:
    """train, validation or test: by who sent the prompt in, so that nobody is in two (Ouyang et al. 2022, 3.2).

    Prompts without an owner are split one by one. The same in every export, whatever is added meanwhile.
    """
    drawn = hashlib.sha256(f"split:{owner or digest}".encode()).digest()
    place = int.from_bytes(drawn[:8], "big") / 2**64
    for split, share in SHARES.items():
        if place < share:
            return split
        place -= share
    return split
