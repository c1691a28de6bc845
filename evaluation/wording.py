"""What statistics and scores are called on pages, and why they have no value, in the reader's language."""

from collections.abc import Iterable

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from labeling.projects.questions import Question

STATISTICS = {
    "krippendorff_alpha": _("Krippendorff's α"),
    "fleiss_kappa": _("Fleiss' κ"),
    "cohen_kappa": _("Cohen's κ"),
    "agreement_with_ties": _("Agreement, ties counted"),
    "agreement_without_ties": _("Agreement, ties left out"),
}
EXPLAINED = {
    "krippendorff_alpha": _("1 is perfect, 0 is chance"),
    "fleiss_kappa": _("1 is perfect, 0 is chance"),
    "cohen_kappa": _("the mean over all two annotators; 1 is perfect, 0 is chance"),
    "agreement_with_ties": _("share of equal outcomes; chance is 33 %"),
    "agreement_without_ties": _("share of equal outcomes where neither says tie; chance is 50 %"),
}
LEVELS = {"nominal": _("nominal"), "ordinal": _("ordinal"), "interval": _("interval")}
SCORES = {
    "win_rate": _("Win rate"),
    "win_rate_adjusted": _("Win rate, ties as half"),
    "bradley_terry": _("Bradley–Terry rating"),
    "likert": _("Mean rating"),
}
SCORES_EXPLAINED = {
    "win_rate": _("share of comparisons with other models that are won"),
    "win_rate_adjusted": _("the same, a tie counting as half a win"),
    "bradley_terry": _("400 points more win ten times as often; the mean is 1000"),
    "likert": _("over all ratings of all responses"),
}

REASONS = [
    gettext_noop("No item was labeled by two people."),
    gettext_noop("Every label is the same, so agreement by chance cannot be told from agreement."),
    gettext_noop("No two people both chose a better response."),
    gettext_noop("This is asked only of comparisons between responses."),
    gettext_noop("No two items were labeled by the same number of people."),
    gettext_noop("The endpoint was never compared with another."),
    gettext_noop("The endpoint has no ratings."),
    gettext_noop("The endpoints fall into groups that were never compared with one another."),
    gettext_noop(
        "One endpoint, or a group of them, won or lost every comparison with the others: no finite rating fits."
    ),
    gettext_noop("This is the baseline the others are compared with."),
    gettext_noop("No label has an active time."),
    gettext_noop("All seats are filled."),
    gettext_noop("The first label is less than a week old."),
    gettext_noop("Nobody has labeled in the last seven days."),
    gettext_noop("As work goes now it takes more than three years."),
]
"""The reasons of stats/results.py, for the message catalogs; a test holds the two together."""


def measure_titles(questions: Iterable[Question]) -> dict[str, str]:
    """What is measured, by its name in figures: a question, or one flag of it."""
    titles = {}
    for question in questions:
        titles[question.name] = question.shown_title
        for flag, label in question.options.get("flags", {}).items():
            titles[f"{question.name}.{flag}"] = f"{question.shown_title}: {gettext(label)}"
    return titles


def score_name(score: str) -> str:
    """Of a score, or of one scale of several: `likert.helpfulness`."""
    kind, _dot, scale = score.partition(".")
    return f"{SCORES[kind]}: {gettext(scale)}" if scale else str(SCORES[kind])
