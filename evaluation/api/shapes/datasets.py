"""Data sets, as programs are told of them."""

from typing import Any

from rest_framework import serializers

from evaluation.datasets.models import SnapshotState
from labeling.api.serializers import PageAnswer


class SnapshotRow(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="*")
    state = serializers.ChoiceField(choices=SnapshotState.choices)
    percent = serializers.IntegerField(help_text="How much of it is written.")
    error = serializers.CharField(allow_blank=True)
    recipe = serializers.DictField(help_text="How labels became rows.")
    rows = serializers.DictField(child=serializers.IntegerField(), help_text="By split, how many there are.")
    digest = serializers.CharField(allow_blank=True, help_text="The same data set has the same.")
    size = serializers.IntegerField(allow_null=True, help_text="Bytes of the archive.")
    created_at = serializers.DateTimeField()


class DatasetsAnswer(PageAnswer):
    results = SnapshotRow(many=True)
