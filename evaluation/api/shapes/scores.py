"""Scores, as programs are told them."""

from typing import Any

from rest_framework import serializers

from evaluation.api.shapes.figures import ComputedAnswer, FigureRow, part


class WilsonRow(serializers.Serializer[Any]):
    low = serializers.FloatField(allow_null=True, help_text="Null where the score is no share of labels.")
    high = serializers.FloatField(allow_null=True)


class ScoreRow(FigureRow):
    endpoint = serializers.CharField(help_text="Its name.")
    score = serializers.CharField(help_text="`win_rate`, or with its scale as `likert.helpfulness`.")
    part = part()
    n = serializers.IntegerField(help_text="Comparisons or ratings behind it.")
    rank = serializers.IntegerField(allow_null=True, help_text="1 is the best.")
    wilson = WilsonRow(help_text="Wilson's 95 % interval, as if all labels were independent.")
    group = serializers.IntegerField(
        help_text="Scores are comparable within a group of endpoints that were compared, directly or by way of others."
    )


class ScoresAnswer(ComputedAnswer):
    rows = ScoreRow(many=True)


class ScoreParts(serializers.Serializer[Any]):
    use_case = ScoreRow(many=True)
    language = ScoreRow(many=True)
    constraint = ScoreRow(many=True)


class MatrixRow(serializers.Serializer[Any]):
    first = serializers.CharField(help_text="An endpoint.")
    second = serializers.CharField(help_text="Another.")
    won = serializers.IntegerField(help_text="How often the first was preferred.")
    tied = serializers.IntegerField()
    value = serializers.FloatField(help_text="The first one's win rate, a tie being half a win.")
    low = serializers.FloatField(allow_null=True, help_text="Where its 95 % interval begins; null where it has none.")
    high = serializers.FloatField(allow_null=True, help_text="Where its 95 % interval ends.")


class EqualLengthRow(ScoreRow):
    baseline = serializers.CharField(help_text="The endpoint that the others are held against.")


class TimesGiven(serializers.Serializer[Any]):
    endpoint = serializers.CharField(help_text="Its name.")
    counts = serializers.ListField(child=serializers.IntegerField(), help_text="How often each value was given.")


class DistributionRow(serializers.Serializer[Any]):
    question = serializers.CharField()
    domain = serializers.ListField(child=serializers.FloatField(), help_text="The values of the scale.")
    endpoints = TimesGiven(many=True)


class PairedRow(FigureRow):
    score = serializers.CharField(help_text="What differs; `margin` is the share of wins less that of losses.")
    first = serializers.CharField(help_text="An endpoint.")
    second = serializers.CharField(help_text="The one whose value is taken from that of the first.")
    p = serializers.FloatField(allow_null=True, help_text="Of a difference so large, if the two were alike.")
    n = serializers.IntegerField(help_text="The prompts they share.")


class ScoresReportAnswer(ComputedAnswer):
    endpoints = serializers.ListField(child=serializers.CharField(), help_text="Their names.")
    figures = ScoreRow(many=True)
    parts = ScoreParts(help_text="Some scores by parts; empty where there is one part only.")
    matrix = MatrixRow(many=True, help_text="Each endpoint against each that it met.")
    lengths = EqualLengthRow(many=True, help_text="Win rates at equal length, against each of the busiest endpoints.")
    distributions = DistributionRow(many=True)
    paired = PairedRow(many=True, help_text="Each two of the busiest endpoints, on the prompts they share.")
