"""Keeps one embedded server running for as long as anybody uses it.

`python -m config.embedded.keeper postgres VAR`. Every process that uses the server holds a shared lock on
one file; the kernel drops that lock however the process ends. When the keeper gets the lock for itself,
nobody is left, and it stops the server. A newcomer who asks meanwhile waits for the lock and starts afresh.
If the keeper itself is killed, the kernel tells the server to stop.
"""

import fcntl
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO

from config.embedded.folders import Folders
from config.embedded.processes import spawn, stop
from config.embedded.services import Postgres, Service, ServiceFailed, Valkey

SERVICES: dict[str, type[Postgres] | type[Valkey]] = {"postgres": Postgres, "valkey": Valkey}

GLANCE = 0.1
"""Seconds between looks at the lock and at the server."""

PATIENCE = 20.0
"""Seconds a server may take to stop."""

NO_OTHER_KEEPER = 0.5
"""Seconds to try for the keeper's own lock: whoever asks whether there is a keeper holds it for a moment."""


def try_lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_within(file: IO[str], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not try_lock(file, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def users_lock(folders: Folders, name: str) -> Path:
    return folders.locks / f"{name}.users"


def keeper_lock(folders: Folders, name: str) -> Path:
    return folders.locks / f"{name}.keeper"


def keep(service: Service) -> None:
    """Run the server until nobody holds the users' lock; start it again when it dies before that."""
    with (
        keeper_lock(service.folders, service.name).open("a") as own,
        users_lock(service.folders, service.name).open("a") as users,
    ):
        if not lock_within(own, NO_OTHER_KEEPER):
            return
        server = start(service)
        try:
            while not try_lock(users, fcntl.LOCK_EX):
                if server.poll() is not None:
                    print(f"{service.name} ended with {server.returncode}; starting it again", flush=True)
                    time.sleep(GLANCE)
                    server = start(service)
                time.sleep(GLANCE)
        finally:
            stop([server], service.stop_signal, PATIENCE)


def start(service: Service) -> subprocess.Popen[bytes]:
    service.prepare()
    user, group = service.account() or (None, None)
    return spawn(
        service.command(),
        log=service.folders.log / f"{service.name}.log",
        dies_by=service.stop_signal,
        user=user,
        group=group,
    )


def end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main(name: str, var: str) -> int:
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        keep(SERVICES[name](Folders(Path(var))))
    except ServiceFailed as failure:
        print(failure, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
