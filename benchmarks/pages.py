"""How long do the pages of a large project take to open, and how long are its figures computed in the background?

A project of the InstructGPT preset with four responses, overlap 3, four fifths of it labeled by 40 people over 60 days,
all written by SQL. Pages are asked for by Django's test client in this process. Beside them, interleaved, the floor: a
bare view with one SELECT and one INSERT and no middleware.

    .venv/bin/python -m benchmarks.pages --size 300000
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator

from benchmarks.annotate import OVERLAP, make_annotators, make_project  # first: it sets Django up

# isort: split
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import setup_test_environment
from django.urls import reverse

from benchmarks.table import Row, show
from config.embedded.holding import hold
from evaluation.agreement.report import report_agreement
from evaluation.comparisons import read
from evaluation.enough.report import report_enough
from evaluation.progress.keep_tallies import keep_tallies
from evaluation.scores.report import report_scores
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.roles import Role

PAGES = ["overview", "progress", "people", "agreement", "scores", "enough"]
PEOPLE, DAYS, DONE = 40, 60, 0.8

FILL = """
UPDATE labeling_seat AS seat SET holder_id = filled.holder, submitted_at = LEAST(now(), filled.submitted_at)
FROM (
    SELECT seat.id, (%(people)s::bigint[])[1 + (task.number * 7 + seat.number) %% %(n_people)s] AS holder,
        day - CASE WHEN extract(isodow FROM day) > 5 AND random() < 0.9 THEN 2 ELSE 0 END
            + (8 + 10 * random()) * interval '1 hour' AS submitted_at
    FROM (SELECT id, task_id, row_number() OVER (PARTITION BY task_id ORDER BY id) AS number
        FROM labeling_seat WHERE project_id = %(project)s) AS seat
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM labeling_task WHERE project_id = %(project)s)
        AS task ON task.id = seat.task_id AND task.number <= %(tasks)s,
    LATERAL (SELECT current_date - (%(days)s * (1 - task.number::float / %(tasks)s))::int AS day) AS on_day
) AS filled WHERE filled.id = seat.id
"""

ANNOTATE = """
INSERT INTO labeling_annotation (seat_id, revision, is_current, "order", answers, origin, client_id, started_at,
    active_ms, submitted_at)
SELECT seat.id, 1, true, said.responses, jsonb_build_object('overall', said.ratings, 'ranking', said.ranks,
        'flags', jsonb_build_object('fails_instruction', said.fails)),
    'screen', gen_random_uuid(), seat.submitted_at - interval '1 minute',
    1000 * (5 + exp(3.5 + 0.6 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())))::int, seat.submitted_at
FROM labeling_seat AS seat JOIN (
    SELECT seat, array_agg(response ORDER BY position) AS responses, jsonb_agg(rating ORDER BY position) AS ratings,
        jsonb_agg(rank ORDER BY position) AS ranks, jsonb_agg(rating < 3 ORDER BY position) AS fails
    FROM (
        SELECT seat, response, position, rating, dense_rank() OVER (PARTITION BY seat ORDER BY rating DESC) AS rank
        FROM (
            SELECT seat.id AS seat, candidate.response_id AS response, candidate.position,
                1 + (candidate.position + 3.99 * random())::int AS rating
            FROM labeling_seat AS seat JOIN labeling_taskresponse AS candidate ON candidate.task_id = seat.task_id
            WHERE seat.project_id = %(project)s AND seat.submitted_at IS NOT NULL
        ) AS rated
    ) AS ranked GROUP BY seat
) AS said ON said.seat = seat.id
"""
"""Responses are better the later their endpoint came."""


def make_labeled(size: int) -> tuple[Project, User]:
    """A project with so many labels, and somebody who leads it."""
    n_tasks = size // OVERLAP
    project = make_project(round(n_tasks / DONE))
    make_annotators(project, PEOPLE)
    people = list(project.memberships.values_list("user_id", flat=True))
    values = {"project": project.pk, "people": people, "n_people": PEOPLE, "tasks": n_tasks, "days": DAYS}
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
        cursor.execute(ANNOTATE, values)
        cursor.execute("VACUUM ANALYZE")
    lead = User.objects.create(username="bench-lead", password="!")
    project.memberships.create(user=lead, role=Role.LEAD)
    return project, lead


def took(act: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def ask(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")


@override_settings(MIDDLEWARE=[], ROOT_URLCONF="benchmarks.bare_view")
def ask_bare() -> None:
    ask(Client(), "/")


def background(project: Project) -> Iterator[Row]:
    """What workers do so that pages need not."""
    jobs: dict[str, Callable[[], object]] = {
        "labels read": lambda: read(project),
        "report of agreement": lambda: report_agreement(project=project),
        "report of scores": lambda: report_scores(project=project),
        "report of what is enough": lambda: report_enough(project=project),
        "tally of labels": keep_tallies,
    }
    for metric, job in jobs.items():
        yield Row("background", metric, took(job) / 1000, "s")


def pages(project: Project, lead: User, times: int) -> Iterator[Row]:
    client = Client()
    client.force_login(lead)
    found: dict[str, list[float]] = {name: [] for name in [*PAGES, "bare view"]}
    for _time in range(times + 1):
        for name in PAGES:
            address = reverse(name, kwargs={"slug": project.slug})
            found[name].append(took(lambda address=address: ask(client, address)))
        found["bare view"].append(took(ask_bare))
    floor = statistics.median(found["bare view"][1:])
    for name, measured in found.items():
        first, *later = measured
        median = statistics.median(later)
        yield Row(name, "opened first", first, "ms")
        yield Row(name, f"median of {times}", median, "ms", "bare view", median / floor)
        yield Row(name, "slowest", max(later), "ms")


def measure(options: argparse.Namespace) -> Iterator[Row]:
    began = time.perf_counter()
    project, lead = make_labeled(options.size)
    yield Row("project", f"{options.size:,} labels written", time.perf_counter() - began, "s")
    yield from background(project)
    yield from pages(project, lead, options.times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", type=int, default=300_000, help="labels")
    parser.add_argument("--times", type=int, default=7, help="how often each page is opened")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    settings.FOLDERS.make()
    setup_test_environment()
    with hold("postgres", settings.FOLDERS), hold("valkey", settings.FOLDERS):
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        show(measure(options), as_json=options.json)


if __name__ == "__main__":
    main()
