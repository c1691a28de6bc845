"""kill -9 of web server, broker and database while ten people submit: what was acknowledged is there, once."""

import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from tests.embedded import ROOT
from tests.product import Product
from tests.test_product import Visitor
from tests.waiting import PATIENCE, wait_until

TASKS, CLIENTS = 2000, 10
WEB, BROKER, DATABASE = "granian", "valkey-server", "postgres -D"
KILLS = [*[[WEB]] * 2, *[[BROKER]] * 3, *[[DATABASE]] * 3, [WEB, BROKER, DATABASE]]
SEED = 20261124
ANSWERS = ["A", "B", "tie", "both_bad"]
SLUG = "durable"
AGAIN = 0.1
"""Seconds until a client sends again what was not acknowledged."""

LONGEST_ANSWER = 2
"""Seconds a client waits for an answer: then it sends again, although the first may be under way still."""

SET_UP = f"""
import io, json
from labeling.assignment.make_tasks import make_tasks
from labeling.generation.import_responses import import_responses
from labeling.projects.add_member import add_member
from labeling.projects.create_project import create_project
from labeling.projects.presets import Preset
from labeling.projects.roles import Role
from labeling.prompts.files import ImportFile

project = create_project(slug="{SLUG}", preset=Preset.ARENA)
rows = (
    {{"prompt": f"Prompt {{n}}", "responses": [{{"model": name, "text": f"{{name}} on {{n}}"}} for name in "xy"]}}
    for n in range({TASKS})
)
file = io.BytesIO("\\n".join(map(json.dumps, rows)).encode())
import_responses(project=project, file=ImportFile(file, "responses.jsonl"))
make_tasks(project=project, responses=2, overlap=1, seed=1)
names = [f"annotator{{n}}" for n in range({CLIENTS})]
print(json.dumps({{name: add_member(project=project, username=name, role=Role.ANNOTATOR).password for name in names}}))
"""

READ = """
import json
from labeling.assignment.models import Seat
from labeling.collection.models import Annotation

columns = ("client_id", "seat__holder__username", "seat__task", "answers__preference", "revision", "is_current")
print(json.dumps({
    "annotations": [[str(client_id), *more] for client_id, *more in Annotation.objects.values_list(*columns)],
    "counted": Annotation.objects.counted().count(),
    "seats": list(Seat.objects.values_list("task", flat=True)),
}))
"""


class Desk(NamedTuple):
    """A task, as a page has it."""

    task: int
    client_id: str


class Said(NamedTuple):
    """A submission that was acknowledged."""

    client_id: str
    username: str
    task: int
    answer: str


def desk_in(page: bytes) -> Desk | None:
    task, client_id = re.search(rb'data-task="(\d+)"', page), re.search(rb'name="client_id" value="([^"]+)"', page)
    return Desk(int(task[1]), client_id[1].decode()) if task and client_id else None


def signed_in(address: str, username: str, password: str) -> dict[str, str]:
    visitor = Visitor(address)
    visitor.sign_in(username, password)
    return {cookie.name: str(cookie.value) for cookie in visitor.cookies}


