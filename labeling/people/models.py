from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone


class User(AbstractUser):
    """Somebody who signs in, or an annotator known from an imported file (who then has no usable password)."""

    daily_goal = models.PositiveSmallIntegerField(default=100, validators=[MinValueValidator(1)])  # labels
    keys = models.JSONField(default=dict, blank=True)  # {what it does: key}, where it is not the usual one


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def kept(self) -> "AccessTokenQuerySet":
        """Without those that were revoked."""
        return self.filter(revoked_at__isnull=True)

    def valid(self) -> "AccessTokenQuerySet":
        return self.kept().filter(expires_at__gt=timezone.now())


class AccessToken(models.Model):
    """What a program shows in the place of a person, whose rights it has. The secret itself is stored nowhere."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=100)  # what it is for, in the person's words
    digest = models.CharField(max_length=64)  # SHA-256 of the secret, in hexadecimal
    prefix = models.CharField(max_length=16)  # how the secret begins, to tell which one it is
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)  # to the minute
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="access_token_digest_once"),
            models.CheckConstraint(
                condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="access_token_digest_is_no_secret"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="access_token_named"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=F("created_at")), name="access_token_expires_after_it_is_made"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()
