from django.db import models

from evaluation.reports import Report


class AgreementReport(Report):
    content = models.JSONField(default=dict)  # as agreement/report.py makes it
