from django.db import models

from labeling.projects.models import Project


class Tally(models.Model):
    """What was labeled in a project up to an annotation. Annotations are only ever added, so it stays right."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="+")
    last_annotation = models.BigIntegerField()
    zone = models.CharField(max_length=64)  # in which its days begin
    rows = models.JSONField()  # as progress/count.py counts them

    def __str__(self) -> str:
        return f"{self.project} up to annotation {self.last_annotation}"
