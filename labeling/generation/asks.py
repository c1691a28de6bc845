"""How an endpoint is reached, and what it is asked about a prompt."""

from functools import partial

from cryptography.fernet import InvalidToken

from labeling.generation.models import Endpoint
from labeling.generation.problems import Problem
from labeling.generation.providers import Ask, Image, ModelUnavailable
from labeling.generation.sampling import Source
from labeling.prompts.models import Prompt, PromptImage


def source_of(endpoint: Endpoint) -> Source:
    """Raises ModelUnavailable where its key was encrypted with what the operator has no more."""
    try:
        return endpoint.source
    except InvalidToken as lost:
        raise ModelUnavailable(Problem.KEY_LOST) from lost


def ask_for(endpoint: Endpoint, prompt: Prompt, seed: int) -> Ask:
    """The whole conversation, with the endpoint's system prompt where the prompt brings none."""
    return Ask([*system_prompt(endpoint, prompt.system), *prompt.messages], seed, images_of(prompt))


def system_prompt(endpoint: Endpoint, own: str = "") -> list[dict[str, str]]:
    return [{"role": "system", "content": endpoint.system}] if endpoint.system and not own else []


def images_of(prompt: Prompt) -> list[Image]:
    return [Image(image.media_type, image.sha256, partial(content_of, image)) for image in prompt.shown_images]


def content_of(image: PromptImage) -> bytes:
    with image.file.open("rb") as file:
        return bytes(file.read())
