"""What leads write to members, and that it was read."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.message_models import LONGEST_MESSAGE, Message
from labeling.projects.models import Membership, Status


@transaction.atomic
def write_message(*, membership: Membership, text: str, by: User) -> Message:
    """Raises Refused for a text that is empty or has more than 2,000 characters, and for members who were removed."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused(_("Write the message first."))
    if len(text) > LONGEST_MESSAGE:
        raise Refused(_("A message has %(n)d characters at most.") % {"n": LONGEST_MESSAGE})
    if membership.status == Status.REMOVED:
        raise Refused(_("%(user)s is %(status)s.") % {"user": membership.user, "status": Status.REMOVED.label})
    message = Message.objects.create(membership=membership, text=text, sent_by=by)
    record("message.written", actor=by, project_id=membership.project_id, user=membership.user_id, message=message.pk)
    return message


def mark_read(*, message: Message, user: User) -> bool:
    """Whether it was news: only the member it is for reads it, and only the first time counts."""
    unread = Message.objects.unread().filter(pk=message.pk, membership__user=user)
    return bool(unread.update(read_at=Now()))
