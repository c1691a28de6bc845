"""For what other processes do, in their own time."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 90.0


def wait_until(
    happened: Callable[[], Any], what: str | Callable[[], str], patience: float = PATIENCE, pause: float = 0.05
) -> Any:
    """What `happened` returns when it first is true. A callable `what` is asked only when that was in vain."""
    deadline = time.monotonic() + patience
    while not (result := happened()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what() if callable(what) else what}")
        time.sleep(pause)
    return result
