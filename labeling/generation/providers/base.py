from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from labeling.generation.sampling import Sampling

Messages = Sequence[dict[str, str]]


class ModelUnavailable(Exception):
    """The model cannot be had at all: no prompt of the run can be answered."""


@dataclass(frozen=True)
class Ask:
    messages: Messages
    seed: int


@dataclass(frozen=True)
class Reply:
    text: str
    finish_reason: str
    """`stop` when the model ended by itself, `length` when it was cut off."""
    n_prompt_tokens: int
    n_tokens: int
    logprob: float
    """Nats, summed over the n_tokens drawn, under the model's own distribution before temperature and top-p."""


@dataclass(frozen=True)
class Failure:
    """This one prompt cannot be answered, now or later."""

    reason: str


class Provider(Protocol):
    batch_size: int

    def generate(self, asks: Sequence[Ask], sampling: Sampling, alive: Callable[[], None]) -> list[Reply | Failure]:
        """One answer to each of `asks`, in order. Calls `alive` often; what that raises ends the work."""
