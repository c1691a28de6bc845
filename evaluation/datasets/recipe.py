"""How labels become rows of a data set: what its maker chose, stored and written down with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation.datasets.formats import FORMATS
from evaluation.datasets.formats.base import Files
from labeling.errors import Refused

Choices = Mapping[str, str | Promise]

COMBINE: Choices = {
    "majority": gettext_lazy("by majority, pair by pair"),
    "ranked_pairs": gettext_lazy("by one ranking of each task (ranked pairs)"),
    "annotator": gettext_lazy("each annotator's by themselves"),
}
PAIRS: Choices = {
    "all": gettext_lazy("all pairs of a task"),
    "adjacent": gettext_lazy("pairs that are next to each other in the ranking"),
    "best_worst": gettext_lazy("the best against the worst"),
}
TIES: Choices = {
    "drop": gettext_lazy("left out"),
    "both": gettext_lazy("written in both orders, which counts as 0.5"),
    "margin": gettext_lazy("written once, with a margin of 0"),
}
MARGINS: Choices = {
    "": gettext_lazy("none"),
    "strength": gettext_lazy("how strongly one was preferred"),
    "score": gettext_lazy("the difference of the mean ratings"),
}
FLAGS_BY: Choices = {
    "majority": gettext_lazy("when most annotators raise it"),
    "dawid_skene": gettext_lazy("when it is probably right (Dawid–Skene)"),
}
TEXTS: Choices = {
    "demonstrations": gettext_lazy("demonstrations"),
    "refinements": gettext_lazy("edited responses"),
    "top_ranked": gettext_lazy("the response that is ranked best"),
}
"""What answers to learn from are."""

DESIRABLE: Choices = {
    "ranking": gettext_lazy("best of its task; undesirable is the worst"),
    "rating": gettext_lazy("rated above the middle of the scale; undesirable below"),
}

MOST_ANNOTATORS = 100
GREATEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class Recipe:
    """The same recipe makes the same bytes of the same labels."""

    format: str = "trl-preference"
    file_format: Files = "parquet"
    combine: str = "majority"
    pairs: str = "all"
    ties: str = "drop"
    margin: str = ""
    scale: str = ""
    """The question whose ratings count as scores; the first where nothing is said."""
    desirable: str = "ranking"
    texts: tuple[str, ...] = ("demonstrations", "refinements")
    refinements: bool = True
    """Whether an edited response is a pair with what it was."""
    without_flags: tuple[str, ...] = ()
    """Responses that have one of these are never an answer to learn from."""
    flags_by: str = "majority"
    min_annotators: int = 1
    min_agreement: float = 0.0
    """Share of the annotators of a pair who must say the outcome."""
    decided_only: bool = False
    gold: bool = False
    surplus: bool = False
    paused: bool = True
    """Labels of annotators who are paused or removed."""
    evaluation: bool = False
    """Labels for evaluations only, of certain tasks and of held-out annotators; their prompts are in the test split."""
    by_use_case: bool = False
    """A configuration of its own for each use case."""
    validation: float = 0.1
    test: float = 0.1
    license: str = "unknown"
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @property
    def shares(self) -> dict[str, float]:
        return {"train": 1 - self.validation - self.test, "validation": self.validation, "test": self.test}


CHOICES: Mapping[str, Choices | Mapping[str, Any]] = {
    "format": FORMATS,
    "combine": COMBINE,
    "pairs": PAIRS,
    "ties": TIES,
    "margin": MARGINS,
    "desirable": DESIRABLE,
    "flags_by": FLAGS_BY,
}
DEFAULTS = {field.name: field.default for field in fields(Recipe)}


def recipe_of(stated: Mapping[str, Any]) -> Recipe:
    """From JSON, or from what a form or a command was told; what is not stated is as usual. Raises Refused."""
    if unknown := sorted(stated.keys() - DEFAULTS.keys()):
        raise Refused(_("There is no setting %(names)s.") % {"names": ", ".join(map(str, unknown))})
    recipe = Recipe(**{name: like(DEFAULTS[name], name, value) for name, value in stated.items()})
    for name, known in CHOICES.items():
        refuse_unknown(name, getattr(recipe, name), known)
    for one in recipe.texts:
        refuse_unknown("texts", one, TEXTS)
    rows = FORMATS[recipe.format]
    refuse_unknown("file_format", recipe.file_format, dict.fromkeys(rows.files))
    ranges = {
        "min_annotators": (1, MOST_ANNOTATORS),
        "min_agreement": (0, 1),
        "seed": (0, GREATEST_SEED),
        "validation": (0, 0.9),
        "test": (0, 0.9),
    }
    for name, (low, high) in ranges.items():
        if not low <= getattr(recipe, name) <= high:
            raise Refused(
                _("“%(name)s” must be between %(low)s and %(high)s.") % {"name": name, "low": low, "high": high}
            )
    if recipe.validation + recipe.test >= 1:
        raise Refused(_("Validation and test leave nothing to train on."))
    if recipe.margin and not rows.has_margin:
        raise Refused(_("%(format)s has no margin.") % {"format": recipe.format})
    if recipe.ties == "margin" and not recipe.margin:
        raise Refused(_("Ties with a margin of 0 need a margin: say what it is for the others."))
    return recipe


def like(usual: Any, name: str, value: Any) -> Any:
    """A value of the kind that the setting is of. Raises Refused."""
    kind = type(usual)
    if kind is tuple and isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if kind is float and isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    if type(value) is not kind:
        raise Refused(_("“%(name)s” cannot be %(value)s.") % {"name": name, "value": repr(value)[:50]})
    return value


def refuse_unknown(name: str, value: str, known: Mapping[str, Any]) -> None:
    if value not in known:
        raise Refused(
            _("“%(name)s” cannot be “%(value)s”; it can be %(known)s.")
            % {"name": name, "value": value, "known": ", ".join(one or "“”" for one in known)}
        )
