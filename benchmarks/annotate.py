"""How many annotations a second does one machine take, and how long does an annotator wait for the next task?

Every annotator is a thread that does over real HTTP what the labeling page does: it submits, and gets the task after
the one at hand in the same answer. Beside it, interleaved, the floor: a bare Django view with one SELECT and one INSERT
on the same servers. The InstructGPT preset with four responses, overlap 3.

    .venv/bin/python -m benchmarks.annotate --tasks 100000 --annotators 1 8 32 100
"""

import argparse
import http.client
import os
import re
import shutil
import signal
import statistics
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "bench"
os.environ["CONCORD_VAR"] = str(VAR)
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
for outer in ("DATABASE_URL", "CELERY_BROKER_URL"):
    os.environ.pop(outer, None)

shutil.rmtree(VAR, ignore_errors=True)

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from benchmarks.table import Row, show  # noqa: E402
from config.embedded.holding import hold  # noqa: E402
from config.embedded.processes import spawn, stop  # noqa: E402
from config.supervisor import parts, probed  # noqa: E402
from labeling.generation.models import Endpoint, Provider  # noqa: E402
from labeling.people.models import User  # noqa: E402
from labeling.projects.create_project import create_project  # noqa: E402
from labeling.projects.models import Membership, Project  # noqa: E402
from labeling.projects.presets import Preset  # noqa: E402
from labeling.projects.roles import Role  # noqa: E402

K, OVERLAP, PROMPTS = 4, 3, 10_000
PARAGRAPH = "Some **words** about it, with a list:\n\n- one point\n- another `point`\n\nand so on, for a while. "
CSRF = "a" * 32
TASK = re.compile(rb'data-task="(\d+)"')
PAGE = re.compile(rb'name="client_id" value="([^"]+)"')

FILL = """
INSERT INTO labeling_prompt (project_id, text, characters, language, digest)
    SELECT %(project)s, asked.text, length(asked.text), 'en', n::text
    FROM generate_series(1, {prompts}) AS n, LATERAL (SELECT 'Prompt ' || n || ': tell me about it.' AS text) AS asked;
INSERT INTO labeling_response (prompt_id, endpoint_id, text, characters, digest, finish_reason)
    SELECT prompt.id, endpoint.id, said.text, length(said.text), md5(prompt.id::text || endpoint.id::text), 'stop'
    FROM labeling_prompt AS prompt, labeling_endpoint AS endpoint,
        LATERAL (SELECT 'Response to ' || prompt.id || ' by ' || endpoint.id || E'.\\n\\n' || %(text)s AS text) AS said
    WHERE prompt.project_id = %(project)s AND endpoint.project_id = %(project)s;
INSERT INTO labeling_task (project_id, instrument_id, prompt_id, digest, priority, disagreement)
    SELECT %(project)s, (SELECT id FROM labeling_instrument WHERE project_id = %(project)s), prompt.id,
        'task ' || n, 0, 0
    FROM generate_series(0, %(tasks)s - 1) AS n
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM labeling_prompt
        WHERE project_id = %(project)s) AS prompt ON prompt.number = n %% {prompts};
INSERT INTO labeling_taskresponse (task_id, response_id, position)
    SELECT task.id, response.id, row_number() OVER (PARTITION BY task.id ORDER BY response.id) - 1
    FROM labeling_task AS task JOIN labeling_response AS response ON response.prompt_id = task.prompt_id
    WHERE task.project_id = %(project)s;
INSERT INTO labeling_seat (project_id, task_id, kind, for_evaluation, place)
    SELECT %(project)s, id, 'counted', false, id FROM labeling_task, generate_series(1, {overlap})
    WHERE project_id = %(project)s ORDER BY id;
"""


def make_project(tasks: int) -> Project:
    project = create_project(slug=f"bench-{uuid.uuid4().hex[:8]}", preset=Preset.INSTRUCTGPT)
    for n in range(1, K + 1):
        Endpoint.objects.create(project=project, name=f"model {n}", provider=Provider.FILE)
    with connection.cursor() as cursor:
        statements = FILL.format(overlap=OVERLAP, prompts=min(PROMPTS, tasks)).strip().split(";")
        for statement in filter(None, statements):
            cursor.execute(statement, {"project": project.pk, "tasks": tasks, "text": PARAGRAPH * 6})
    old = connection.get_autocommit()
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.set_autocommit(old)
    return project


def make_annotators(project: Project, n: int) -> list[str]:
    """Session keys of people who are signed in."""
    keys = []
    for _number in range(n):
        user = User.objects.create(username=f"bench-{uuid.uuid4().hex[:12]}", password="!")
        Membership.objects.create(project=project, user=user, role=Role.ANNOTATOR)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        keys.append(session.session_key)
    return keys


