from django.conf import settings
from django.db import models

from evaluation.reports import Report


class AgreementReport(Report):
    majority = models.JSONField(default=dict)  # {question: {label: number of pairs of responses}}


class AgreementFigure(models.Model):
    report = models.ForeignKey(AgreementReport, models.CASCADE, related_name="figures")
    place = models.PositiveIntegerField()  # in the report
    question = models.CharField(max_length=250)
    statistic = models.CharField(max_length=32)
    level = models.CharField(max_length=8)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n_items = models.PositiveIntegerField()
    n_annotators = models.PositiveIntegerField()
    n_pairs = models.PositiveBigIntegerField()
    undefined = models.CharField(max_length=200, null=True)  # why there is no value
    first = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["report", "place"], name="agreement_place_once"),
            models.CheckConstraint(
                condition=models.Q(value__isnull=True) ^ models.Q(undefined__isnull=True),
                name="agreement_value_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statistic} of {self.question}"
