"""Making accounts."""

import secrets

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from labeling.errors import Refused
from labeling.people.models import User

PASSWORD_LENGTH = 16
READABLE = "abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ234679"
"""Letters and digits that are not taken for one another."""


def generate_password() -> str:
    return "".join(secrets.choice(READABLE) for _n in range(PASSWORD_LENGTH))


def create_user(*, username: str, password: str | None = None) -> tuple[User, str]:
    """A new user and their password: the one they chose, or one made for them. It is stored nowhere in the clear.

    Raises Refused for a name that is taken, too long, or holds what a user name cannot.
    """
    username = User.normalize_username(username)
    check_username(username)
    password = password or generate_password()
    try:
        with transaction.atomic():
            return User.objects.create_user(username, password=password), password
    except IntegrityError:
        raise Refused(_("The user name “%(name)s” is taken.") % {"name": username}) from None


def check_username(username: str) -> None:
    validator = UnicodeUsernameValidator()
    try:
        validator(username)
    except ValidationError as invalid:
        raise Refused(
            _("“%(name)s” cannot be a user name. %(why)s") % {"name": username, "why": invalid.message}
        ) from None
    longest = User._meta.get_field("username").max_length or 0
    if len(username) > longest:
        raise Refused(_("A user name has at most %(n)d characters.") % {"n": longest})
