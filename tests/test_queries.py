"""No page asks the database more than 15 times, however much there is to show."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluation.agreement.report import report_agreement
from evaluation.datasets.models import Format
from evaluation.datasets.snapshot import order_snapshot
from evaluation.enough.report import report_enough
from evaluation.scores.report import report_scores
from labeling.assignment.claim import claim
from labeling.assignment.make_tasks import make_tasks
from labeling.collection.models import Annotation
from labeling.imports.keep_file import keep_file
from labeling.people.models import User
from labeling.projects.messages import write_message
from labeling.projects.models import Project
from labeling.projects.roles import Role
from tests.factories import make_endpoint, make_image, make_member, make_project, make_prompt, make_run, make_task, rank

pytestmark = pytest.mark.django_db

MOST = 15
PAGES = [
    *["overview", "people", "prompts", "responses", "tasks", "questions", "guidelines", "label", "own-labels"],
    *["review", "task", "member", "project-settings", "progress", "agreement", "scores", "score-samples", "enough"],
    *["datasets", "imports", "import"],
    *["new-endpoint", "endpoint", "new-run", "run"],
]


def make_busy_project(size: int) -> tuple[Project, User]:
    project = make_project()
    lead = make_member(project, Role.LEAD)
    annotators = [make_member(project) for _n in range(2 + size)]
    endpoints = [make_endpoint(project) for _n in range(2 + size)]
    for _n in range(2 * size):
        task = make_task(project, endpoints=endpoints[:4])
        for annotator in annotators[:3]:
            rank(task, annotator, list(range(1, len(endpoints[:4]) + 1)))
    for _n in range(size):
        make_image(make_prompt(project))
        make_run(make_endpoint(project, model="tiny"), 1)
        order_snapshot(project=project, format=Format.TRL_PREFERENCE, by=lead)
        table = SimpleUploadedFile("q.csv", b"question\n" + b"x\n" * 40 * size)
        keep_file(project=project, file=table, mapping=None, by=lead)
        make_tasks(project=project, responses=2, overlap=1, standing=True, by=lead)
        for membership in project.memberships.all():
            write_message(membership=membership, text="Thank you", by=lead)
    make_task(project, endpoints=endpoints[:4])
    claim(project=project, user=lead)
    report_agreement(project=project)
    report_scores(project=project)
    report_enough(project=project)
    return project, lead


def rows_of(project: Project) -> dict[str, dict[str, int]]:
    """What else an address names."""
    labeled = Annotation.objects.filter(seat__project=project).select_related("seat").earliest("pk")
    run = project.runs.latest("pk")
    return {
        "task": {"task_id": labeled.seat.task_id},
        "member": {"user_id": labeled.seat.holder_id or 0},
        "run": {"run_id": run.pk},
        "import": {"import_id": project.imports.latest("pk").pk},
        "endpoint": {"endpoint_id": run.parts.get().params.endpoint_id},
    }


def asked_of(project: Project) -> dict[str, dict[str, str]]:
    """What stands behind the question mark."""
    return {"score-samples": {"score": "win_rate", "first": project.endpoints.earliest("pk").name}}


@pytest.mark.parametrize("part", [False, True], ids=["page", "part"])
def test_no_page_asks_much_and_none_asks_more_when_there_is_more(part: bool, sign_in: Callable[[User], Client]) -> None:
    asked: dict[str, list[int]] = {name: [] for name in PAGES}
    for size in (1, 4):
        project, lead = make_busy_project(size)
        client = sign_in(lead)
        for name in PAGES:
            address = reverse(name, kwargs={"slug": project.slug, **rows_of(project).get(name, {})})
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(
                    address, asked_of(project).get(name), headers={"HX-Request": "true"} if part else {}
                )
            assert answer.status_code == 200
            asked[name].append(len(queries))
    for name, (small, large) in asked.items():
        assert large <= MOST, name
        assert large <= small, f"{name}: {small} queries, and {large} when there is more"
