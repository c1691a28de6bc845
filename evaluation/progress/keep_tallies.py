"""Keep what was counted, so that the page of a large project need not count it again."""

from datetime import timedelta

from django.db.models import Count, Max
from django.utils import timezone

from evaluation.progress.count import count
from evaluation.progress.models import Tally
from labeling.collection.models import Annotation, Origin
from labeling.projects.models import Project

MOST_UNCOUNTED = 10_000
"""Labels that a page counts by itself."""

SETTLED = timedelta(hours=1)
"""After so long no annotation is still on its way into the table with a smaller id than one that is there."""


def keep_tallies(*, most_uncounted: int = MOST_UNCOUNTED) -> None:
    """Count the labels of each project anew whose tally leaves out more."""
    zone = timezone.get_default_timezone_name()
    known = dict(Tally.objects.filter(zone=zone).values_list("project", "last_annotation"))
    for project in Project.objects.all():
        last = countable(project, known.get(project.pk, 0), most_uncounted)
        if last is not None:
            kept = {"last_annotation": last, "zone": zone, "rows": count(project, zone, until=last)}
            Tally.objects.update_or_create(project=project, defaults=kept)


def countable(project: Project, after: int, most_uncounted: int) -> int | None:
    """The last annotation that can be counted for good, if more came after the one given."""
    labels = Annotation.objects.filter(seat__project=project, origin=Origin.SCREEN, pk__gt=after)
    found = labels.filter(submitted_at__lt=timezone.now() - SETTLED).aggregate(n=Count("pk"), last=Max("pk"))
    return found["last"] if found["n"] > most_uncounted else None
