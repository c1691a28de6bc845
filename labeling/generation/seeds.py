"""Seeds of samples."""

import hashlib
import secrets

from labeling.generation.models import SamplingParams


def draw_seed() -> int:
    """A fresh seed that fits PostgreSQL's bigint."""
    return secrets.randbits(63)


def sample_seed(run_seed: int, params: SamplingParams, prompt_digest: str, number: int, redraw: int = 0) -> int:
    """The same for the same run seed, sampling, prompt and number in any database; below 2**63."""
    key = f"{run_seed}:{params.temperature:g}:{params.top_p:g}:{prompt_digest}:{number}:{redraw}"
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") >> 1
