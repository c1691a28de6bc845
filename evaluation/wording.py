"""What statistics and scores are called on pages, and why they have no value, in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from labeling.projects.questions import Question
from labeling.prompts.use_cases import UseCase

STATISTICS = {
    "krippendorff_alpha": _("Krippendorff's α"),
    "gwet_ac": _("Gwet's AC"),
    "fleiss_kappa": _("Fleiss' κ"),
    "conger_kappa": _("Conger's κ"),
    "brennan_prediger": _("Brennan and Prediger's κ"),
    "cohen_kappa": _("Cohen's κ"),
    "percent_agreement": _("Raw agreement"),
    "agreement_with_ties": _("Agreement, ties counted"),
    "agreement_without_ties": _("Agreement, ties left out"),
    "kendall_tau": _("Kendall's τ-b"),
    "kendall_w": _("Kendall's W"),
    "icc": _("Intraclass correlation, one annotator"),
    "icc_mean": _("Intraclass correlation, mean of all annotators"),
}
EXPLAINED = {
    "krippendorff_alpha": _("1 is perfect, 0 is chance"),
    "gwet_ac": _("1 is perfect, 0 is chance; stable where one answer dominates"),
    "fleiss_kappa": _("1 is perfect, 0 is chance"),
    "conger_kappa": _("1 is perfect, 0 is chance by each annotator's own habits"),
    "brennan_prediger": _("1 is perfect, 0 is chance if every answer were equally likely"),
    "cohen_kappa": _("the mean over all two annotators; 1 is perfect, 0 is chance"),
    "percent_agreement": _("share of agreeing annotators of a unit, all units weighing the same"),
    "agreement_with_ties": _("share of equal outcomes; chance is 33 %"),
    "agreement_without_ties": _("share of equal outcomes where neither says tie; chance is 50 %"),
    "kendall_tau": _("of each two rankings of a task; 1 is the same order, 0 none in common, −1 the reverse"),
    "kendall_w": _("of all rankings of a task; 1 is the same order, 0 none in common"),
    "icc": _("share of the variation of ratings that is the responses' own"),
    "icc_mean": _("the same of the mean over all annotators"),
}
LEVELS = {"nominal": _("nominal"), "ordinal": _("ordinal"), "interval": _("interval"), "ratio": _("ratio")}
FLAGS = {
    "random": (_("random"), _("Agrees with the others no more than chance would.")),
    "poor_gold": (_("poor on gold"), _("Answers tasks with a known answer worse than the project wants.")),
    "biased_position": (_("position bias"), _("Prefers what is shown first, or last, whatever it is.")),
    "biased_length": (_("length bias"), _("Likes long responses, or short ones, more than the others do.")),
    "drifting": (_("drifting"), _("Agrees with the others clearly less in the later half of the work.")),
    "fast": (_("very fast"), _("Labels far faster than the others do.")),
    "anomalous": (_("anomalous"), _("Chooses as nobody who judges these models would: their winners do not win.")),
}
"""Of annotators: what each flag is called, and what it says."""

SCORES = {
    "bradley_terry": _("Bradley–Terry rating"),
    "bradley_terry_davidson": _("Davidson rating"),
    "bradley_terry_rao_kupper": _("Rao–Kupper rating"),
    "style_controlled": _("Rating apart from style"),
    "win_rate": _("Win rate"),
    "win_rate_adjusted": _("Win rate, ties as half"),
    "length_controlled": _("Win rate at equal length"),
    "average_win_rate": _("Mean win rate"),
    "counting": _("Wins"),
    "elo": _("Elo rating"),
    "likert": _("Mean rating"),
    "instruction_following": _("Instruction following"),
    "instruction_following_weighted": _("Instruction following, weighted by quality"),
    "error_rate": _("Error rate"),
    "flag_rate": _("Flagged"),
}
SCORES_EXPLAINED = {
    "bradley_terry": _("400 points more win ten times as often; the mean is 1000"),
    "bradley_terry_davidson": _("the same by a model in which ties are likelier between equals"),
    "bradley_terry_rao_kupper": _("the same by a model in which small differences are not told apart"),
    "style_controlled": _("the same, as if all responses were equally long and equally marked up"),
    "win_rate": _("share of comparisons with other models that are won"),
    "win_rate_adjusted": _("the same, a tie counting as half a win"),
    "length_controlled": _("against the baseline, as if both responses were equally long"),
    "average_win_rate": _("against each other model, all of them weighing the same"),
    "counting": _("a tie counts as half a win"),
    "elo": _("depends on the order of the comparisons: for display only"),
    "likert": _("over all ratings of all responses"),
    "instruction_following": _("share of labels that do not say that the response fails the instruction"),
    "instruction_following_weighted": _("the same, times the rating as a share of the highest"),
    "error_rate": _("share of labels that find anything wrong with the response"),
    "flag_rate": _("share of labels that raise the flag"),
}

AS_PERCENT = {
    "percent_agreement",
    "agreement_with_ties",
    "agreement_without_ties",
    "win_rate",
    "win_rate_adjusted",
    "length_controlled",
    "average_win_rate",
    "instruction_following",
    "instruction_following_weighted",
    "error_rate",
    "flag_rate",
}
DECIMALS = {
    "bradley_terry": 0,
    "bradley_terry_davidson": 0,
    "bradley_terry_rao_kupper": 0,
    "style_controlled": 0,
    "elo": 0,
    "counting": 1,
    "likert": 2,
}

REASONS = [
    gettext_noop("No item was labeled by two people."),
    gettext_noop("Every label is the same, so agreement by chance cannot be told from agreement."),
    gettext_noop("No two people both chose a better response."),
    gettext_noop("This is asked only of comparisons between responses."),
    gettext_noop("This is asked only of rankings of more than two responses."),
    gettext_noop("This is asked only of ratings of single responses."),
    gettext_noop("No two people both told responses apart."),
    gettext_noop("Fewer than two responses were rated by every annotator, or their ratings vary by chance alone."),
    gettext_noop("There are more than 60 annotators, too many to take two by two."),
    gettext_noop("The endpoint was never compared with another."),
    gettext_noop("The endpoint has no ratings."),
    gettext_noop("The endpoints fall into groups that were never compared with one another."),
    gettext_noop(
        "One endpoint, or a group of them, won or lost every comparison with the others: no finite rating fits."
    ),
    gettext_noop("This is the baseline the others are compared with."),
    gettext_noop("The others have no majority on anything that this person labeled."),
    gettext_noop("There are labels of too few prompts to tell."),
    gettext_noop("Every label agrees with the majority of the others, or none does."),
    gettext_noop("No response was chosen over another."),
    gettext_noop("No response was chosen over one of another length."),
    gettext_noop("No three responses were compared in separate pairs."),
    gettext_noop("Nobody measured how long it took."),
    gettext_noop("No task with a known answer was done."),
    gettext_noop("Nobody else compared the same two endpoints."),
    gettext_noop("Every comparison was a tie."),
    gettext_noop("All wins go one way: with ties as an outcome of their own, no finite rating fits."),
    gettext_noop("The difference in length is always the same, so its part in winning cannot be told."),
    gettext_noop("All were won or lost, or the difference in length tells every win from every loss: no rate fits."),
    gettext_noop("The responses that were compared never differ in this."),
    gettext_noop("The two have labels on no prompt in common."),
    gettext_noop("The two were never compared with one another."),
    gettext_noop("There are too few labels, or they vary too little, to foresee what more of them would bring."),
    gettext_noop("Not within ten times the present labels."),
    gettext_noop("All labels were imported: when they were given, and what was shown first, is not known."),
    gettext_noop("All labels have the same time."),
    gettext_noop("All seats are filled."),
    gettext_noop("A week of labels is needed to foresee the end."),
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


def flag_titles(questions: Iterable[Question]) -> dict[str, str]:
    """What flags of responses are called."""
    return {
        flag: gettext(label)
        for question in questions
        if question.kind == "flags"
        for flag, label in question.options["flags"].items()
    }


def score_name(score: str, titles: Mapping[str, str] = MappingProxyType({})) -> str:
    """Of a score, or of one scale or flag of several: `likert.helpfulness`. titles: what those are called."""
    kind, _dot, one = score.partition(".")
    return f"{SCORES[kind]}: {titles.get(one) or gettext(one)}" if one else str(SCORES[kind])


def part_name(by: str, part: str) -> str:
    """What a part of the prompts is called."""
    if not part:
        return gettext("not known")
    return str(UseCase(part).label) if by == "use_case" else part


def values_of(of_pairs: bool, domain: Sequence[float]) -> list[str]:
    """What the values of a measure are called."""
    if of_pairs:
        return [gettext(OUTCOMES[value]) for value in domain]
    if list(domain) == [0, 1]:
        return [gettext("no"), gettext("yes")]
    return [f"{value:g}" for value in domain]


OUTCOMES = {-1.0: gettext_noop("second better"), 0.0: gettext_noop("tie"), 1.0: gettext_noop("first better")}
