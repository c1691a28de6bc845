from typing import Any

from django.contrib.auth.backends import ModelBackend

from labeling.people.models import User

READ = "SELECT * FROM labeling_user WHERE id = %s"


class Backend(ModelBackend):
    """By user name and password; who is signed in is read by a statement written out, as every request reads them."""

    def get_user(self, user_id: Any) -> User | None:
        user = next(iter(User.objects.raw(READ, [user_id])), None)
        return user if user is not None and self.user_can_authenticate(user) else None
