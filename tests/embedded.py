"""A pytest plugin, loaded before Django: the tests' own PostgreSQL and Valkey, under var/test.

DATABASE_URL and CELERY_BROKER_URL are honoured, as everywhere. Every process of pytest-xdist gets a database of its
own from pytest-django, and a broker of its own here.
"""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "test"
MODELS = ROOT / "var" / "models"

os.environ["CONCORD_VAR"] = str(VAR)
os.environ["HF_HUB_OFFLINE"] = "1"  # no test needs a model hub, and none waits for one
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread of the tests

stack = pytest.StashKey[ExitStack]()


def broker_number() -> int:
    """Of Valkey's 16 databases: 0 for who starts the tests, then one for each process of pytest-xdist."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1


OWN_BROKER = f"redis+socket://{VAR / 'run' / 'valkey.sock'}?virtual_host="
if os.environ.get("CELERY_BROKER_URL", OWN_BROKER).startswith(OWN_BROKER):
    os.environ["CELERY_BROKER_URL"] = f"{OWN_BROKER}{broker_number()}"


def pytest_configure(config: pytest.Config) -> None:
    from config.embedded.folders import Folders
    from config.embedded.holding import hold

    folders = Folders(VAR)
    folders.make()
    for model in MODELS.glob("*"):
        link = folders.models / model.name
        if model.is_dir() and not link.exists():
            link.symlink_to(model)
    held = config.stash[stack] = ExitStack()
    if not os.environ.get("DATABASE_URL"):
        held.enter_context(hold("postgres", folders))
    if os.environ["CELERY_BROKER_URL"].startswith(OWN_BROKER):
        held.enter_context(hold("valkey", folders))


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[stack].close()
