"""Texts of models, servers and libraries, as they can be stored."""

LONGEST_TEXT = 100_000
"""Characters of a response that are kept."""

LONGEST_REASON = 200
"""Characters of a library's message that are kept."""


def storable(text: str) -> str:
    """Without what PostgreSQL refuses in text: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def said_by(error: Exception) -> str:
    """The first line of an error, with its kind."""
    return storable(f"{type(error).__name__}: {str(error).strip()}".partition("\n")[0])[:LONGEST_REASON]
