"""What a process does to have the embedded services while it runs: hold them, use them, let go."""

import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.embedded.folders import Folders
from config.embedded.keeper import SERVICES, keeper_lock, try_lock, users_lock
from config.embedded.processes import tail
from config.embedded.services import Service, ServiceFailed

PATIENCE = 60.0
"""Seconds until a service that does not answer counts as failed."""

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def hold(name: str, folders: Folders) -> Iterator[Service]:
    """The named service, answering, for as long as the block runs; stopped after the last holder leaves.

    Raises `ServiceFailed` when it does not come up.
    """
    folders.make()
    service = SERVICES[name](folders)
    with users_lock(folders, name).open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        ensure(service)
        yield service


@contextmanager
def hold_all(names: list[str], folders: Folders) -> Iterator[list[Service]]:
    with ExitStack() as stack:
        yield [stack.enter_context(hold(name, folders)) for name in names]


def ensure(service: Service) -> None:
    """Start the keeper if there is none, and wait until the service answers. The caller holds the users' lock."""
    deadline = time.monotonic() + PATIENCE
    keeper: subprocess.Popen[bytes] | None = None
    while True:
        if (keeper is None or keeper.poll() == 0) and not is_kept(service):
            keeper = start_keeper(service)
        if service.ready():
            return
        if keeper is not None and keeper.poll():
            raise failure(service, f"{service.name} could not be started")
        if time.monotonic() > deadline:
            raise failure(service, f"{service.name} did not answer within {PATIENCE:.0f} seconds")
        time.sleep(0.02)


def is_kept(service: Service) -> bool:
    with keeper_lock(service.folders, service.name).open("a") as lock:
        return not try_lock(lock, fcntl.LOCK_EX)


def start_keeper(service: Service) -> subprocess.Popen[bytes]:
    with (service.folders.log / f"{service.name}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "config.embedded.keeper", service.name, str(service.folders.var)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def failure(service: Service, what: str) -> ServiceFailed:
    log = service.folders.log / f"{service.name}.log"
    return ServiceFailed(f"{what}. The end of {log}:\n{tail(log)}")
