"""Child processes that cannot outlive the process that started them."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>: the signal a process gets when the thread that forked it ends."""

_libc = ctypes.CDLL(None)


def die_with_parent(by: signal.Signals, parent: int) -> None:
    """Have the kernel send this process `by` when `parent` ends, even by SIGKILL."""
    _libc.prctl(PR_SET_PDEATHSIG, int(by))
    if os.getppid() != parent:
        os.kill(os.getpid(), by)


def spawn(
    argv: Sequence[str],
    *,
    log: Path,
    dies_by: signal.Signals,
    niceness: int = 0,
    env: Mapping[str, str] | None = None,
    user: int | None = None,
    group: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a session of its own, its output appended to `log`, tied to this process."""
    parent = os.getpid()

    def before_exec() -> None:
        os.nice(niceness)
        die_with_parent(dies_by, parent)

    with log.open("ab") as output:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else {**os.environ, **env},
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            start_new_session=True,
            preexec_fn=before_exec,
        )


def stop(processes: Sequence[subprocess.Popen[bytes]], by: signal.Signals, patience: float) -> None:
    """Ask the processes to end, all at once, and make those end that have not after `patience` seconds."""
    deadline = time.monotonic() + patience
    for process in processes:
        if process.poll() is None:
            process.send_signal(by)
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error message."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])
