"""How many labels are enough, as programs are told it."""

from typing import Any

from rest_framework import serializers

from evaluation.api.shapes.figures import ComputedAnswer


class NeededRow(serializers.Serializer[Any]):
    needed = serializers.IntegerField(allow_null=True, help_text="Labels in all; null where it is not told.")
    more = serializers.IntegerField(allow_null=True, help_text="Than there are.")
    hours = serializers.FloatField(allow_null=True, help_text="Of work; null where no active time is known.")
    days = serializers.FloatField(allow_null=True, help_text="At the present pace.")
    undefined = serializers.CharField(allow_null=True, help_text="Why nothing is foreseen.")


class WidthRow(NeededRow):
    score = serializers.CharField(help_text="A score, or a statistic of agreement.")
    endpoint = serializers.CharField(allow_null=True, help_text="Its name; null of agreement.")
    value = serializers.FloatField(allow_null=True, help_text="At present.")
    half_widths = serializers.ListField(
        child=serializers.FloatField(), help_text="Half of its 95 % interval after each of `times` the present labels."
    )


class PowerRow(NeededRow):
    score = serializers.CharField(help_text="By what they differ.")
    first = serializers.CharField(help_text="The endpoint with the higher value.")
    second = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="The difference at present.")
    low = serializers.FloatField(allow_null=True, help_text="Where its 95 % interval begins.")
    high = serializers.FloatField(allow_null=True, help_text="Where it ends.")
    apart = serializers.BooleanField(allow_null=True, help_text="Whether that leaves out 0.")
    powers = serializers.ListField(
        child=serializers.FloatField(), help_text="The chance that it will, after each of `times` the present labels."
    )


class EnoughAnswer(ComputedAnswer):
    labels = serializers.IntegerField(allow_null=True, help_text="How many there were.")
    seconds = serializers.FloatField(allow_null=True, help_text="Mean active time of a label.")
    per_day = serializers.FloatField(allow_null=True, help_text="Labels, in the last days.")
    times = serializers.ListField(child=serializers.IntegerField(), help_text="So many times the present labels.")
    width = serializers.FloatField(allow_null=True, help_text="As asked; null where nobody asked.")
    power = serializers.FloatField(allow_null=True, help_text="As asked.")
    rows = WidthRow(many=True)
    pairs = PowerRow(many=True)
