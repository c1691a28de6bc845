"""What a reader of a paper must know to judge its figures: how they are made, of what, and after whom."""

from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation import wording
from evaluation.paper.blocks import Block, Section, Table, Words, words
from labeling.collection.kinds import KINDS
from labeling.projects.models import Instrument
from labeling.projects.questions import Question

STATISTICS = {
    "krippendorff_alpha": (
        gettext_lazy(
            "1 − observed over expected disagreement, over all labels of units with at least two; labels may be missing"
        ),
        "Krippendorff 2011, Computing Krippendorff's alpha-reliability",
    ),
    "gwet_ac": (
        gettext_lazy(
            "agreement beyond chance, where chance is Σ π(1−π)/(c−1) over the shares π of the c values (AC1); weighted "
            "unless the level is nominal (AC2)"
        ),
        "Gwet 2008, British Journal of Mathematical and Statistical Psychology 61(1)",
    ),
    "fleiss_kappa": (
        gettext_lazy("agreement beyond chance, where chance is by how often all annotators together give each value"),
        "Fleiss 1971, Psychological Bulletin 76(5)",
    ),
    "conger_kappa": (
        gettext_lazy("agreement beyond chance, where chance is by how often each annotator gives each value"),
        "Conger 1980, Psychological Bulletin 88(2)",
    ),
    "brennan_prediger": (
        gettext_lazy("agreement beyond chance, where chance gives every value equally often"),
        "Brennan & Prediger 1981, Educational and Psychological Measurement 41(3)",
    ),
    "cohen_kappa": (
        gettext_lazy(
            "agreement of two annotators beyond chance by their own habits, of more than two the mean over each two; "
            "weighted linearly at the ordinal level, quadratically at the interval level"
        ),
        "Cohen 1960, Educational and Psychological Measurement 20(1); Light 1971, Psychological Bulletin 76(5)",
    ),
    "percent_agreement": (
        gettext_lazy("how often two annotators of a unit agree, a mean over units; chance is left in"),
        "Gwet 2014, Handbook of Inter-Rater Reliability",
    ),
    "agreement_with_ties": (
        gettext_lazy("how often each two annotators of a pair of responses say the same of it, a tie being an outcome"),
        "Zheng et al. 2023, arXiv 2306.05685",
    ),
    "agreement_without_ties": (
        gettext_lazy("the same, where neither of the two says that it is a tie"),
        "Zheng et al. 2023, arXiv 2306.05685; Stiennon et al. 2020, arXiv 2009.01325, appendix C.2",
    ),
    "kendall_tau": (
        gettext_lazy(
            "pairs in the same order less pairs in the other order, over those not tied; a mean over each two "
            "annotators of a task"
        ),
        "Kendall 1945, Biometrika 33(3)",
    ),
    "kendall_w": (
        gettext_lazy("how far the sums of ranks are apart, as a share of the most they could be, corrected for ties"),
        "Kendall & Babington Smith 1939, Annals of Mathematical Statistics 10(3)",
    ),
    "icc": (
        gettext_lazy("ICC(2,1): annotators and responses both drawn from many; over what every annotator rated"),
        "Shrout & Fleiss 1979, Psychological Bulletin 86(2)",
    ),
    "icc_mean": (
        gettext_lazy("ICC(2,k): the same of the mean of all k annotators"),
        "Shrout & Fleiss 1979, Psychological Bulletin 86(2)",
    ),
}
"""By name, what each is, and who says so."""

