from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Somebody who signs in, or an annotator known from an imported file (who then has no usable password)."""
