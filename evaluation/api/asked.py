"""What programs may ask of figures."""

from collections.abc import Collection
from math import isfinite
from typing import Any

from rest_framework import serializers

from evaluation.asked import moment
from evaluation.datasets import recipe
from evaluation.datasets.formats import FORMATS as DATASETS
from evaluation.datasets.recipe import Recipe
from evaluation.enough.answer import USUAL_POWER
from evaluation.enough.forms import NARROWEST, WIDEST
from evaluation.paper.formats import FORMATS
from evaluation.reports import SEED
from evaluation.scores.score import SCORES
from evaluation.slices import BY
from evaluation.stats.agreement import STATISTICS
from evaluation.stats.labels import LEVELS
from labeling.api.serializers import Asked
from labeling.errors import Refused
from labeling.prompts.splits import SHARES

MOST_ANNOTATORS = 100
GREATEST_SEED = 2**32 - 1
USUAL_TASKS, MOST_TASKS = 1_000, 10_000
SURELY = 0.999

RESERVED = {"since": "from", "until": "to"}
"""Names that parameters have, and attributes in Python cannot."""


class Finite(serializers.FloatField):
    """A number that JSON can have."""

    def to_internal_value(self, data: Any) -> float:
        value: float = super().to_internal_value(data)
        if not isfinite(value):
            self.fail("invalid")
        return value


def must_be_moment(text: str) -> None:
    try:
        moment(text, ends=True)
    except Refused as refused:
        raise serializers.ValidationError(str(refused)) from None


def seed(of: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        required=False, min_value=0, max_value=GREATEST_SEED, help_text=f"Of {of}; {SEED} unless said."
    )


class ScopeAsked(Asked):
    """Of which labels, in which parts, and by which random draws."""

    by = serializers.ChoiceField(
        required=False, choices=BY, help_text="Also by parts of the prompts, by endpoint, or by week."
    )
    annotators = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        max_length=MOST_ANNOTATORS,
        help_text="Only what this person said, by user name; of several people, given once for each.",
    )
    since = serializers.CharField(
        required=False,
        source="since",
        validators=[must_be_moment],
        help_text="Only what was said on this day or later, or from this moment on.",
    )
    until = serializers.CharField(
        required=False,
        source="until",
        validators=[must_be_moment],
        help_text="Only what was said up to and with this day, or before this moment.",
    )
    seed = seed("the resampling")

    def get_fields(self) -> dict[str, Any]:
        return {RESERVED.get(name, name): field for name, field in super().get_fields().items()}


class AgreementAsked(ScopeAsked):
    question = serializers.CharField(required=False, help_text="Only of this question, or of this flag.")
    statistic = serializers.ChoiceField(required=False, choices=list(STATISTICS), help_text="Only by this statistic.")
    level = serializers.ChoiceField(
        required=False, choices=LEVELS, help_text="At this level of measurement; ordinal for scales, else nominal."
    )


class ScoresAsked(ScopeAsked):
    score = serializers.ChoiceField(required=False, choices=SCORES, help_text="Only this score.")
    question = serializers.CharField(required=False, help_text="Only what answers to this question say.")
    baseline = serializers.CharField(
        required=False, help_text="Win rates against this endpoint, rather than all others."
    )
    anchor = serializers.CharField(
        required=False, help_text="The endpoint whose rating is 1000, rather than the mean of all."
    )


class EnoughAsked(Asked):
    score = serializers.CharField(required=False, help_text="Only this score, or statistic of agreement.")
    width = Finite(
        required=False,
        min_value=NARROWEST,
        max_value=WIDEST,
        help_text="Half the width wanted of an interval, in the figure's own units, such as 0.03 or 20.",
    )
    first = serializers.CharField(required=False, help_text="Only pairs with this endpoint.")
    second = serializers.CharField(required=False, help_text="And with this one.")
    power = Finite(
        required=False,
        min_value=1 - SURELY,
        max_value=SURELY,
        help_text=f"With which probability two endpoints are to be told apart; {USUAL_POWER} unless said.",
    )


class ProgressAsked(Asked):
    seed = seed("the forecast")


class ConsensusAsked(Asked):
    question = serializers.CharField(required=False, help_text="Only of this question, or of this flag.")
    cursor = serializers.RegexField(r"^[^:]+:\d{1,18}$", required=False, help_text="Which page: as `next` has it.")
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_TASKS,
        help_text=f"How many rows at most; {USUAL_TASKS} unless said.",
    )


def one_of(known: Collection[str], told: str) -> serializers.ChoiceField:
    return serializers.ChoiceField(required=False, choices=list(known), help_text=told)


def switch(told: str) -> serializers.BooleanField:
    return serializers.BooleanField(required=False, help_text=told)


def several(told: str, known: Collection[str] | None = None) -> serializers.ListField:
    child = serializers.ChoiceField(choices=list(known)) if known else serializers.CharField()
    return serializers.ListField(required=False, child=child, max_length=MOST_ANNOTATORS, help_text=told)


def share_of(told: str) -> Finite:
    return Finite(required=False, min_value=0, max_value=1, help_text=told)


class RowsAsked(Asked):
    """How labels become rows; the usual way where nothing is said."""

    format = one_of(DATASETS, f"What a row looks like; {Recipe.format} unless said.")
    combine = one_of(recipe.COMBINE, "How the annotators of a task become one outcome.")
    pairs = one_of(recipe.PAIRS, "Which pairs of a task's responses.")
    ties = one_of(recipe.TIES, "What becomes of ties.")
    margin = one_of(["strength", "score"], "Adds a margin: how strongly one was preferred, or a difference of ratings.")
    scale = serializers.CharField(required=False, help_text="The question whose ratings are scores.")
    desirable = one_of(recipe.DESIRABLE, "Which responses are desirable (trl-kto).")
    texts = several("What is an answer to learn from; of several, given once for each.", recipe.TEXTS)
    refinements = switch("An edited response is a pair with what it was.")
    without_flags = several("Leaves out answers with this flag; with one of several, given once for each.")
    flags_by = one_of(recipe.FLAGS_BY, "When a flag counts.")
    min_annotators = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_ANNOTATORS, help_text="Only tasks that so many people labeled."
    )
    min_agreement = share_of("Only outcomes on which this share of the annotators agree.")
    decided_only = switch("Only what a reviewer decided.")
    gold = switch("Labels of tasks with known answers.")
    surplus = switch("Labels that came when a task had enough.")
    paused = switch("Labels of annotators who are paused or removed.")
    evaluation = switch("Labels for evaluations only; their prompts are in the test split.")
    validation = share_of("Of the validation split.")
    test = share_of("Of the test split.")
    seed = seed("the splits")
    split = serializers.ChoiceField(required=False, choices=list(SHARES), help_text="Only the rows of this split.")


class ReportAsked(Asked):
    format = serializers.ChoiceField(required=False, choices=list(FORMATS), help_text="html unless said.")
    names = serializers.BooleanField(
        required=False, help_text="Whether annotators have their user names; they are numbered unless said."
    )
