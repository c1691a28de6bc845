"""Which model is asked, and how a response is drawn from it."""

from dataclasses import dataclass, field

MODEL_NAME = r"\A[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?\Z"
"""A folder of var/models, or owner/name at a model hub; nothing that could climb out of either."""


@dataclass(frozen=True)
class Source:
    """Which model is asked, and how it is reached."""

    provider: str
    model: str
    revision: str = ""
    """Of a model at a hub: a branch, tag or commit."""
    base_url: str = ""
    """Of a chat-completions server, up to and with /v1."""
    key: str = field(default="", repr=False)
    concurrency: int = 1
    """Requests under way at once."""
    takes_images: bool = False


@dataclass(frozen=True)
class Sampling:
    """`temperature` 0 is greedy; `top_p` in (0, 1] keeps the smallest set of tokens with that probability."""

    temperature: float
    top_p: float
    max_new_tokens: int
