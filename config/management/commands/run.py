import fcntl
import os
import signal
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.demo.create_demo import create_demo, has_room, sign_ins
from config.embedded.holding import ensure, hold, is_kept
from config.embedded.processes import die_with_parent
from config.embedded.services import Service
from config.supervisor import Part, Steps, free_port, parts, stop_all, stoppable

LOOK = 0.5
"""Seconds between looks at the processes."""

PATIENCE = 60.0
"""Seconds until the first page must be there."""

NOT_SERVED = ("rest_framework",)
"""Static files of packages that only their own pages would use, and these are off."""


class Command(BaseCommand):
    help = "Start Concord: its services, web server, workers and beat. Ctrl-C stops all of it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="do not make the demo project")
        parser.add_argument("--tied", action="store_true", help="stop when the process that started this one ends")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["tied"]:
            die_with_parent(signal.SIGTERM, os.getppid())
        settings.FOLDERS.make()
        with ExitStack() as stack:
            stack.enter_context(stoppable())
            self.refuse_second(stack)
            run(stack, demo=not options["no_demo"])

    def refuse_second(self, stack: ExitStack) -> None:
        lock = stack.enter_context((settings.FOLDERS.locks / "run").open("a+"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"Concord is running already on {settings.FOLDERS.var}.") from None


def run(stack: ExitStack, *, demo: bool) -> None:
    steps = Steps()
    services = []
    for name in settings.EMBEDDED:
        with steps.step(f"Starting {name.capitalize()}"):
            services.append(stack.enter_context(hold(name, settings.FOLDERS)))
    with steps.step("Bringing the database up to date"):
        call_command("migrate", verbosity=0)
    with steps.step("Collecting static files"):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=[*NOT_SERVED])
    if demo and has_room():
        with steps.step("Making the demo project"):
            create_demo()
    host = settings.HOST
    port = settings.PORT or stack.enter_context(free_port(host))
    processes = parts(logs=settings.FOLDERS.log, host=host, port=port, web_processes=settings.WEB_PROCESSES)
    stack.callback(stop_all, processes)
    address = f"http://{'localhost' if host == '127.0.0.1' else host}:{port}"
    with steps.step("Starting web server, workers and beat"):
        for part in processes:
            part.start()
        wait_for_page(processes[0], f"http://{host}:{port}/health/")
    announce(address)
    while True:
        time.sleep(LOOK)
        watch(services, processes)


def wait_for_page(web: Part, url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        web.watch()
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  (our own http address)
                return
        except urllib.error.HTTPError as answered:
            raise CommandError(f"The web server answers with {answered.code}; see {web.log}") from answered
        except OSError:
            time.sleep(0.1)
    raise CommandError(f"The web server did not come up within {PATIENCE:.0f} seconds; see {web.log}")


def watch(services: list[Service], processes: list[Part]) -> None:
    for service in services:
        if not is_kept(service):
            ensure(service)
    for part in processes:
        part.watch()


def announce(address: str) -> None:
    print(f"\nConcord is at {address}\n")
    accounts = sign_ins()
    if accounts:
        width = max(len(account.username) for account in accounts)
        print("Sign in as")
        for account in accounts:
            print(f"  {account.username:<{width}}  {account.password}  {account.does}")
    print(f"\nLogs are in {settings.FOLDERS.log}. Ctrl-C stops Concord.", flush=True)
