from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody who signs in, or an annotator known from an imported file (who then has no usable password)."""

    keys = models.JSONField(default=dict, blank=True)  # {what it does: key}, where it is not the usual one
