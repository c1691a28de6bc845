"""Access tokens: by which programs come in as a person."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.errors import Refused
from labeling.people.models import AccessToken, User

MARK = "concord_"
"""Every secret begins with it, so that scanners of files and logs find one that has leaked."""

RANDOM_BYTES = 32
SHOWN = len(MARK) + 4
"""Characters of a secret that are kept to tell which one it is: they give 24 of its 256 bits away."""

MOST = 20
LONGEST_NAME = AccessToken._meta.get_field("name").max_length or 0
DEFAULT_DAYS, MOST_DAYS = 90, 365
FRESH = timedelta(minutes=1)


@transaction.atomic
def issue(*, user: User, name: str, days: int = DEFAULT_DAYS, by: User | None = None) -> tuple[AccessToken, str]:
    """A new token and its secret, which can be shown this once.

    Raises Refused for who cannot sign in with a password or has MOST valid tokens, and for a token without a name or
    for longer than a year.
    """
    check_wanted(name, days)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not (user.is_active and user.has_usable_password()):
        raise Refused(_("Only who signs in with a password can have access tokens."))
    if user.access_tokens.valid().count() >= MOST:
        raise Refused(_("You have %(n)d access tokens: revoke one that you no longer use.") % {"n": MOST})
    secret = MARK + secrets.token_urlsafe(RANDOM_BYTES)
    token = AccessToken.objects.create(
        user=user,
        name=name,
        digest=digest_of(secret),
        prefix=secret[:SHOWN],
        expires_at=timezone.now() + timedelta(days=days),
    )
    record("token.made", actor=by, project_id=None, token=token.pk, user=user.pk, name=name, days=days)
    return token, secret


def check_wanted(name: str, days: int) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Refused(_("Say what the token is for, in at most %(n)d characters.") % {"n": LONGEST_NAME})
    if not 1 <= days <= MOST_DAYS:
        raise Refused(_("A token is valid for 1 to %(n)d days.") % {"n": MOST_DAYS})


@transaction.atomic
def revoke(*, token: AccessToken, by: User | None = None) -> None:
    """It opens nothing from now on. Once is enough."""
    if AccessToken.objects.kept().filter(pk=token.pk).update(revoked_at=timezone.now()):
        record("token.revoked", actor=by, project_id=None, token=token.pk, user=token.user_id)


def find_token(secret: str) -> AccessToken | None:
    """Whatever its state is, with its user; None for a secret that we did not make."""
    return AccessToken.objects.select_related("user").filter(digest=digest_of(secret)).first()


def note_use(token: AccessToken) -> None:
    """At most once a minute: reading should not cost a write each time."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - FRESH:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - FRESH)
        AccessToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def digest_of(secret: str) -> str:
    """A secret of 256 random bits needs no salt, and no slow hash: nobody can try them out."""
    return hashlib.sha256(secret.encode()).hexdigest()
