"""The Celery application: `celery -A config worker`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

CHAPTERS = [
    "labeling.generation",
    "labeling.assignment",
    "labeling.imports",
    "evaluation.agreement",
    "evaluation.scores",
    "evaluation.enough",
    "evaluation.progress",
    "evaluation.datasets",
]
"""Those with a jobs.py: workers drop the jobs of any other."""

app = Celery("concord")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(CHAPTERS, related_name="jobs")
