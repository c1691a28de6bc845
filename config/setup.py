"""Prepares a checkout: `python3.11 config/setup.py`. Needs nothing but Python; run again, it does only what is missing.

It makes .venv, installs the pinned requirements, fetches the demo model and compiles the translations.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VAR = Path(os.environ.get("CONCORD_VAR") or ROOT / "var").resolve()
LOG = VAR / "log" / "setup.log"
NEEDED = (3, 11)


class SetupFailed(Exception):
    pass


@contextmanager
def step(what: str) -> Iterator[None]:
    print(f"  {what} …", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" {time.monotonic() - began:.1f} s", flush=True)


def run(*argv: str) -> None:
    """Run a command, its output into the log; on failure raises SetupFailed with the log's end."""
    with LOG.open("a+") as log:
        start = log.tell()
        if subprocess.run(argv, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, check=False).returncode:
            log.seek(start)
            end = "".join(log.readlines()[-15:])
            raise SetupFailed(f"{' '.join(argv)} failed. The end of {LOG}:\n{end}")


def make_venv() -> None:
    if sys.version_info[:2] != NEEDED:
        raise SetupFailed(
            f"Concord needs Python {NEEDED[0]}.{NEEDED[1]}; this is {sys.version.split()[0]}. "
            f"Name another with make PYTHON=/path/to/python3.11 …"
        )
    if not PYTHON.exists():
        with step("Making .venv"):
            run(sys.executable, "-m", "venv", str(VENV))


def install(requirements: str) -> None:
    """Install with pip, unless exactly these files were installed last.

    pip would compile 23,000 files, of which Python imports, and then compiles, a fourth.
    """
    stamp = VENV / f"{requirements}.installed"
    files = [ROOT / name for name in ("requirements.txt", requirements, "constraints.txt")]
    wanted = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    with step(f"Installing {requirements} (some minutes the first time)"):
        run(str(PYTHON), "-m", "pip", "install", "--no-compile", "--disable-pip-version-check", "-r", requirements)
    stamp.write_text(wanted)


def compile_messages() -> None:
    """gettext catalogs to the form that is read at run time, where they are newer than that."""
    for catalog in (ROOT / "locale").glob("*/LC_MESSAGES/*.po"):
        compiled = catalog.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalog.stat().st_mtime:
            with step(f"Compiling {catalog.relative_to(ROOT)}"):
                run(
                    str(VENV / "bin" / "pybabel"),
                    "compile",
                    "--input-file",
                    str(catalog),
                    "--output-file",
                    str(compiled),
                )


def fetch_model() -> None:
    if not (VAR / "models" / "smollm2-135m-instruct" / "config.json").exists():
        with step("Fetching the demo model (93 MB) and converting it"):
            run(str(PYTHON), "manage.py", "fetch_demo_model")


def main(requirements: str = "requirements.txt") -> int:
    LOG.parent.mkdir(parents=True, exist_ok=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what the steps import stays compiled
    try:
        make_venv()
        install(requirements)
        compile_messages()
        fetch_model()
    except (SetupFailed, OSError) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
