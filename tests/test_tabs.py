"""The tab that a page of a project belongs to is the one that is marked as current."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from evaluation.datasets.recipe import Recipe
from evaluation.datasets.snapshot import order_snapshot, write_snapshot
from evaluation.scores.report import report_scores
from labeling.imports.keep_file import keep_file
from labeling.people.models import User
from labeling.projects.roles import Role
from tests.factories import make_endpoint, make_member, make_project, make_run, make_task, rank

pytestmark = pytest.mark.django_db
CURRENT = re.compile(r'<a href="([^"]+)" aria-current="(page|true)">')

ON_THEIR_OWN = (
    *["overview", "progress", "imports", "prompts", "data", "responses", "tasks"],
    *["questions", "guidelines", "people", "project-settings", "review"],
    *["agreement", "scores", "enough", "datasets"],
)
UNDER = {
    "import": "imports",
    "held-prompts": "prompts",
    "new-endpoint": "responses",
    "endpoint": "responses",
    "new-run": "responses",
    "run": "responses",
    "task": "review",
    "member": "people",
    "score-samples": "scores",
    "new-dataset": "datasets",
    "dataset": "datasets",
}


def marked(client: Client, address: str) -> list[tuple[str, str]]:
    """Where the current tabs lead, and what is said of them."""
    page = client.get(address).text
    return CURRENT.findall(page[page.index('<nav class="tabs"') : page.index("<main")])


@pytest.mark.django_db(transaction=True)
def test_one_tab_is_current_on_every_page(sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    lead = make_member(project, Role.LEAD)
    task = make_task(project, endpoints=[make_endpoint(project, name) for name in ("first", "second")])
    rank(task, lead, [1, 2])
    report_scores(project=project)
    endpoint = make_endpoint(project, model="small")
    snapshot = order_snapshot(project=project, recipe=Recipe(), by=lead)
    write_snapshot(snapshot_id=snapshot.pk)
    file = SimpleUploadedFile("prompts.txt", b"Why is the sky blue?")
    rows = {
        "import": keep_file(project=project, file=file, mapping=None, by=lead).pk,
        "endpoint": endpoint.pk,
        "run": make_run(endpoint).pk,
        "task": task.pk,
        "member": lead.pk,
        "dataset": snapshot.pk,
    }
    client = sign_in(lead)

    def address_of(name: str) -> str:
        return reverse(name, args=[project.slug, *([rows[name]] if name in rows else [])])

    for name in ON_THEIR_OWN:
        assert marked(client, address_of(name)) == [(address_of(name), "page")], name
    for name, parent in UNDER.items():
        asked = "?score=win_rate&first=first" if name == "score-samples" else ""
        assert marked(client, address_of(name) + asked) == [(address_of(parent), "true")], name


def test_reviewers_are_at_the_review_when_they_are_at_a_task(sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    task = make_task(project)
    client = sign_in(make_member(project, Role.REVIEWER))
    address = reverse("task", args=[project.slug, task.pk])
    assert marked(client, address) == [(reverse("review", args=[project.slug]), "true")]
