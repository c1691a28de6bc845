"""`manage.py run`, which `make run` calls: it comes up, survives, and leaves nothing behind."""

import os
import re
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.product import Product
from tests.waiting import PATIENCE, wait_until


class Visitor:
    """A browser without the looks."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        return str(self.opener.open(self.address + path).read().decode())

    def sign_in(self, username: str, password: str) -> str:
        self.get("/sign-in/")
        (token,) = [cookie.value for cookie in self.cookies if cookie.name == "csrftoken"]
        form = {"username": username, "password": password, "csrfmiddlewaretoken": token}
        return str(self.opener.open(f"{self.address}/sign-in/", urlencode(form).encode()).read().decode())


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("product")


@pytest.fixture
def product(var: Path) -> Iterator[Product]:
    """One folder for all of these tests: each start finds what the last one left."""
    made = Product(var)
    yield made
    made.stop()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Port 8000, taken by somebody else."""
    with socket.socket() as somebody:
        somebody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            somebody.bind(("127.0.0.1", 8000))
            somebody.listen()
        except OSError:
            pass  # somebody else has it indeed
        yield 8000


def test_the_first_start(product: Product, smollm2: str, taken_port: int) -> None:
    said = product.start().said()
    for step in ("Starting Postgres", "Starting Valkey", "Bringing the database up to date", "Making the demo project"):
        assert step in said
    assert not product.address.endswith(f":{taken_port}")
    visitor = Visitor(product.address)
    assert "Demo: helpful answers" in visitor.sign_in("lead", product.password("lead"))
    assert "Annotations submitted" in visitor.get("/p/demo/")
    assert product.manage("agreement", "--project", "demo")["rows"], "a command uses what is running"
    written = re.compile(r"\b[1-9]\d* of 1\d\d\b")

    def has_written() -> object:
        return written.search(visitor.get("/p/demo/responses/"))

    # The model is niced and has what others leave of the cores: it is not asked for all the time, and may take longer.
    wait_until(has_written, "SmolLM2 has written something", patience=2 * PATIENCE, pause=1.0)
    assert product.signal(signal.SIGINT) == 0
    wait_until(product.is_gone, "Ctrl-C leaves nothing behind")
    newcomer = ["add_user", "dora", "--project", "demo", "--role", "annotator"]
    assert product.manage(*newcomer)["password"], "a command alone starts what it needs"
    wait_until(product.is_gone, "and stops it afterwards")


def test_a_second_one_says_so_and_whoever_is_killed_comes_back(product: Product) -> None:
    product.start()
    second = Product(product.folders.var)
    second.output = product.folders.var / "second"
    with pytest.raises(AssertionError, match="Concord is running already"):
        second.start()
    visitor = Visitor(product.address)
    visitor.sign_in("anna", product.password("anna"))
    for mark in ("celery -A config beat", "-n worker@", "-n generator@", "granian", "keeper postgres", "valkey-server"):
        killed = product.pids(mark)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda mark=mark, killed=killed: set(product.pids(mark)) - set(killed), f"{mark} is there again")

    def answers() -> bool:
        try:
            return "Concord" in visitor.get("/p/demo/label/")
        except OSError:
            return False

    wait_until(answers, "the page is there, and anna still signed in")


def test_kill_9_leaves_nothing_behind_and_loses_nothing(product: Product) -> None:
    """Of the product itself, and of make, with which `make run` ends."""
    product.start()
    before = product.manage("scores", "--project", "demo", "--score", "bradley_terry")
    assert before["rows"]
    product.signal(signal.SIGKILL)
    wait_until(product.is_gone, "kill -9 leaves nothing behind")
    product.command = ["make", "run", f"PYTHON={sys.executable}"]
    product.start()
    assert "Making the demo project" not in product.said(), "it is there already"
    assert product.manage("scores", "--project", "demo", "--score", "bradley_terry") == before
    product.signal(signal.SIGKILL)  # of make, which can tell nobody
    wait_until(product.is_gone, "it ended with make")