class Progress:
    """How much was acknowledged so far, of all clients together."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.is_over = False
        self.changed = threading.Condition()

    def add(self, said: Said) -> None:
        with self.changed:
            self.said.append(said)
            self.changed.notify_all()

    def end(self) -> None:
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def wait_for(self, n: int) -> None:
        with self.changed:
            self.changed.wait_for(lambda: self.is_over or len(self.said) >= n)
            assert len(self.said) >= n, f"the clients stopped at {len(self.said)} of {TASKS}"


class Client:
    """What the labeling page does: one task on the screen, the next at hand, and an outbox that insists."""

    def __init__(self, address: str, username: str, password: str, progress: Progress) -> None:
        cookies = signed_in(address, username, password)
        self.username = username
        self.progress = progress
        self.base = f"/p/{SLUG}/label/"
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=LONGEST_ANSWER)
        self.headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": cookies["csrftoken"],
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.failures = 0

    def work(self) -> None:
        while desk := self.open():
            shown: Desk | None = desk
            ahead = desk_in(self.insist("POST", f"{desk.task}/ahead/"))
            while shown:
                shown, ahead = ahead, self.submit(shown, ahead)

    def open(self) -> Desk | None:
        """The page anew: None when it says that nothing is left."""
        self.insist("POST", "next/")
        return desk_in(self.insist("GET"))

    def submit(self, desk: Desk, ahead: Desk | None) -> Desk | None:
        """Send the answers until they are acknowledged; the task after the one at hand comes with that."""
        answer = ANSWERS[int(desk.client_id[0], 16) % len(ANSWERS)]
        fields = {"client_id": desk.client_id, "active_ms": "1000", "preference": answer}
        held = str(ahead.task) if ahead else ""
        page = self.insist("POST", f"{desk.task}/submit/", fields, **{"X-Ahead": held})
        self.progress.add(Said(desk.client_id, self.username, desk.task, answer))
        return desk_in(page)

    def insist(self, method: str, address: str = "", fields: dict[str, str] | None = None, **headers: str) -> bytes:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                status, page = self.ask(method, address, fields or {}, headers)
            except (OSError, http.client.HTTPException) as error:
                self.connection.close()
                status, page = 0, str(error).encode()
            if status in (200, 204, 302):
                return page
            # a 4xx is a verdict, and would be sent only once: nothing that was sent here deserves one
            assert status == 0 or status >= 500, f"{method} {address}: {status}"
            assert time.monotonic() < deadline, f"{method} {address} in vain: {status} {page[-500:]!r}"
            self.failures += 1
            time.sleep(AGAIN)

    def ask(self, method: str, address: str, fields: dict[str, str], headers: dict[str, str]) -> tuple[int, bytes]:
        self.connection.request(method, self.base + address, urlencode(fields), {**self.headers, **headers})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


class Killer:
    """Kills by SIGKILL: the web server with all its processes, the broker, the database's postmaster."""

    def __init__(self, product: Product, progress: Progress) -> None:
        self.product = product
        self.progress = progress
        draw = random.Random(SEED)
        step = TASKS // len(KILLS)
        victims = draw.sample(KILLS, len(KILLS))
        self.plan = [(number * step + draw.randrange(step // 2), marks) for number, marks in enumerate(victims)]

    def work(self) -> None:
        """Kill when so much was acknowledged: each one after the product has come back from the one before."""
        for moment, marks in self.plan:
            self.progress.wait_for(moment)
            for mark in marks:
                for pid in wait_until(lambda mark=mark: self.product.pids(mark), f"there is a {mark} to kill"):
                    with suppress(ProcessLookupError):  # a child that ended with its parent just now
                        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    made = Product(tmp_path / "var", "--no-demo")
    yield made
    made.stop()


def shell(product: Product, code: str) -> Any:
    """What `code` prints in a process of its own, which uses the product's services and waits until they answer."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", code],
        cwd=ROOT,
        env=product.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_acknowledged_submission_is_there_once(product: Product) -> None:
    product.start()
    progress = Progress()
    accounts = shell(product, SET_UP).items()
    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        clients = list(pool.map(lambda account: Client(product.address, *account, progress), accounts))
        killing = pool.submit(Killer(product, progress).work)
        working = [pool.submit(client.work) for client in clients]
        wait(working)
        progress.end()
    for done in (*working, killing):
        done.result()
    assert all(client.failures for client in clients), "everybody noticed something"

    found = shell(product, READ)
    assert sorted(found["annotations"]) == sorted([*said, 1, True] for said in progress.said)
    assert len(found["annotations"]) == found["counted"] == TASKS
    assert len(found["seats"]) == len(set(found["seats"])) == TASKS, "no task has a second seat"
