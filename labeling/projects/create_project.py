"""Set up a project."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Instrument, Membership, Project, slug_validator
from labeling.projects.presets import QUESTIONS, Preset
from labeling.projects.questions import Question
from labeling.projects.roles import Role


@transaction.atomic
def create_project(
    *, slug: str, preset: Preset, name: str = "", description: str = "", by: User | None = None
) -> Project:
    """A new project, led by `by`, asking what `preset` asks. Raises Refused for a slug in use or malformed."""
    try:
        slug_validator(slug)
    except ValidationError as invalid:
        raise Refused(
            _("“%(slug)s” cannot be a project's address. %(why)s") % {"slug": slug, "why": invalid.message}
        ) from None
    project, is_new = Project.objects.get_or_create(
        slug=slug, defaults={"name": name or slug, "description": description, "created_by": by}
    )
    if not is_new:
        raise Refused(_("There is already a project at “%(slug)s”.") % {"slug": slug})
    if (questions := QUESTIONS[preset]) is not None:
        add_instrument(project=project, questions=questions)
    if by is not None:
        Membership.objects.create(project=project, user=by, role=Role.LEAD)
    record("project.created", actor=by, project_id=project.pk, slug=slug, preset=preset)
    return project


def add_instrument(*, project: Project, questions: list[Question]) -> Instrument:
    """The next version of what the project asks."""
    last = project.current_instrument()
    return Instrument.objects.create(
        project=project,
        version=last.version + 1 if last else 1,
        stored_questions=[question.to_json() for question in questions],
    )
