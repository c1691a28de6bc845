"""Change how a project gives out its tasks."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.assignment.change_overlap import add_where_split
from labeling.assignment.exam import exam_golds, excuse_who_labeled
from labeling.assignment.queue import arrange
from labeling.audit import record
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.look_into import look_again


@transaction.atomic
def change_settings(*, project: Project, changed: Sequence[str], by: User | None = None) -> None:
    """Store the fields of `project` that were `changed`.

    Another order is given to the seats that are still open; a higher limit of adaptive overlap adds some. An exam is
    for those who come: who has labeled already works on. Raises Refused for an exam without tasks.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if "requires_exam" in changed and project.requires_exam:
        if not exam_golds(project).exists():
            raise Refused(_("The exam has no tasks yet: make gold for it first, on the page of a decided task."))
        excuse_who_labeled(project)
    project.save(update_fields=list(changed))
    if "personal_data" in changed:
        look_again(project)
    if "most_overlap" in changed and project.most_overlap is not None:
        add_where_split(project)
    if {"task_order", "most_overlap"}.intersection(changed):
        arrange(project)
    record(
        "project.changed", actor=by, project_id=project.pk, fields={name: getattr(project, name) for name in changed}
    )
