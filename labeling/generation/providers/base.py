"""What every provider takes and gives."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from labeling.generation.problems import Problem, Trouble
from labeling.generation.sampling import Sampling

Messages = Sequence[Mapping[str, str]]
"""A conversation, [{"role": "system"|"user"|"assistant", "content": str}, …]; the last turn is the user's."""

Alive = Callable[[], None]
"""Called often, at least once a second; what it raises ends the work."""


class ModelUnavailable(Exception):
    """The model cannot be had at all: no prompt can be answered until somebody mends it."""

    def __init__(self, problem: Problem, **detail: Any) -> None:
        self.trouble = Trouble(problem, detail)
        super().__init__(str(self.trouble))


@dataclass(frozen=True)
class Image:
    media_type: str
    sha256: str
    read: Callable[[], bytes] = field(compare=False)


@dataclass(frozen=True)
class Ask:
    """One response to be drawn. Asks for several responses to one prompt have equal messages and images."""

    messages: Messages
    seed: int
    """Below 2**63."""
    images: Sequence[Image] = ()
    """In the last user turn, after its text."""


@dataclass(frozen=True)
class Reply:
    text: str
    finish_reason: str
    """`stop` when the model ended by itself, `length` when it was cut off; servers have more of their own."""
    sent: str
    """The prompt as the model got it: with its chat template, or the messages as JSON where a server applies it."""
    n_prompt_tokens: int | None
    n_tokens: int | None
    logprob: float | None
    """Nats, summed over the n_tokens drawn, under the model's own distribution before temperature and top-p."""
    seconds: float
    """From when it was taken, or its request was sent, to its last token."""
    revision: str = ""
    """What the model was exactly: a commit, a fingerprint of its files, or what the server called it."""
    seeded: bool = True
    """Whether the text is the one that the ask's seed leads to."""
    pays_prompt: bool = True
    """False where the prompt was read, and paid, for another reply as well."""


@dataclass(frozen=True)
class Failure:
    """This one prompt cannot be answered, now or later."""

    trouble: Trouble


@dataclass(frozen=True)
class Setback:
    """This ask was not answered this time, and is to be asked again later."""

    trouble: Trouble
    retry_after: float | None = None
    """Seconds that the server wants to be left alone for, at least."""
    for_all: bool = False
    """Whether the server is out of reach or out of patience for everybody: nothing else should be sent meanwhile."""


Answer = Reply | Failure | Setback

Take = Callable[[int], Sequence[Ask]]
"""Hands out up to so many asks that nobody was handed before; none at the end. Those of one prompt come together."""


class Provider(Protocol):
    def generate(self, take: Take, sampling: Sampling, alive: Alive) -> Generator[tuple[Ask, Answer], None, None]:
        """Every ask taken and its one answer, as they come, in any order. Takes more whenever there is room for more.

        Closing the iterator ends the work: asks not answered by then are as if they had not been taken.
        """

    def stream(self, ask: Ask, sampling: Sampling, alive: Alive) -> Iterator[str | Answer]:
        """Pieces of the text as they come, and last the whole answer."""
