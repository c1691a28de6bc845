from datetime import timedelta

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone

from labeling.projects.models import Project
from labeling.prompts.look_into import JOB, examine, look_into
from labeling.prompts.models import Fingerprint, Prompt

ASLEEP = timedelta(seconds=10)


@shared_task(name=JOB)
def look(project_id: int) -> None:
    examine(project_id=project_id)


@shared_task
def sweep() -> None:
    """Call workers to prompts that nobody looked into. Where one is at it, the second one ends."""
    unseen = Prompt.objects.unseen().filter(project=OuterRef("pk"), created_at__lt=timezone.now() - ASLEEP)
    uncompared = Fingerprint.objects.filter(compared=False, prompt__project=OuterRef("pk"))
    for project in Project.objects.filter(Exists(unseen) | Exists(uncompared)):
        look_into(project)
