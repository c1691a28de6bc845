from django.db import models

from evaluation.reports import Report
from labeling.collection.models import Annotation, AnnotationQuerySet
from labeling.generation.models import Endpoint


class ScoreReport(Report):
    @classmethod
    def labels(cls) -> AnnotationQuerySet:
        """Where a reviewer decided, the decision says what a response is worth."""
        return Annotation.objects.final()


class ScoreFigure(models.Model):
    report = models.ForeignKey(ScoreReport, models.CASCADE, related_name="figures")
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="+")
    score = models.CharField(max_length=250)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.PositiveIntegerField()
    rank = models.PositiveSmallIntegerField(null=True)
    undefined = models.CharField(max_length=200, null=True)  # why there is no value

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "endpoint", "score"], name="score_once"),
            models.CheckConstraint(
                condition=models.Q(value__isnull=True) ^ models.Q(undefined__isnull=True),
                name="score_value_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score} of {self.endpoint}"
