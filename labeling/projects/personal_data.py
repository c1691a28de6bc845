from django.db import models
from django.utils.translation import gettext_lazy as _


class Treatment(models.TextChoices):
    """What is done with prompts in which personal data is found."""

    NOTHING = "nothing", _("note it, and use them")
    HOLD = "hold", _("hold them until a lead decides")
    MASK = "mask", _("mask it, and use them")
