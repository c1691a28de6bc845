"""Put placeholders in the place of what is personal in a prompt."""

from collections.abc import Iterator

from labeling.prompts.given import GivenPrompt
from labeling.prompts.models import Clearance, Prompt
from labeling.prompts.personal import find_personal, masked


def texts_of(prompt: Prompt | GivenPrompt) -> Iterator[str]:
    """All that was written by somebody, in the order of the conversation."""
    yield prompt.system
    yield from (turn["content"] for turn in prompt.history)
    yield prompt.text


def kinds_in(prompt: Prompt | GivenPrompt) -> list[str]:
    """The kinds of personal data that it holds, sorted."""
    found = [one.kind.value for text in texts_of(prompt) for one in find_personal(text, prompt.language)]
    return sorted(set(found))


def mask_prompt(prompt: Prompt | GivenPrompt) -> None:
    """Change the texts of a prompt, which the caller saves. Its digest stays, so that it is not imported again."""
    prompt.system = masked_text(prompt.system, prompt.language)
    prompt.history = [{**turn, "content": masked_text(turn["content"], prompt.language)} for turn in prompt.history]
    prompt.text = masked_text(prompt.text, prompt.language)
    prompt.clearance = Clearance.MASKED


def masked_text(text: str, language: str) -> str:
    return masked(text, find_personal(text, language))
