"""Agreement and scores as one file, as programs are told it."""

from typing import Any

from rest_framework import serializers


class ReportAnswer(serializers.Serializer[Any]):
    project = serializers.CharField(help_text="Its slug.")
    name = serializers.CharField(help_text="What to call the file.")
    content_type = serializers.CharField()
    content = serializers.CharField(help_text="The whole file, which needs nothing beside it.")
