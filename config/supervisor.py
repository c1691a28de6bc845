"""The processes that `run` starts beside the services: web server, workers and beat, started again when they die."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config.embedded.processes import spawn, stop

FIRST_PORT = 8000
PORTS_TRIED = 100
PATIENCE = 15.0
"""Seconds a process may take to stop."""

LONGEST_PAUSE = 30.0
STEADY = 60.0
"""Seconds after which a process that was started again counts as well."""


class Steps:
    """Says what is being done and how long it took."""

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        print(f"  {what} …", end="", flush=True)
        began = time.monotonic()
        yield
        print(f" {time.monotonic() - began:.1f} s", flush=True)


@contextmanager
def free_port(host: str) -> Iterator[int]:
    """The first port from FIRST_PORT that nobody listens on, or else any free one.

    No other Concord chooses it in the block: several web servers could listen on one port, and share its visitors.
    """
    for port in [*range(FIRST_PORT, FIRST_PORT + PORTS_TRIED), 0]:
        with socket.socket(socket.AF_UNIX) as mark:
            try:
                mark.bind(f"\0concord-port-{port or os.getpid()}")  # a name that is gone with its holder
                found = probed(host, port)
            except OSError:
                continue
            yield found
            return
    raise OSError(f"no free port on {host}")


def probed(host: str, port: int) -> int:
    """The port, or for 0 a free one. Raises OSError if somebody listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        return int(probe.getsockname()[1])


@dataclass
class Part:
    """One process of the product."""

    name: str
    argv: list[str]
    log: Path
    dies_by: signal.Signals
    niceness: int = 0
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0

    def start(self) -> None:
        self.process = spawn(self.argv, log=self.log, dies_by=self.dies_by, niceness=self.niceness, env=self.env)
        self.started = time.monotonic()

    def watch(self) -> None:
        """Start the process again if it died: at once the first time, later if it keeps dying."""
        code = self.process.poll() if self.process else None
        if code is None:
            return
        age = time.monotonic() - self.started
        if age > STEADY:
            self.pause = 0.0
        if age > self.pause:
            print(f"{self.name} ended with {code} (see {self.log}); starting it again", flush=True)
            self.pause = min(LONGEST_PAUSE, 2 * self.pause or 1.0)
            self.start()


def stop_all(parts: Sequence[Part]) -> None:
    stop([part.process for part in parts if part.process], signal.SIGTERM, PATIENCE)


def parts(*, logs: Path, host: str, port: int, web_processes: int) -> list[Part]:
    """Everything that runs beside the services."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "config"]
    worker = [*celery, "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    threads = 4
    granian = [
        *[*python, "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws"],
        *["--workers", str(web_processes), "--blocking-threads", str(threads), "--respawn-failed-workers"],
        *["--workers-kill-timeout", "5", "config.wsgi:application"],
    ]
    return [
        Part(
            "web",
            granian,
            logs / "web.log",
            signal.SIGTERM,
            env={"CONCORD_DB_POOL": str(threads), "CONCORD_WEB_CHILD": "1"},
        ),
        Part(
            "worker",
            [*worker, "-Q", "default", "--pool", "threads", "--concurrency", "2", "-n", "worker@%h"],
            logs / "worker.log",
            signal.SIGKILL,
        ),
        Part(
            "generator",
            [*worker, "-Q", "generation", "--pool", "threads", "--concurrency", "1", "-n", "generator@%h"],
            logs / "generator.log",
            signal.SIGKILL,
            niceness=10,
            env={"OMP_WAIT_POLICY": "PASSIVE"},
        ),
        Part(
            "asker",
            [*worker, "-Q", "remote", "--pool", "threads", "--concurrency", "4", "-n", "asker@%h"],
            logs / "asker.log",
            signal.SIGKILL,
        ),
        Part(
            "beat",
            [*celery, "beat", "--loglevel", "INFO", "--scheduler", "celery.beat:Scheduler", "--pidfile="],
            logs / "beat.log",
            signal.SIGKILL,
        ),
    ]


class Stopped(Exception):
    """A signal asked for the end."""


@contextmanager
def stoppable() -> Iterator[None]:
    """In the block, SIGINT and SIGTERM raise Stopped once; further ones do not disturb the stopping."""

    def raise_stopped(_signal: int, _frame: FrameType | None) -> None:
        for chosen in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(chosen, signal.SIG_IGN)
        raise Stopped

    for chosen in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(chosen, raise_stopped)
    with suppress(Stopped):
        yield
