"""Making accounts."""

import secrets

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from labeling.errors import Refused
from labeling.people.models import User

PASSWORD_LENGTH = 16
READABLE = "abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ234679"
"""Letters and digits that are not taken for one another."""


def generate_password() -> str:
    return "".join(secrets.choice(READABLE) for _n in range(PASSWORD_LENGTH))


def create_user(*, username: str) -> tuple[User, str]:
    """A new user and the password made for them, which is not stored in the clear anywhere."""
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
    password = generate_password()
    return User.objects.create_user(username, password=password), password
