"""What answers about figures have in common."""

from typing import Any

from rest_framework import serializers


class FigureRow(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True, help_text="Null where it is undefined.")
    low = serializers.FloatField(allow_null=True, help_text="Where its 95 % interval begins; null where it has none.")
    high = serializers.FloatField(allow_null=True, help_text="Where its 95 % interval ends.")
    undefined = serializers.CharField(allow_null=True, help_text="Why there is no value; null where there is one.")


class ComputedAnswer(serializers.Serializer[Any]):
    project = serializers.CharField(help_text="Its slug.")
    computed_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the stored figures were; null before anything was, and of figures computed for this answer.",
    )
    n_annotations = serializers.IntegerField(
        allow_null=True, help_text="How many they were computed from; null before anything was."
    )
    seed = serializers.IntegerField(allow_null=True, help_text="Of the resampling behind the intervals.")


def part() -> serializers.CharField:
    return serializers.CharField(
        allow_null=True,
        allow_blank=True,
        help_text="Which use case, language, kind of constraint, endpoint or week (its Monday) it is about; empty "
        "where that is not known of the prompts, null of everything together.",
    )
