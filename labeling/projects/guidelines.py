"""What annotators are told, version by version."""

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Guideline, GuidelineReading, Project

LONGEST = 100_000


def current_guideline(project: Project, user: User) -> Guideline | None:
    """The last version, with `is_read`; None while there is none."""
    return project.guidelines.filter(pk=project.guideline_id or 0).read_by(user).first()


@transaction.atomic
def write_guidelines(*, project: Project, text: str, by: User | None = None) -> Guideline:
    """A new version, which annotators are shown before they go on. Raises Refused when it says nothing new."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    text = text.replace("\r\n", "\n")
    last = project.guidelines.order_by("-version").first()
    if not text.strip():
        raise Refused(_("Write the guidelines first."))
    if last is not None and last.text == text:
        raise Refused(_("The guidelines say just this already."))
    made = Guideline.objects.create(project=project, version=last.version + 1 if last else 1, text=text, created_by=by)
    Project.objects.filter(pk=project.pk).update(guideline=made)
    record("guidelines.written", actor=by, project_id=project.pk, version=made.version)
    return made


def acknowledge(*, guideline: Guideline, user: User) -> None:
    GuidelineReading.objects.get_or_create(guideline=guideline, user=user)
