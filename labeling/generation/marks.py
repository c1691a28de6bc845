"""What can be told about a response before anybody reads it.

Marks are hints by simple rules, for leads to look at and to keep from annotators; none of them is a judgment.
"""

import re
import zlib
from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz, process


class Mark(models.TextChoices):
    EMPTY = "empty", _("empty")
    CUT_OFF = "cut_off", _("cut off")
    LOOPING = "looping", _("looping")
    REFUSING = "refusing", _("refusing")
    IDENTITY = "identity", _("tells which model it is")
    TWIN = "twin", _("nearly the same as another")


OPENING = 300
"""Characters in which a refusal is looked for: later on it is a part of an answer."""

REFUSALS = re.compile(
    r"\b(?:i(?:['’]m| am) (?:sorry|afraid)\b.{0,40}\b(?:can(?:no|['’])?t|unable|not able)"
    r"|i (?:can(?:no|['’])t|am unable to|am not able to|['’]m (?:unable|not able) to|won['’]t|will not) "
    r"(?:help|assist|comply|fulfill?|provide|answer|do that|create|write|generate|continue|engage|support)"
    r"|as an ai(?: language model)?,? i (?:can(?:no|['’])t|do not|don['’]t|am (?:not|unable)))"
    r"|(?:很?抱歉|对不起).{0,20}(?:无法|不能|不可以)|作为(?:一个)?(?:ai|人工智能).{0,12}(?:无法|不能)",
    re.IGNORECASE | re.DOTALL,
)

MAKERS = (
    r"smollm\d*|hugging ?face|chatgpt|gpt-?[345]\w*|openai|claude|anthropic|gemini|bard|deepmind|llama|meta ai|mistral"
    r"|mixtral|qwen|alibaba|tongyi|deepseek|grok|xai|phi-?\d|vicuna|ernie|文心一言|通义千问|豆包|智谱"
)
SPEAKS_OF_ITSELF = (
    r"\bi(?:['’]m| am)(?: an? \w+(?: \w+){{0,4}})?(?: called| named| by| from)? (?:{names})\b"
    r"|\bmy name is (?:{names})\b|\bas (?:{names})(?:,|\.| i\b)"
    r"|\bi(?:['’]m| am| was| have been) (?:an? [\w\s]{{1,40}} )?"
    r"(?:made|created|trained|developed|built|designed) by (?:{names})\b"
    r"|我(?:是|叫)[^。\n]{{0,12}}(?:{names})|作为(?:{names})|我[^。\n]{{0,6}}由[^。\n]{{0,12}}(?:{names})[^。\n]{{0,6}}(?:开发|训练|创建|研发)"
)

ENDS = [240, 800, 2400]
"""Bytes at the end that are looked at: a text that began well can get caught, in a short circle or a long one."""

LOOP_RATIO = 6.0
"""Times that the end of a looping text is compressed; prose is 2 to 3 times."""

TWINS = 95.0
"""Per cent of similarity from which on two texts are nearly the same: 100 × (1 − edits / both lengths together)."""


def marks_of(text: str, finish_reason: str, names: Iterable[str] = ()) -> list[str]:
    """The marks of a text by itself. `names` are what its model is called, beside those that everybody knows."""
    found = {
        Mark.EMPTY: not any(character.isalnum() for character in text) and len(text) < 2,
        Mark.CUT_OFF: finish_reason == "length",
        Mark.LOOPING: is_looping(text),
        Mark.REFUSING: REFUSALS.search(text[:OPENING]) is not None,
        Mark.IDENTITY: tells_identity(text, names),
    }
    return [mark.value for mark, holds in found.items() if holds]


def is_looping(text: str) -> bool:
    end = text[-max(ENDS) :].encode()
    return any(n <= len(end) and n / len(zlib.compress(end[-n:])) >= LOOP_RATIO for n in ENDS)


def tells_identity(text: str, names: Iterable[str]) -> bool:
    """Whether the writer says who it is: speaking of a maker of models is none of that."""
    own = [re.escape(name) for name in names if len(name) > 2]
    pattern = SPEAKS_OF_ITSELF.format(names="|".join([MAKERS, *own]))
    return re.search(pattern, text, re.IGNORECASE) is not None


def is_twin(text: str, others: Iterable[str]) -> bool:
    """Whether the text is nearly the same as one of the others."""
    return process.extractOne(text, others, scorer=fuzz.ratio, score_cutoff=TWINS) is not None
