"""What the columns of somebody else's file probably mean, by their names."""

from collections.abc import Mapping, Sequence

from labeling.imports.brings import Brings

RESPONSE = ("response", "answer", "output", "completion")
SYNONYMS: Mapping[str, Sequence[str]] = {
    "prompt": ("prompt", "question", "instruction", "query", "input", "text", "content"),
    "system": ("system", "system_prompt"),
    "reference": ("reference", "answer", "output", "response", "completion", "target"),
    "use_case": ("use_case", "category"),
    "language": ("language", "lang"),
    "source": ("source", "dataset", "origin"),
    "owner": ("owner", "user", "user_id", "author"),
    "messages": ("messages",),
    "metadata": ("metadata",),
    "constraints": ("constraints",),
    "images": ("images",),
    "responses": ("responses",),
    "responses.1.model": ("model_a", "model_1", "model1", "generator_1", "model"),
    "responses.1.text": (*(f"{name}{end}" for end in ("_a", "_1", "1") for name in RESPONSE), "chosen", "response"),
    "responses.2.model": ("model_b", "model_2", "model2", "generator_2"),
    "responses.2.text": (*(f"{name}{end}" for end in ("_b", "_2", "2") for name in RESPONSE), "rejected"),
    "annotator": ("annotator", "annotator_id", "worker", "worker_id", "judge", "rater", "user_id"),
    "preference": ("preference", "winner", "label", "choice"),
    "comment": ("comment", "feedback", "rationale"),
    "created_at": ("created_at", "timestamp"),
}
"""What the columns of others are often called, the likeliest first."""

OF_PROMPTS = ("prompt", "system", "reference", "use_case", "language", "source", "owner")
OF_RESPONSES = ("responses.1.model", "responses.1.text", "responses.2.model", "responses.2.text")
AS_THEY_ARE = ("messages", "metadata", "constraints", "images")
OFFERED: Mapping[Brings, Sequence[str]] = {
    Brings.PROMPTS: (*OF_PROMPTS, *AS_THEY_ARE),
    Brings.RESPONSES: (*OF_RESPONSES, *OF_PROMPTS, *AS_THEY_ARE, "responses"),
    Brings.JUDGMENTS: ("annotator", "preference", *OF_RESPONSES, *OF_PROMPTS, "comment", "created_at"),
}
"""Fields that a page asks the columns of."""


def guessed_columns(brings: Brings, known: Sequence[str]) -> dict[str, list[str]]:
    """For each field that is offered the column that is probably meant; no column for two fields."""
    by_name = {name.strip().lower().replace(" ", "_"): name for name in reversed(known)}
    guessed: dict[str, list[str]] = {}
    taken: set[str] = set()
    for field_name in OFFERED[brings]:
        names = [by_name[name] for name in SYNONYMS[field_name] if name in by_name]
        found = next((name for name in names if name not in taken), None)
        guessed[field_name] = [found] if found else []
        taken |= {found} if found else set()
    return guessed


def guessed_brings(known: Sequence[str]) -> Brings:
    judged = guessed_columns(Brings.JUDGMENTS, known)
    if judged["annotator"] and judged["responses.1.text"] and judged["preference"]:
        return Brings.JUDGMENTS
    answered = guessed_columns(Brings.RESPONSES, known)
    both = answered["responses.1.text"] and answered["responses.2.text"]
    return Brings.RESPONSES if both or answered["responses"] else Brings.PROMPTS
