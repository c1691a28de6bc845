"""What Prolific agrees with those who run studies there: what its links carry, and where participants go back to.

https://docs.prolific.com/api-reference/studies/the-study-object
"""

from urllib.parse import urlencode

PARAMETERS = ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")
"""Of the participant, the study, and this visit."""

ID = r"^[A-Za-z0-9_-]{1,64}\Z"


def study_link(address: str) -> str:
    """What a lead pastes into the study: Prolific puts the values in place of their names."""
    return f"{address}?" + "&".join(f"{name}={{{{%{name}%}}}}" for name in PARAMETERS)


def completion_link(code: str) -> str:
    return "https://app.prolific.com/submissions/complete?" + urlencode({"cc": code})
