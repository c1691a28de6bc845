"""The forecast in plain words."""

from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from evaluation.enough.answer import HOUR, Needed, Stored
from evaluation.enough.units import about, rounded, written
from evaluation.wording import STATISTICS, score_name

IN_SENTENCES = {
    "agreement_without_ties": gettext_lazy("the agreement, ties left out,"),
    "krippendorff_alpha": gettext_lazy("Krippendorff's α"),
    "bradley_terry": gettext_lazy("the rating of %(endpoint)s"),
    "win_rate_adjusted": gettext_lazy("the win rate of %(endpoint)s"),
    "likert": gettext_lazy("the mean rating of %(endpoint)s"),
}
FEWEST_HOURS, WHOLE_HOURS = 1.5, 10
MANY_A_DAY = 10


def what(figure: str, endpoint: str) -> str:
    """Inside a sentence: the rating of sft."""
    kind, _dot, scale = figure.partition(".")
    said = IN_SENTENCES[kind] % {"endpoint": endpoint}
    return f"{said} ({_(scale)})" if scale else said


def title(figure: str) -> str:
    return str(STATISTICS[figure]) if figure in STATISTICS else score_name(figure)


def of_width(figure: Stored, endpoint: str, target: float, needed: Needed) -> str:
    kind = figure["figure"]
    said = {
        "what": what(kind, endpoint),
        "now": written(figure["half_widths"][0], kind),
        "target": written(target, kind),
        "more": about(needed.more),
    }
    if not needed.more:
        return _("At ± %(now)s the interval of %(what)s is narrow enough already.") % said
    return _("About %(more)s more labels would bring %(what)s from ± %(now)s to ± %(target)s.") % said


def of_power(pair: Stored, first: str, second: str, power: float, needed: Needed | None) -> str:
    kind = pair["figure"]
    said = {"first": first, "second": second, "power": f"{100 * power:.0f} %"}
    if pair["apart"]:
        return _("They are told apart already: %(what)s is %(by)s points above that of %(second)s.") % {
            "what": what(kind, first),
            "by": written(pair["value"], kind).removesuffix(" %"),
            "second": second,
        }
    if needed is None:
        return _("%(first)s and %(second)s: not within ten times the present labels (power %(power)s).") % said
    return _("%(first)s and %(second)s would be told apart with about %(more)s more labels (power %(power)s).") % {
        **said,
        "more": about(needed.more),
    }


def of_work(content: Stored, needed: Needed | None) -> str:
    """What the labels cost; nothing where none are needed, or nobody measured."""
    if needed is None or not needed.more or needed.hours is None or needed.days is None:
        return ""
    return _(
        "That is some %(hours)s of work at %(seconds)s s a label, or %(days)s at %(per_day)s labels a day, as in the "
        "last week with any."
    ) % {
        "hours": hours(needed.hours),
        "seconds": rounded(content["seconds"], 0),
        "days": ngettext("%(n)s day", "%(n)s days", ceil(needed.days)) % {"n": about(ceil(needed.days))},
        "per_day": rounded(content["per_day"], 0 if content["per_day"] >= MANY_A_DAY else 1),
    }


def hours(of_work: float) -> str:
    if of_work < FEWEST_HOURS:
        minutes = max(1, round(of_work * HOUR / 60))
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    return _("%(n)s hours") % {"n": rounded(of_work, 1) if of_work < WHOLE_HOURS else about(round(of_work))}
