"""What programs ask of figures, and are given."""

from typing import Any

from rest_framework import serializers

from evaluation.scores.score import SCORES
from evaluation.stats.agreement import STATISTICS
from labeling.api.serializers import Asked


class AgreementAsked(Asked):
    question = serializers.CharField(required=False, help_text="Only of this question, or of this flag.")
    statistic = serializers.ChoiceField(required=False, choices=list(STATISTICS), help_text="Only by this statistic.")


class ScoresAsked(Asked):
    score = serializers.ChoiceField(required=False, choices=SCORES, help_text="Only this score.")


class FigureRow(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True, help_text="Null where it is undefined.")
    low = serializers.FloatField(allow_null=True, help_text="Where its 95 % interval begins; null where it has none.")
    high = serializers.FloatField(allow_null=True, help_text="Where its 95 % interval ends.")
    undefined = serializers.CharField(allow_null=True, help_text="Why there is no value; null where there is one.")


class AgreementRow(FigureRow):
    question = serializers.CharField(help_text="What was asked: `question`, or `question.flag`.")
    statistic = serializers.CharField(help_text="As the parameter `statistic` names it.")
    level = serializers.CharField(help_text="The level of measurement: nominal, ordinal or interval.")
    n_items = serializers.IntegerField(help_text="Tasks that two people labeled.")
    n_annotators = serializers.IntegerField()
    n_pairs = serializers.IntegerField(help_text="Pairs of labels of the same thing.")
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="The two whom it is about; empty where it is about all."
    )


class ScoreRow(FigureRow):
    endpoint = serializers.CharField(help_text="Its name.")
    score = serializers.CharField(help_text="`win_rate`, or with its scale as `likert.helpfulness`.")
    n = serializers.IntegerField(help_text="Comparisons or ratings behind it.")
    rank = serializers.IntegerField(allow_null=True, help_text="1 is the best.")


class ReportAnswer(serializers.Serializer[Any]):
    project = serializers.CharField(help_text="Its slug.")
    computed_at = serializers.DateTimeField(
        allow_null=True, help_text="Null, and no rows, until anything was computed."
    )
    n_annotations = serializers.IntegerField(allow_null=True, help_text="How many there were then.")
    seed = serializers.IntegerField(allow_null=True, help_text="Of the resampling behind the intervals.")


class Majority(serializers.Serializer[Any]):
    first = serializers.IntegerField(help_text="Pairs of which most people prefer the response of the lower position.")
    second = serializers.IntegerField()
    tie = serializers.IntegerField()
    none = serializers.IntegerField(help_text="No outcome has the most votes.")


class AgreementAnswer(ReportAnswer):
    rows = AgreementRow(many=True)
    majority = serializers.DictField(
        child=Majority(),
        allow_null=True,
        help_text="By question that compares responses: for how many pairs most people said what.",
    )


class ScoresAnswer(ReportAnswer):
    rows = ScoreRow(many=True)
