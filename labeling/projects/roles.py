"""What members of a project may do in it."""

from enum import Enum, auto

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(Enum):
    LABEL = auto()
    REVIEW = auto()
    LEAD = auto()


class Role(models.TextChoices):
    ANNOTATOR = "annotator", _("annotator")
    REVIEWER = "reviewer", _("reviewer")
    LEAD = "lead", _("lead")

    def can(self, action: Action) -> bool:
        return action in ALLOWED[self]


ALLOWED = {
    Role.ANNOTATOR: {Action.LABEL},
    Role.REVIEWER: {Action.LABEL, Action.REVIEW},
    Role.LEAD: {Action.LABEL, Action.REVIEW, Action.LEAD},
}
