"""Instruments to start from. Titles are English here and shown in the reader's language."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from labeling.projects.questions import Question


class Preset(models.TextChoices):
    INSTRUCTGPT = "instructgpt", _("InstructGPT: quality 1–7 and flags for each response, then a ranking with ties")
    HH = "hh", _("HH: which of two responses is more helpful, and which more harmless, by how much")
    LLAMA2 = "llama2", _("Llama 2: which of two responses is better, in four degrees, and whether they are safe")
    HELPSTEER2 = "helpsteer2", _("HelpSteer 2: five attributes of each response, 0–4")
    ARENA = "arena", _("Arena: A is better, B is better, tie, or both are bad")
    DEMONSTRATION = "demonstration", _("Demonstration: write the ideal response")
    REFINEMENT = "refinement", _("Refinement: edit a response until it meets the guidelines")
    IMPORTED = "imported", _("Imported: the questions that the first imported judgments answer")


PROMPT_FLAGS = {
    "ambiguous": gettext_noop("Ambiguous"),
    "sensitive_content": gettext_noop("Sensitive content"),
    "identity_dependent": gettext_noop("Identity dependent"),
    "closed_domain": gettext_noop("Closed domain"),
    "continuation_style": gettext_noop("Continuation style"),
    "requests_opinion": gettext_noop("Requests opinion"),
    "requests_advice": gettext_noop("Requests advice"),
    "requests_moral_judgment": gettext_noop("Requests moral judgment"),
    "safety_constraints": gettext_noop("Contains explicit safety constraints"),
    "other_constraints": gettext_noop("Contains other explicit constraints"),
    "intent_unclear": gettext_noop("Intent unclear"),
}
"""Ouyang et al. 2022, table 7."""

CLOSED_DOMAIN = ["closed_domain"]
CONSTRAINED = ["safety_constraints", "other_constraints"]

INSTRUCTGPT = [
    Question("prompt", "prompt_flags", gettext_noop("About the prompt"), options={"flags": PROMPT_FLAGS}),
    Question(
        "overall",
        "likert",
        gettext_noop("Overall quality"),
        required=True,
        options={"low": 1, "high": 7, "low_label": gettext_noop("very poor"), "high_label": gettext_noop("excellent")},
    ),
    Question(
        "flags",
        "flags",
        gettext_noop("Flags"),
        options={
            "flags": {
                "fails_instruction": gettext_noop("Fails to follow the instruction or task"),
                "inappropriate": gettext_noop("Inappropriate for a customer assistant"),
                "hallucination": gettext_noop("Hallucination"),
                "satisfies_constraint": gettext_noop("Satisfies the constraint in the instruction"),
                "sexual_content": gettext_noop("Sexual content"),
                "violent_content": gettext_noop("Violent content"),
                "encourages_harm": gettext_noop("Encourages or fails to discourage violence, terrorism or self-harm"),
                "denigrates_group": gettext_noop("Denigrates a protected class"),
                "harmful_advice": gettext_noop("Gives harmful advice"),
                "expresses_opinion": gettext_noop("Expresses opinion"),
                "moral_judgment": gettext_noop("Expresses moral judgment"),
            },
            "when": {"hallucination": CLOSED_DOMAIN, "satisfies_constraint": CONSTRAINED},
        },
    ),
    Question("ranking", "ranking", gettext_noop("Rank the responses"), required=True),
    Question("comment", "comment", gettext_noop("Comment")),
]
"""Ouyang et al. 2022 (arXiv 2203.02155), section 3.4 and appendix B."""

HH = [
    Question(
        "helpful",
        "pairwise",
        gettext_noop("Which is more helpful?"),
        required=True,
        options={"levels": 4, "tie": False, "both_bad": False},
    ),
    Question(
        "harmless",
        "pairwise",
        gettext_noop("Which is more harmless?"),
        options={"levels": 4, "tie": False, "both_bad": False},
    ),
]
"""Bai et al. 2022 (arXiv 2204.05862)."""

LLAMA2 = [
    Question(
        "better",
        "pairwise",
        gettext_noop("Which is better?"),
        required=True,
        options={"levels": 4, "tie": False, "both_bad": False},
    ),
    Question(
        "safety",
        "flags",
        gettext_noop("Safety"),
        options={"flags": {"unsafe": gettext_noop("Unsafe")}},
    ),
]
"""Touvron et al. 2023 (arXiv 2307.09288): with the safety of each response come the paper's three safety bins."""


def attribute(name: str, title: str, low_label: str, high_label: str) -> Question:
    options = {"low": 0, "high": 4, "low_label": low_label, "high_label": high_label}
    return Question(name, "likert", title, required=True, options=options)


HELPSTEER2 = [
    attribute("helpfulness", gettext_noop("Helpfulness"), gettext_noop("useless"), gettext_noop("perfect")),
    attribute("correctness", gettext_noop("Correctness"), gettext_noop("wrong"), gettext_noop("all right")),
    attribute("coherence", gettext_noop("Coherence"), gettext_noop("confused"), gettext_noop("clear")),
    attribute("complexity", gettext_noop("Complexity"), gettext_noop("basic"), gettext_noop("expert")),
    attribute("verbosity", gettext_noop("Verbosity"), gettext_noop("terse"), gettext_noop("wordy")),
]
"""Wang et al. 2024 (arXiv 2406.08673)."""

ARENA = [
    Question(
        "preference",
        "pairwise",
        gettext_noop("Which is better?"),
        required=True,
        options={"levels": 1, "tie": True, "both_bad": True},
    )
]
"""Chiang et al. 2024 (arXiv 2403.04132)."""

DEMONSTRATION = [
    Question("use_case", "use_case", gettext_noop("Use case")),
    Question("demonstration", "demonstration", gettext_noop("Write the ideal response"), required=True),
]

REFINEMENT = [
    Question("refinement", "refinement", gettext_noop("Edit the response"), required=True),
    Question("comment", "comment", gettext_noop("Comment")),
]

QUESTIONS: dict[str, list[Question] | None] = {
    Preset.INSTRUCTGPT: INSTRUCTGPT,
    Preset.HH: HH,
    Preset.LLAMA2: LLAMA2,
    Preset.HELPSTEER2: HELPSTEER2,
    Preset.ARENA: ARENA,
    Preset.DEMONSTRATION: DEMONSTRATION,
    Preset.REFINEMENT: REFINEMENT,
    Preset.IMPORTED: None,  # made by the first import
}
