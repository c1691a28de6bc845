"""The product as a person starts it, in a folder of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from config.embedded.folders import Folders
from tests.config.test_embedded import processes_of
from tests.embedded import MODELS, ROOT
from tests.waiting import PATIENCE, wait_until


class Product:
    def __init__(self, var: Path, *options: str) -> None:
        self.folders = Folders(var)
        self.folders.make()
        self.command = [sys.executable, "manage.py", "run", *options]
        for model in MODELS.glob("[a-z]*"):
            link = self.folders.models / model.name
            if not link.exists():
                link.symlink_to(model)
        hidden = ("DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER")
        self.environment = {name: value for name, value in os.environ.items() if name not in hidden}
        self.environment["CONCORD_VAR"] = str(var)
        self.output = var / "output"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Product":
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self.is_up, lambda: f"it comes up: {self.said()}")
        return self

    def is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said()
        return "Ctrl-C stops Concord" in self.said()

    def said(self) -> str:
        return self.output.read_text()

    @property
    def address(self) -> str:
        found = re.search(r"Concord is at (\S+)", self.said())
        assert found
        return found[1]

    def password(self, username: str) -> str:
        found = re.search(rf"^  {username} +(\S+)", self.said(), re.MULTILINE)
        assert found
        return found[1]

    def pids(self, mark: str) -> list[int]:
        """The processes whose command line holds `mark`."""
        return [pid for pid, line in self.everything().items() if mark in line]

    def everything(self) -> dict[int, str]:
        """All processes of this product: those that its folder names, and the children of its supervisor."""
        found = processes_of(self.folders)
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                environment = (entry / "environ").read_bytes()
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if f"CONCORD_VAR={self.folders.var}\0".encode() in environment and line:
                found[int(entry.name)] = line
        return found

    def manage(self, *argv: str) -> Any:
        """A command with --json, as somebody would give it while the product is up or down."""
        done = subprocess.run(
            [sys.executable, "manage.py", *argv, "--json"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def signal(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def is_gone(self) -> bool:
        return not self.everything()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGINT)
        wait_until(self.is_gone, lambda: f"nothing of it is left: {self.everything()}")