class Annotator:
    """What one browser sends."""

    def __init__(self, port: int, project: Project, session: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.base = f"/p/{project.slug}/label/"
        self.headers = {
            "Cookie": f"sessionid={session}; csrftoken={CSRF}",
            "X-CSRFToken": CSRF,
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": "localhost",
        }

    def ask(self, method: str, address: str, fields: dict[str, str] | None = None, **headers: str) -> bytes:
        body = urlencode(fields or {})
        self.connection.request(method, address, body, {**self.headers, **headers})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status not in (200, 302):
            raise RuntimeError(f"{method} {address}: {answer.status}")
        return content

    def begin(self) -> None:
        self.ask("POST", f"{self.base}next/")
        self.desk = desk_of(self.ask("GET", self.base))
        self.ahead = desk_of(self.ask("POST", f"{self.base}{self.desk[0]}/ahead/"))

    def annotate(self) -> None:
        task, client_id = self.desk
        scores = {f"overall.{place}": str(1 + (place + len(task)) % 7) for place in range(K)}
        ranks = {f"ranking.{place}": str(place + 1) for place in range(K)}
        fields = {"client_id": client_id, "active_ms": "9000", **scores, **ranks}
        page = self.ask("POST", f"{self.base}{task}/submit/", fields, **{"X-Ahead": self.ahead[0]})
        self.desk, self.ahead = self.ahead, desk_of(page)


def desk_of(page: bytes) -> tuple[str, str]:
    task, client_id = TASK.search(page), PAGE.search(page)
    if not task or not client_id:
        raise RuntimeError(f"no desk in {page[:200]!r}")
    return task[1].decode(), client_id[1].decode()


class Bare:
    """The floor's client."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def annotate(self) -> None:
        self.connection.request("POST", "/", headers={"Host": "localhost"})
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(str(answer.status))


def drive(clients: list[Any], seconds: float) -> list[float]:
    """The milliseconds that each annotation took, of all clients working side by side."""
    took: list[list[float]] = [[] for _client in clients]
    begin = threading.Barrier(len(clients))
    wrong: list[BaseException] = []

    def work(number: int) -> None:
        begin.wait()
        end = time.perf_counter() + seconds
        try:
            while (start := time.perf_counter()) < end:
                clients[number].annotate()
                took[number].append((time.perf_counter() - start) * 1000)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    return sorted(one for mine in took for one in mine)


def figures(case: str, took: list[float], seconds: float, floor: float | None = None) -> Iterator[Row]:
    rate = len(took) / seconds
    yield Row(case, "annotations", rate, "/s", "bare view", rate / floor if floor else None)
    for share in (50, 95, 99):
        yield Row(case, f"p{share}", took[min(len(took) - 1, len(took) * share // 100)], "ms")


@contextmanager
def web_server(port: int, **environment: str) -> Iterator[None]:
    """Granian as `manage.py run` starts it."""
    web = parts(logs=VAR / "log", host="127.0.0.1", port=port, web_processes=2)[0]
    process = spawn(web.argv, log=web.log, dies_by=signal.SIGTERM, env={**web.env, **environment})
    try:
        wait_for(port)
        yield
    finally:
        stop([process], signal.SIGTERM, 10)


def wait_for(port: int) -> None:
    for _attempt in range(300):
        try:
            connection_ = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection_.request("GET", "/health/", headers={"Host": "localhost"})
            if connection_.getresponse().status:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server does not answer")


def queries(project: Project) -> Iterator[Row]:
    """How often a page asks the database."""
    client = Client()
    (session,) = make_annotators(project, 1)
    client.cookies["sessionid"] = session
    base = f"/p/{project.slug}/label/"
    client.post(f"{base}next/")

    def count(act: Callable[[], Any]) -> tuple[int, bytes]:
        with CaptureQueriesContext(connection) as captured:
            answer = act()
        return len(captured), answer.content

    n, page = count(lambda: client.get(base))
    yield Row("one page", "queries of the labeling page", n, "")
    task, client_id = desk_of(page)
    fields = {"client_id": client_id}
    fields |= {f"{name}.{place}": "1" for name in ("overall", "ranking") for place in range(K)}
    n, _page = count(lambda: client.post(f"{base}{task}/submit/", fields, headers={"X-Ahead": ""}))
    yield Row("one page", "queries of a submission with the next task", n, "")


def measure(options: argparse.Namespace) -> Iterator[Row]:
    port, bare_port = probed("127.0.0.1", 0), probed("127.0.0.1", 0)
    for tasks in options.tasks:
        project = make_project(tasks)
        yield from queries(project)
        with web_server(port), ExitStack() as stack:
            stack.enter_context(web_server(bare_port, DJANGO_SETTINGS_MODULE="benchmarks.bare"))
            for n in options.annotators:
                yield from rounds(project, tasks, n, port, bare_port, options)


def rounds(
    project: Project, tasks: int, n: int, port: int, bare_port: int, options: argparse.Namespace
) -> Iterator[Row]:
    annotators = [Annotator(port, project, session) for session in make_annotators(project, n)]
    for annotator in annotators:
        annotator.begin()
    bare = [Bare(bare_port) for _n in range(n)]
    ours: list[float] = []
    floors = []
    for _round in range(options.rounds):
        ours += drive(annotators, options.seconds)
        floors.append(len(drive(bare, options.seconds / 2)) / (options.seconds / 2))
    floor = statistics.median(floors)
    case = f"{tasks:,} tasks, {n} annotators"
    yield from figures(case, sorted(ours), options.seconds * options.rounds, floor)
    yield Row(case, "bare view", floor, "/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tasks", type=int, nargs="+", default=[100_000])
    parser.add_argument("--annotators", type=int, nargs="+", default=[1, 8, 32, 100])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    settings.FOLDERS.make()
    setup_test_environment()
    with hold("postgres", settings.FOLDERS), hold("valkey", settings.FOLDERS):
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        show(measure(options), as_json=options.json)
    sys.exit(0)


if __name__ == "__main__":
    main()
