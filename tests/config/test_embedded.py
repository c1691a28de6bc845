"""The keepers: a service runs while somebody uses it, whoever dies, and loses nothing."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import folders as folders_module
from config.embedded.folders import LONGEST_SOCKET_NAME, LONGEST_SOCKET_PATH, Folders
from config.embedded.holding import hold, hold_all, is_kept
from config.embedded.services import DATABASE, DATABASE_USER, Postgres, ServiceFailed, Valkey
from tests import waiting
from tests.embedded import ROOT

HOLD = """
import sys, time
from pathlib import Path
from config.embedded.folders import Folders
from config.embedded.holding import hold_all
with hold_all(["postgres", "valkey"], Folders(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(600)
"""

wait_until = partial(waiting.wait_until, patience=30.0)


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Folders]:
    made = Folders(tmp_path / "var")
    made.make()
    yield made
    wait_until(lambda: not processes_of(made), "no process is left")


def processes_of(folders: Folders) -> dict[int, str]:
    """Everything that runs for these folders, by pid."""
    marks = (str(folders.var), str(folders.sockets))
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z" and int(entry.name) != os.getpid() and any(mark in line for mark in marks):
            found[int(entry.name)] = line
    return found


def connect(folders: Folders) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(host=str(folders.sockets), user=DATABASE_USER, dbname=DATABASE, autocommit=True)


def holder(folders: Folders) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folders.var)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_both_run_while_they_are_held_and_stop_afterwards(folders: Folders) -> None:
    with hold_all(["postgres", "valkey"], folders):
        with connect(folders) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        queue = redis.Redis(unix_socket_path=str(Valkey(folders).socket))
        queue.set("kept", 1)
    wait_until(lambda: not processes_of(folders), "everything has stopped")
    with hold_all(["postgres", "valkey"], folders):
        with connect(folders) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert redis.Redis(unix_socket_path=str(Valkey(folders).socket)).get("kept") == b"1"


def test_they_run_until_the_last_one_leaves(folders: Folders) -> None:
    first, second = holder(folders), holder(folders)
    first.terminate()
    first.wait()
    with connect(folders) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    second.terminate()
    second.wait()
    wait_until(lambda: not processes_of(folders), "everything has stopped")


def test_a_killed_holder_leaves_nothing_behind(folders: Folders) -> None:
    process = holder(folders)
    process.kill()
    process.wait()
    wait_until(lambda: not processes_of(folders), "everything has stopped")


def test_a_killed_keeper_takes_its_server_along_and_the_next_start_recovers(folders: Folders) -> None:
    with hold("postgres", folders):
        with connect(folders) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        (keeper,) = [pid for pid, line in processes_of(folders).items() if "keeper postgres" in line]
        os.kill(keeper, signal.SIGKILL)
        wait_until(lambda: not processes_of(folders), "the server has gone")
    with hold("postgres", folders), connect(folders) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_killed_server_is_started_again_with_everything_in_it(folders: Folders) -> None:
    with hold_all(["postgres", "valkey"], folders):
        with connect(folders) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        queue = redis.Redis(unix_socket_path=str(Valkey(folders).socket))
        queue.rpush("jobs", *range(200))
        time.sleep(1.1)  # append-only, written out every second
        servers = [
            pid for pid, line in processes_of(folders).items() if "postgres -D" in line or "valkey-server" in line
        ]
        assert len(servers) == 2
        for pid in servers:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: Postgres(folders).ready() and Valkey(folders).ready(), "both answer again")
        with connect(folders) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
        assert redis.Redis(unix_socket_path=str(Valkey(folders).socket)).llen("jobs") == 200


def test_a_stale_pid_file_does_not_deceive(folders: Folders) -> None:
    """The number in it may be anybody's by now: here it is that of this very process."""
    with hold("postgres", folders):
        pass
    wait_until(lambda: not is_kept(Postgres(folders)), "the keeper has gone")
    (Postgres(folders).data / "postmaster.pid").write_text(f"{os.getpid()}\n{Postgres(folders).data}\n")
    with hold("postgres", folders), connect(folders) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_half_a_cluster_is_made_anew(folders: Folders) -> None:
    half = folders.var / "postgres.half"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    with hold("postgres", folders), connect(folders) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_cluster_of_another_version_is_left_alone_and_named(folders: Folders) -> None:
    data = Postgres(folders).data
    data.mkdir()
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServiceFailed, match="was made by PostgreSQL 9"), hold("postgres", folders):
        pytest.fail("it came up")


def test_ten_at_once_start_one_server(folders: Folders) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", HOLD, str(folders.var)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _n in range(10)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
    servers = [line for line in processes_of(folders).values() if "postgres -D" in line]
    assert len(servers) == 1
    for process in processes:
        process.kill()
        process.wait()


def test_a_long_path_gets_its_sockets_elsewhere(tmp_path: Path) -> None:
    deep = Folders(tmp_path / ("x" * 100) / "var")
    deep.make()
    try:
        assert len(os.fsencode(deep.sockets / LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_PATH
        assert deep.sockets.stat().st_mode & 0o777 == 0o700
        with hold("valkey", deep) as service:
            assert service.ready()
        wait_until(lambda: not processes_of(deep), "everything has stopped")
    finally:
        for left in deep.sockets.iterdir():
            left.unlink()
        deep.sockets.rmdir()


def test_a_folder_that_others_can_enter_is_no_place_for_sockets(tmp_path: Path) -> None:
    open_to_all = Folders(tmp_path / "var")
    open_to_all.make()
    open_to_all.sockets.chmod(0o755)
    with pytest.raises(PermissionError, match="is not private"):
        open_to_all.make()


def test_the_folder_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONCORD_VAR", str(tmp_path))
    assert folders_module.from_environment().var == tmp_path
    monkeypatch.delenv("CONCORD_VAR")
    assert folders_module.from_environment().var == ROOT / "var"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a server to nobody")
def test_root_without_user_namespaces_runs_it_as_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `unshare` is refused, the server runs as nobody, or it is said what nobody cannot enter."""
    closed = tmp_path / "bin"
    closed.mkdir()
    (closed / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (closed / "unshare").chmod(0o755)
    monkeypatch.setenv("PATH", f"{closed}:{os.environ['PATH']}")
    folders = Folders(tmp_path / "var")
    with pytest.raises(ServiceFailed, match="runs as 'nobody'"), hold("postgres", folders):
        pytest.fail("nobody entered a folder of root's")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a server to nobody")
def test_nobody_can_run_it_where_nobody_may_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binaries = Postgres(Folders(tmp_path)).binaries
    if not all(folder.stat().st_mode & 0o001 for folder in binaries.parents):
        pytest.skip("nobody cannot enter this checkout")
    closed = tmp_path / "bin"
    closed.mkdir()
    (closed / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (closed / "unshare").chmod(0o755)
    monkeypatch.setenv("PATH", f"{closed}:{os.environ['PATH']}")
    open_folder = Path(tempfile.mkdtemp(prefix="concord-test-"))
    open_folder.chmod(0o755)
    folders = Folders(open_folder / "var")
    try:
        with hold("postgres", folders), connect(folders) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert Postgres(folders).data.owner() == "nobody"
        wait_until(lambda: not processes_of(folders), "everything has stopped")
        with hold("postgres", folders):
            assert Postgres(folders).ready()
        wait_until(lambda: not processes_of(folders), "everything has stopped")
    finally:
        shutil.rmtree(open_folder)
