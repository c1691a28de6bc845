from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Brings(TextChoices):
    """What comes of the rows of a file."""

    PROMPTS = "prompts", _("prompts")
    RESPONSES = "responses", _("prompts with responses")
    JUDGMENTS = "judgments", _("judgments")
