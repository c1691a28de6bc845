from django.contrib.auth.models import AbstractUser
from django.core.validators import MinValueValidator
from django.db import models


class User(AbstractUser):
    """Somebody who signs in, or an annotator known from an imported file (who then has no usable password)."""

    daily_goal = models.PositiveSmallIntegerField(default=100, validators=[MinValueValidator(1)])  # labels
    keys = models.JSONField(default=dict, blank=True)  # {what it does: key}, where it is not the usual one
