"""The charts of the data page."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _

from evaluation.charts.axis import Axis
from evaluation.charts.bars import Bar, bars
from evaluation.charts.chart import Chart
from evaluation.charts.histogram import histogram
from evaluation.charts.spreads import Spread, spreads
from evaluation.intake.read import Intake, Named
from labeling.prompts.kinds_of_data import PersonalData
from labeling.prompts.use_cases import UseCase

SIZES = (2, 3, 4, 5, 10, 100)
"""From how many prompts on a family is counted with those of as many."""


def charts(intake: Intake) -> Iterator[Chart]:
    """In pairs of about the same height."""
    if intake.totals.prompts:
        yield use_cases(intake)
        yield languages(intake)
        yield sources(intake)
        yield owners(intake)
        yield lengths(intake)
    if intake.responses:
        yield response_lengths(intake)
        yield responses(intake)
    if intake.families:
        yield families(intake)
    if intake.kinds:
        yield personal_data(intake)


def prompts_axis() -> Axis:
    return Axis(_("Prompts"), digits=0, grouped=True, low=0)


def characters_axis() -> Axis:
    return Axis(_("characters"), digits=0, grouped=True, low=0)


def named_bars(intake: Intake, found: Named, label: Callable[[str], str], others: str, nothing: str) -> list[Bar]:
    """Those with most prompts, then all others together, then the prompts that have none."""
    rows = [Bar(label(name), n, part) for name, n, part in found.names]
    unnamed = intake.totals.prompts - found.named
    more = [Bar(others, found.others, quiet=True)] if found.others else []
    return [*rows, *more, *([Bar(nothing, unnamed, quiet=True)] if unnamed else [])]


def others_of(found: Named) -> str:
    n = found.n_names - len(found.names)
    return ngettext("%(n)d other", "%(n)d others", n) % {"n": n}


def use_cases(intake: Intake) -> Chart:
    found = intake.use_cases
    return bars(
        named_bars(intake, found, lambda name: str(UseCase(name).label), others_of(found), _("not given")),
        name="use-cases",
        title=_("Use cases"),
        description=_("As the files give them."),
        axis=prompts_axis(),
        of=intake.totals.prompts,
    )


def languages(intake: Intake) -> Chart:
    found = intake.languages
    return bars(
        named_bars(intake, found, language_name, others_of(found), _("not known")),
        name="languages",
        title=_("Languages"),
        description=_("As the files give them; where they do not, as detected if that is sure enough."),
        axis=prompts_axis(),
        of=intake.totals.prompts,
        part=_("detected"),
    )


def language_name(code: str) -> str:
    """In the reader's language, or the code where that has no name."""
    try:
        name = Locale.parse(code, sep="-").get_display_name(to_locale(get_language() or settings.LANGUAGE_CODE))
    except (UnknownLocaleError, ValueError):
        return code
    return name or code


def sources(intake: Intake) -> Chart:
    found = intake.sources
    return bars(
        named_bars(intake, found, str, others_of(found), _("not given")),
        name="sources",
        title=_("Sources"),
        description=_("Where the prompts come from, as the files say."),
        axis=prompts_axis(),
        of=intake.totals.prompts,
    )


def owners(intake: Intake) -> Chart:
    found = intake.owners
    return bars(
        named_bars(intake, found, str, others_of(found), _("without an owner")),
        name="owners",
        title=_("Owners"),
        description=_("Who sent the prompts in. Nobody's prompts are in two splits of a data set."),
        axis=prompts_axis(),
        of=intake.totals.prompts,
    )


def lengths(intake: Intake) -> Chart:
    characters, prompts = np.array(intake.lengths, dtype=np.intp).reshape(-1, 2).T
    return histogram(
        np.repeat(characters, prompts),
        name="prompt-lengths",
        title=_("Length of prompts"),
        description=_("Of what the user said last."),
        axis=characters_axis(),
        counts=prompts_axis(),
    )


def families(intake: Intake) -> Chart:
    return bars(
        [Bar(size_label(low, high), n) for low, high, n in by_size(intake.families)],
        name="families",
        title=_("Families"),
        description=_("Prompts that are nearly the same as another, by how many belong together."),
        axis=Axis(_("Families"), digits=0, grouped=True, low=0),
        of=intake.n_families,
    )


def by_size(families: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int | None, int]]:
    """The least and most prompts of families of a class, and how many there are; classes without any are left out."""
    for low, after in zip(SIZES, [*SIZES[1:], None], strict=True):
        n = sum(n for size, n in families if size >= low and (after is None or size < after))
        if n:
            yield low, None if after is None else after - 1, n


def size_label(low: int, high: int | None) -> str:
    if high is None:
        return _("%(n)d prompts and more") % {"n": low}
    return _("%(range)s prompts") % {"range": low if low == high else f"{low}–{high}"}


def personal_data(intake: Intake) -> Chart:
    return bars(
        [Bar(str(PersonalData(kind).label), n, held) for kind, n, held in intake.kinds],
        name="personal-data",
        title=_("Personal data"),
        description=_("Prompts in which something of the kind was found; one prompt may hold several."),
        axis=prompts_axis(),
        of=intake.totals.prompts,
        part=_("held until a lead decides"),
    )


def responses(intake: Intake) -> Chart:
    return bars(
        [Bar(one.endpoint, one.n) for one in intake.responses],
        name="responses",
        title=_("Responses"),
        description=_("Of each endpoint, written or imported."),
        axis=Axis(_("Responses"), digits=0, grouped=True, low=0),
        of=intake.n_responses,
    )


def response_lengths(intake: Intake) -> Chart:
    return spreads(
        [Spread(one.endpoint, one.n, one.lengths) for one in intake.responses],
        name="response-lengths",
        title=_("Length of responses"),
        description=_("The median, the middle half, and all but the shortest and longest 5 %."),
        axis=characters_axis(),
    )
