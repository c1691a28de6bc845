"""Keys of endpoints, encrypted at rest. They are written and used, and never shown."""

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def fernet() -> MultiFernet:
    """The first of the operator's keys encrypts, every one of them decrypts: so keys can be changed."""
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


def encrypted(key: str) -> str:
    return fernet().encrypt(key.encode()).decode() if key else ""


def decrypted(stored: str) -> str:
    """Raises cryptography.fernet.InvalidToken where none of the operator's keys encrypted it."""
    return fernet().decrypt(stored).decode() if stored else ""
