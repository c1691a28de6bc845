from django.db import models

from evaluation.reports import Report
from labeling.collection.models import Annotation, AnnotationQuerySet


class ScoreReport(Report):
    content = models.JSONField(default=dict)  # as scores/report.py makes it

    @classmethod
    def labels(cls) -> AnnotationQuerySet:
        """Where a reviewer decided, the decision says what a response is worth."""
        return Annotation.objects.final()
