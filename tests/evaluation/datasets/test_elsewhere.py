"""Data sets in other places: a bucket, and a hub."""

import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from moto.server import ThreadedMotoServer

from evaluation.datasets.recipe import recipe_of
from evaluation.datasets.snapshot import order_snapshot, write_snapshot
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.roles import Role
from tests.conftest import at
from tests.factories import make_member, make_project, make_task, rank
from tests.hub_server import HubServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project() -> Project:
    project = make_project("shared-labels")
    for _n in range(3):
        rank(make_task(project), make_member(project), [1, 2, 3])
    return project


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1" if "REGION" in name else "testing")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    made = boto3.resource("s3", endpoint_url=url).create_bucket(Bucket="labels")
    kept = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": "labels", "endpoint_url": url, "default_acl": "private"},
    }
    settings.STORAGES = {**settings.STORAGES, "datasets": kept}
    yield made
    server.stop()


def test_a_bucket_keeps_data_sets(bucket: Any, project: Project, sign_in: Callable[[User], Client]) -> None:
    snapshot = order_snapshot(project=project, recipe=recipe_of({}))
    write_snapshot(snapshot_id=snapshot.pk)
    snapshot.refresh_from_db()
    (kept,) = bucket.objects.all()
    assert kept.size == snapshot.size
    client = sign_in(make_member(project, Role.LEAD))
    answer = client.get(at("download-dataset", project, snapshot_id=snapshot.pk))
    assert answer.status_code == 302
    assert "Expires" in answer.headers["Location"], "for some minutes only"
    with urllib.request.urlopen(answer.headers["Location"]) as fetched:  # noqa: S310
        assert fetched.read() == kept.get()["Body"].read()


@pytest.fixture
def folder(project: Project, tmp_path: Path) -> Path:
    call_command(
        "export_dataset", "--project", project.slug, "--format", "trl-preference", "--out", str(tmp_path / "out")
    )
    return tmp_path / "out"


def push(monkeypatch: pytest.MonkeyPatch, hub: HubServer, folder: Path, *options: str, token: str = "hf_token") -> None:  # noqa: S107
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", token)
    call_command("push_dataset", str(folder), "team/pairs", *options)


def test_a_hub_gets_the_folder_as_it_is(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    with HubServer() as hub:
        push(monkeypatch, hub, folder)
        assert hub.private == {"team/pairs": True}
        ours = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        assert hub.files == ours
        assert hub.messages == ["Data set from Concord: trl-preference, seed 0"]
        push(monkeypatch, hub, folder, "--public")
        assert hub.private == {"team/pairs": False}


def test_a_hub_may_refuse(monkeypatch: pytest.MonkeyPatch, folder: Path, tmp_path: Path) -> None:
    with HubServer() as hub:
        with pytest.raises(CommandError, match="The hub refused"):
            push(monkeypatch, hub, folder, token="hf_other")
        with pytest.raises(CommandError, match="is no data set"):
            push(monkeypatch, hub, tmp_path)
        with pytest.raises(CommandError, match="set HF_TOKEN"):
            push(monkeypatch, hub, folder, token="")
    assert hub.files.keys() == {"stale.txt"}
