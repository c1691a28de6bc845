"""What a figure of agreement says, in plain words, beside chance and what others published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from evaluation.charts.frame import Reference

RELIABLE, TENTATIVE = 0.8, 0.667
"""Krippendorff 2004, Content Analysis, section 11.4: above the first conclusions are safe, below the second not."""

INSTRUCTGPT_TRAINING, INSTRUCTGPT_HELD_OUT = 0.726, 0.773
"""Ouyang et al. 2022 (arXiv 2203.02155), section 3.4."""

MT_BENCH_WITH_TIES, MT_BENCH_WITHOUT_TIES = 0.63, 0.81
"""Humans of MT-bench, Zheng et al. 2023 (arXiv 2306.05685), table 5."""


@dataclass(frozen=True)
class Reading:
    figure: Mapping[str, Any]
    sentence: str
    references: tuple[Reference, ...]


def readings(measure: Mapping[str, Any]) -> list[Reading]:
    """Of the statistics that tell most of a question, those that have a value."""
    figures = {figure["statistic"]: figure for figure in measure["figures"] if figure["value"] is not None}
    return [
        Reading(figures[name], sentence(figures[name]["value"]), references())
        for name, (sentence, references) in READ.items()
        if name in figures
    ]


def of_choices(value: float) -> str:
    return _(
        "Where two people both prefer a response, it is the same one %(n)d times in 100. By chance it would be 50; "
        "among the labelers of InstructGPT it was 73 to 77, among the people of MT-bench 81."
    ) % {"n": round(100 * value)}


def of_outcomes(value: float) -> str:
    return _(
        "Two people say the same of two responses, ties included, %(n)d times in 100. By chance it would be 33; among "
        "the people of MT-bench it was 63."
    ) % {"n": round(100 * value)}


def of_alpha(value: float) -> str:
    if value >= RELIABLE:
        said = _("Labels like these are reliable by Krippendorff's rule (0.8 and above).")
    elif value >= TENTATIVE:
        said = _("By Krippendorff's rule only tentative conclusions rest on labels like these (0.667 to 0.8).")
    elif value > 0:
        said = _(
            "Below Krippendorff's 0.667. With preferences this is common: people differ in taste. Many labels still "
            "tell models apart, but a single one says little."
        )
    else:
        said = _("No more agreement than chance would bring. Look at the guidelines and at single annotators.")
    return said


READ: dict[str, tuple[Callable[[float], str], Callable[[], tuple[Reference, ...]]]] = {
    "agreement_without_ties": (
        of_choices,
        lambda: (
            Reference(_("chance 50 %"), 0.5),
            Reference("InstructGPT 72.6 %", INSTRUCTGPT_TRAINING),
            Reference("77.3 %", INSTRUCTGPT_HELD_OUT),
            Reference("MT-bench 81 %", MT_BENCH_WITHOUT_TIES),
        ),
    ),
    "agreement_with_ties": (
        of_outcomes,
        lambda: (Reference(_("chance 33 %"), 1 / 3), Reference("MT-bench 63 %", MT_BENCH_WITH_TIES)),
    ),
    "krippendorff_alpha": (
        of_alpha,
        lambda: (
            Reference(_("chance"), 0.0),
            Reference(_("tentative"), TENTATIVE),
            Reference(_("reliable"), RELIABLE),
        ),
    ),
}
