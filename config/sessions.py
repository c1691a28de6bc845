"""Sessions in the database, as Django has them, read by a statement written out: every request reads one."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

READ = "SELECT * FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> AbstractBaseSession | None:
        session = next(iter(self.model.objects.raw(READ, [self.session_key, timezone.now()])), None)
        if session is None:
            self._session_key = None
        return session
