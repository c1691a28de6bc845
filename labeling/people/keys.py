"""The keys of the labeling screen, as a person likes them."""

import re
from typing import Any

from django.utils.translation import gettext as _

from labeling.errors import Refused
from labeling.people.models import User

DEEDS = re.compile(r"[a-z_]+(\.[a-z0-9_]+)*\Z")
KEY = re.compile(r"((Ctrl|Alt|Shift)\+)*([^\s+]|[A-Z][A-Za-z0-9]{1,14})\Z")
MOST = 100


def change_keys(*, user: User, keys: Any) -> None:
    """Store the keys that differ from the usual ones. Raises Refused for what cannot be a set of keys."""
    is_fine = (
        isinstance(keys, dict)
        and len(keys) <= MOST
        and all(DEEDS.match(deed) and isinstance(key, str) and KEY.match(key) for deed, key in keys.items())
    )
    if not is_fine:
        raise Refused(_("These are no keys."))
    if len(set(keys.values())) < len(keys):
        raise Refused(_("One key cannot do two things."))
    user.keys = keys
    user.save(update_fields=["keys"])
