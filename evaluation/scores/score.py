"""Score the endpoints of a project by what people said of their responses."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from evaluation.measures import Measure, Said
from evaluation.reports import SEED
from evaluation.scores.flags import flag_of, verdicts
from evaluation.slices import slices
from evaluation.stats.controlled import length_controlled, style_controlled
from evaluation.stats.intervals import RESAMPLES
from evaluation.stats.preference import (
    Score,
    average_win_rate,
    bradley_terry,
    counting,
    elo,
    mean_ratings,
    win_rates,
)
from evaluation.stats.tie_models import davidson, rao_kupper
from evaluation.texts import COLUMNS, Texts
from labeling.errors import Refused

LENGTH = COLUMNS.index("length")


@dataclass(frozen=True)
class Wanted:
    """How scores are to be computed. baseline, anchor: numbers of endpoints."""

    baseline: int | None = None
    anchor: int | None = None
    seed: int = SEED
    resamples: int = RESAMPLES


OfPairs = Callable[[Measure, int, Texts, Wanted], list[Score]]


def of_win_rates(half_ties: bool) -> OfPairs:
    def compute(pairs: Measure, n: int, _texts: Texts, wanted: Wanted) -> list[Score]:
        return win_rates(
            pairs.comparisons(n),
            baseline=wanted.baseline,
            half_ties=half_ties,
            seed=wanted.seed,
            resamples=wanted.resamples,
        )

    return compute


def of_bradley_terry(pairs: Measure, n: int, _texts: Texts, wanted: Wanted) -> list[Score]:
    return bradley_terry(pairs.comparisons(n), anchor=wanted.anchor, seed=wanted.seed, resamples=wanted.resamples)


def of_lengths(pairs: Measure, n: int, texts: Texts, wanted: Wanted) -> list[Score]:
    """Against the baseline; without one there is nothing to hold lengths against."""
    if wanted.baseline is None:
        return []
    left, right = texts.compared(pairs)
    return length_controlled(
        pairs.comparisons(n),
        left[:, LENGTH],
        right[:, LENGTH],
        baseline=wanted.baseline,
        seed=wanted.seed,
        resamples=wanted.resamples,
    )


def of_styles(pairs: Measure, n: int, texts: Texts, wanted: Wanted) -> list[Score]:
    left, right = texts.compared(pairs)
    found = style_controlled(pairs.comparisons(n), left, right, seed=wanted.seed, resamples=wanted.resamples)
    return found.ratings


OF_PAIRS: dict[str, OfPairs] = {
    "bradley_terry": of_bradley_terry,
    "bradley_terry_davidson": lambda pairs, n, _texts, wanted: (
        davidson(pairs.comparisons(n), seed=wanted.seed, resamples=wanted.resamples).scores
    ),
    "bradley_terry_rao_kupper": lambda pairs, n, _texts, wanted: (
        rao_kupper(pairs.comparisons(n), seed=wanted.seed, resamples=wanted.resamples).scores
    ),
    "style_controlled": of_styles,
    "win_rate": of_win_rates(half_ties=False),
    "win_rate_adjusted": of_win_rates(half_ties=True),
    "length_controlled": of_lengths,
    "average_win_rate": lambda pairs, n, _texts, _wanted: average_win_rate(pairs.comparisons(n)),
    "counting": lambda pairs, n, _texts, _wanted: counting(pairs.comparisons(n)),
    "elo": lambda pairs, n, _texts, _wanted: elo(pairs.comparisons(n)),
}
OF_RESPONSES = ["likert", "instruction_following", "instruction_following_weighted", "error_rate", "flag_rate"]
SCORES = [*OF_PAIRS, *OF_RESPONSES]
SHARES = {"instruction_following", "error_rate", "flag_rate"}
LEAST_IS_BEST = {"error_rate", "flag_rate"}


@dataclass(frozen=True)
class Figure:
    """One score of one endpoint, by its number in Said; of everything, or of a part."""

    score: str
    endpoint: int
    found: Score
    part: str | None = None


def score(
    said: Said,
    texts: Texts,
    wanted: Wanted = Wanted(),
    *,
    only: str | None = None,
    question: str | None = None,
    by: str | None = None,
) -> Iterator[Figure]:
    """Every score of every endpoint, or one kind of score; where one asks by parts, a score's parts follow the whole.

    Where several questions compare responses, the scores are of the first, or of the one asked for.
    """
    for name, measure in scored(said, question):
        if only not in (None, name.partition(".")[0]):
            continue
        for endpoint, found in enumerate(compute(name, measure, said, texts, wanted)):
            yield Figure(name, endpoint, found)
        for part, some in slices(said, measure, by) if by else ():
            for endpoint, found in enumerate(compute(name, some, said, texts, wanted)):
                if found.n:
                    yield Figure(name, endpoint, found, part)


def scored(said: Said, question: str | None = None) -> Iterator[tuple[str, Measure]]:
    """Each score with what it is of."""
    measures = said.named(question)
    pairs = next((measure for measure in measures if measure.of_pairs), None)
    if pairs is not None:
        for name in OF_PAIRS:
            yield name, pairs
    scales = [measure for measure in measures if measure.question.kind == "likert"]
    for scale in scales:
        yield likert_name(scale, scales), scale
    if question is None:
        yield from verdicts(said)
    for measure in measures:
        if measure.question.kind == "flags":
            yield f"flag_rate.{flag_of(measure)}", measure


def compute(name: str, measure: Measure, said: Said, texts: Texts, wanted: Wanted) -> list[Score]:
    n = len(said.endpoints)
    if name in OF_PAIRS:
        return OF_PAIRS[name](measure, n, texts, wanted)
    kind = name.partition(".")[0]
    return mean_ratings(
        *measure.ratings(),
        n,
        is_share=kind in SHARES,
        least_is_best=kind in LEAST_IS_BEST,
        seed=wanted.seed,
        resamples=wanted.resamples,
    )


def likert_name(scale: Measure, scales: list[Measure]) -> str:
    """`likert` where there is one scale, `likert.helpfulness` where there are several."""
    return "likert" if len(scales) == 1 else f"likert.{scale.name}"


def endpoint_number(said: Said, name: str | None) -> int | None:
    """Raises Refused for an endpoint that the project does not have."""
    if name is None:
        return None
    if name not in said.endpoint_names:
        known = ", ".join(said.endpoint_names) or "–"
        raise Refused(_("There is no endpoint “%(name)s”. There are: %(known)s.") % {"name": name, "known": known})
    return said.endpoint_names.index(name)
