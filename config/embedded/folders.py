"""Where the embedded services keep their files, and how to name a socket that fits."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LONGEST_SOCKET_PATH = 107
"""Bytes in `sockaddr_un.sun_path`, less the closing NUL (unix(7))."""

LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"


@dataclass(frozen=True)
class Folders:
    """The layout of one `var/`."""

    var: Path

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def models(self) -> Path:
        return self.var / "models"

    @property
    def locks(self) -> Path:
        return self.var / "locks"

    @cached_property
    def sockets(self) -> Path:
        """`var/run`, or a short private folder elsewhere when sockets in it would not fit."""
        near = self.var / "run"
        if len(os.fsencode(near / LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return near
        digest = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"concord-{os.geteuid()}-{digest}"

    def make(self) -> None:
        for folder in (self.var, self.log, self.models, self.locks):
            folder.mkdir(parents=True, exist_ok=True)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        found = self.sockets.lstat()
        if (os.geteuid() != 0 and found.st_uid != os.geteuid()) or found.st_mode & 0o077:
            raise PermissionError(f"{self.sockets} is not private to this user; remove it, or set another CONCORD_VAR.")


def from_environment() -> Folders:
    """`CONCORD_VAR`, or `var/` beside manage.py."""
    default = Path(__file__).resolve().parents[2] / "var"
    return Folders(Path(os.environ.get("CONCORD_VAR") or default).resolve())
