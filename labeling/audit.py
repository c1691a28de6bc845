"""Who did what, written in the same transaction as the deed."""

from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, models


class AuditEntry(models.Model):
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)  # null: Concord itself
    action = models.CharField(max_length=64)
    project_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["project_id", "id"], name="audit_by_project")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"


def record(action: str, *, actor: AbstractBaseUser | None, project_id: int | None, **detail: Any) -> AuditEntry:
    """Note `action` with its `detail`. Raises RuntimeError outside a transaction, where the two could part."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{action} is recorded outside the transaction that does it")
    return AuditEntry.objects.create(
        actor_id=None if actor is None else int(actor.pk), action=action, project_id=project_id, detail=detail
    )
