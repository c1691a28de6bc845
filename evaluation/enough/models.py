from django.db import models

from evaluation.reports import Report


class EnoughReport(Report):
    content = models.JSONField(default=dict)  # as enough/report.py makes it
