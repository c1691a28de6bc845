from django.conf import settings
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import GreaterThan, LessThanOrEqual

from labeling.projects.models import Membership

LONGEST_MESSAGE = 2000


class MessageQuerySet(models.QuerySet["Message"]):
    def unread(self) -> "MessageQuerySet":
        """The first written first, with who wrote each."""
        return self.filter(read_at__isnull=True).select_related("sent_by").order_by("pk")


class Message(models.Model):
    """What a lead wrote to a member. Rows are only ever added; that one was read is noted once."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="messages")
    text = models.TextField()  # plain
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=GreaterThan(Length("text"), 0) & LessThanOrEqual(Length("text"), LONGEST_MESSAGE),
                name="message_length",
            ),
            models.CheckConstraint(
                condition=models.Q(read_at__isnull=True) | models.Q(read_at__gte=models.F("sent_at")),
                name="message_read_once_sent",
            ),
        ]
        indexes = [
            models.Index(fields=["membership", "id"], condition=models.Q(read_at__isnull=True), name="message_unread"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk} to {self.membership_id}"