SCORES = {
    "bradley_terry": (
        gettext_lazy(
            "maximum likelihood of P(a beats b) = 1/(1 + 10^((R_b − R_a)/400)), the mean being 1000; a tie is half a "
            "win for each"
        ),
        "Bradley & Terry 1952, Biometrika 39(3/4); Chiang et al. 2024, arXiv 2403.04132",
    ),
    "bradley_terry_davidson": (
        gettext_lazy("the same scale, with a tie as an outcome that is likelier between equals"),
        "Davidson 1970, Journal of the American Statistical Association 65",
    ),
    "bradley_terry_rao_kupper": (
        gettext_lazy("the same scale, with a tie where the difference lies below a threshold"),
        "Rao & Kupper 1967, Journal of the American Statistical Association 62",
    ),
    "style_controlled": (
        gettext_lazy("Bradley–Terry with differences in length, headings, lists and bold text as covariates"),
        "Li, Angelopoulos & Chiang 2024, Does style matter? (LMSYS)",
    ),
    "win_rate": (
        gettext_lazy("wins over all comparisons with other endpoints"),
        "Stiennon et al. 2020, arXiv 2009.01325",
    ),
    "win_rate_adjusted": (
        gettext_lazy("wins and half the ties over all comparisons with other endpoints"),
        "Stiennon et al. 2020, arXiv 2009.01325",
    ),
    "length_controlled": (
        gettext_lazy("win rate that a logistic regression foresees against a baseline at no difference in length"),
        "Dubois et al. 2024, arXiv 2404.04475",
    ),
    "average_win_rate": (
        gettext_lazy("mean over the other endpoints of the win rate against each"),
        "Dubois et al. 2024, arXiv 2404.04475",
    ),
    "counting": (wording.SCORES_EXPLAINED["counting"], "Ustalov 2024, arXiv 2412.11314"),
    "elo": (
        gettext_lazy("sequential updates with K = 4 from 1000; depends on the order of the comparisons"),
        "Elo 1978, The Rating of Chessplayers; Chiang et al. 2024, arXiv 2403.04132",
    ),
    "likert": (wording.SCORES_EXPLAINED["likert"], "Ouyang et al. 2022, arXiv 2203.02155"),
    "instruction_following": (
        wording.SCORES_EXPLAINED["instruction_following"],
        "Ouyang et al. 2022, arXiv 2203.02155, table 3",
    ),
    "instruction_following_weighted": (
        wording.SCORES_EXPLAINED["instruction_following_weighted"],
        "Ouyang et al. 2022, arXiv 2203.02155, table 3",
    ),
    "error_rate": (
        wording.SCORES_EXPLAINED["error_rate"],
        "Ouyang et al. 2022, arXiv 2203.02155, table 3",
    ),
    "flag_rate": (
        wording.SCORES_EXPLAINED["flag_rate"],
        "Ouyang et al. 2022, arXiv 2203.02155, table 3",
    ),
}


def methods(statistics: Collection[str], scores: Collection[str], instrument: Instrument | None) -> Section:
    """Of the statistics and scores that the paper has."""
    return Section(_("Methods"), [*how_figures_are_made(), *definitions(statistics, scores), *asked(instrument)])


def how_figures_are_made() -> Iterator[Block]:
    yield Words(
        _(
            "A ranking of K responses is K(K−1)/2 outcomes of pairs: the first is better, the second, or neither. "
            "A preference between two responses is one such outcome, whatever its strength."
        )
    )
    yield Words(
        _(
            "Agreement is of the current annotations in the places that count: no earlier revisions, no exam, no task "
            "with a known answer. Scores are of the same; where a reviewer decided a task, of the decision alone."
        )
    )
    yield Words(
        _(
            "Intervals are 95 % percentile intervals over 1,000 resamples of prompts, each with everything said about "
            "it, because labels of one prompt are not independent of one another (Davison & Hinkley 1997, Bootstrap "
            "Methods and their Application). There is none where there is one prompt only, or where more than one in "
            "twenty of the resamples have no value."
        )
    )
    yield Words(
        _("A figure that cannot be had is undefined (–), with the reason under its table; it is never 0 or 1 instead.")
    )


def definitions(statistics: Collection[str], scores: Collection[str]) -> Iterator[Block]:
    of_statistics = [
        [str(wording.STATISTICS[name]), str(definition), str(wording.EXPLAINED[name]), source]
        for name, (definition, source) in STATISTICS.items()
        if name in statistics
    ]
    of_scores = [
        [str(wording.SCORES[name]), str(definition), source]
        for name, (definition, source) in SCORES.items()
        if name in scores
    ]
    if of_statistics:
        head = [_("Statistic"), _("Definition"), _("Reading"), _("Source")]
        yield Table(_("Statistics"), head, [list(map(words, row)) for row in of_statistics])
    if of_scores:
        yield Table(
            _("Scores"), [_("Score"), _("Definition"), _("Source")], [list(map(words, row)) for row in of_scores]
        )


def asked(instrument: Instrument | None) -> Iterator[Block]:
    if instrument is None:
        return
    rows = [
        [
            words(question.shown_title),
            words(str(KINDS[question.kind].label)),
            words(options_of(question)),
            words(_("yes") if question.required else _("no")),
        ]
        for question in instrument.questions
    ]
    head = [_("Question"), _("Kind"), _("Answers"), _("Required")]
    yield Table(_("Questions, version %(version)d") % {"version": instrument.version}, head, rows)


def options_of(question: Question) -> str:
    """What can be answered, where the question says so."""
    options = question.options
    if "low" in options:
        ends = [(options["low"], options.get("low_label")), (options["high"], options.get("high_label"))]
        return " – ".join(f"{value} ({_(label)})" if label else str(value) for value, label in ends)
    return ", ".join(_(label) for label in options.get("flags", {}).values())
