import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from config.embedded.processes import spawn, stop
from labeling.people.models import User
from labeling.projects.models import Project
from tests.embedded import ROOT
from tests.in_flight import open_the_door
from tests.tiny_model import build_tiny_model

SHARED = ROOT.parent / "shared" / "data"
"""Public data sets with published figures, where they are at hand."""

CHROMIUM = "/usr/bin/chromium"

FIRST = (
    "test_durability.py",
    "labeling/generation/test_workers.py",
    "test_product.py",
    "browser/test_journey.py",
    "labeling/assignment/test_claim.py",
    "test_migrations.py",
)
"""The slowest files. Begun last, one of them would keep a process busy when the others have no more to do.

Each of two processes begins with as many files as hold three tests: so the first and the third, which keep both cores
busy, are one process's, one after the other.
"""


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MIDDLEWARE = ["tests.in_flight.InFlight", *settings.MIDDLEWARE]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {ROOT / "tests" / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_runtest_setup() -> None:
    open_the_door()


@pytest.fixture
def shared_data() -> Path:
    if not SHARED.exists():
        pytest.skip(f"the public data sets are not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def tiny_model() -> str:
    """The name of a model that answers at once, with nonsense."""
    return build_tiny_model(settings.FOLDERS.models / "tiny")


@pytest.fixture
def smollm2() -> str:
    name = "smollm2-135m-instruct"
    if not (settings.FOLDERS.models / name / "config.json").exists():
        pytest.skip("the demo model is not here: make setup fetches it")
    return name


@pytest.fixture
def sign_in(client: Client) -> Callable[[User], Client]:
    def signed_in(user: User) -> Client:
        client.force_login(user)
        return client

    return signed_in


def at(name: str, project: Project, /, **rows: int | str) -> str:
    """The address of a project's page."""
    return reverse(name, kwargs={"slug": project.slug, **rows})


def database_url() -> str:
    """Of the test database that this process uses, for other processes."""
    chosen = connection.settings_dict
    password = f":{quote(chosen['PASSWORD'], safe='')}" if chosen["PASSWORD"] else ""
    port = f":{chosen['PORT']}" if chosen["PORT"] else ""
    return f"postgresql://{chosen['USER']}{password}@{quote(chosen['HOST'], safe='')}{port}/{chosen['NAME']}"


def process_environment() -> dict[str, str]:
    """What a process needs to work on this test's database and broker."""
    return {"DATABASE_URL": database_url(), "CELERY_BROKER_URL": settings.CELERY_BROKER_URL, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts real Celery workers on the test's database and an empty broker."""
    current_app.control.purge()
    started = []

    def start(**environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", "default,generation,remote"]
        worker = spawn(
            [
                *command,
                "--pool",
                "threads",
                "--concurrency",
                "1",
                "--loglevel",
                "INFO",
                "--without-gossip",
                "--without-mingle",
                "-n",
                f"w{len(started)}.{os.getpid()}",
            ],
            log=tmp_path / "worker.log",
            dies_by=signal.SIGKILL,
            env={**process_environment(), **environment},
        )
        started.append(worker)
        return worker

    yield start
    stop(started, signal.SIGTERM, 10)
    if started:
        sys.stdout.write((tmp_path / "worker.log").read_text())


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": CHROMIUM, "args": [*quiet, "--disable-quic", *as_root]}
