"""The demo project: prompts, a model that answers them, people who judge.

Its files are imported as anybody's would be. SmolLM2 speaks English only, so the Chinese prompts come with the
responses of three made-up models, some of them judged already.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from labeling.assignment.make_tasks import make_tasks
from labeling.collection.import_annotations import import_annotations
from labeling.generation.add_endpoint import add_endpoint
from labeling.generation.demo_model import NAME as MODEL
from labeling.generation.import_responses import import_responses
from labeling.generation.start_run import Wanted, start_run
from labeling.people.accounts import create_user
from labeling.people.models import User
from labeling.projects.add_member import add_member
from labeling.projects.create_project import create_project
from labeling.projects.guidelines import write_guidelines
from labeling.projects.models import Project
from labeling.projects.presets import Preset
from labeling.projects.roles import Role
from labeling.prompts.files import ImportFile
from labeling.prompts.import_prompts import import_prompts

HERE = Path(__file__).parent
SLUG = "demo"
ADMIN = "admin"
PEOPLE = {
    "lead": Role.LEAD,
    "anna": Role.ANNOTATOR,
    "ben": Role.ANNOTATOR,
    "chen": Role.ANNOTATOR,
    "rita": Role.REVIEWER,
}
SAMPLINGS: dict[str, dict[str, Any]] = {
    "smollm2-calm": {"temperature": 0.3, "top_p": 0.9, "max_new_tokens": 120},
    "smollm2-lively": {"temperature": 1.0, "top_p": 0.95, "max_new_tokens": 120},
}
SAMPLES = 2
OVERLAP = 3
SEED = 20261122


@dataclass(frozen=True)
class SignIn:
    username: str
    password: str
    does: str


def sign_ins() -> list[SignIn]:
    """The demo's accounts as they were made on this machine; none where it has no demo."""
    file = sign_ins_file()
    return [SignIn(**stored) for stored in json.loads(file.read_text())] if file.exists() else []


def sign_ins_file() -> Path:
    return settings.FOLDERS.var / "demo_sign_ins.json"


def has_room() -> bool:
    """Whether nobody uses this database yet: only then may the demo bring its people."""
    return not User.objects.exists()


@transaction.atomic
def create_demo() -> None:
    admin, password = create_user(username=ADMIN)
    admin.is_superuser = True
    admin.save()
    accounts = [SignIn(ADMIN, password, "site admin")]
    project = create_project(
        slug=SLUG,
        preset=Preset.INSTRUCTGPT,
        name="Demo: helpful answers",
        description="Which answers help most? English prompts answered by a small model on this machine, Chinese "
        "ones by three made-up models.",
    )
    for username, role in PEOPLE.items():
        added = add_member(project=project, username=username, role=role)
        accounts.append(SignIn(username, added.password or "", f"{role.label} of {SLUG}"))
    fill(project)
    keep(accounts)


def fill(project: Project) -> None:
    lead = User.objects.get(username="lead")
    write_guidelines(project=project, text=(HERE / "guidelines.md").read_text(), by=lead)
    with (HERE / "responses.zh.jsonl").open("rb") as stream:
        import_responses(project=project, file=ImportFile(stream, "responses.zh.jsonl"), by=lead)
    with (HERE / "annotations.zh.jsonl").open("rb") as stream:
        import_annotations(project=project, file=ImportFile(stream, "annotations.zh.jsonl"), by=lead)
    make_tasks(project=project, responses=3, overlap=OVERLAP, seed=SEED, by=lead)
    with (HERE / "prompts.en.jsonl").open("rb") as stream:
        import_prompts(project=project, file=ImportFile(stream, "prompts.en.jsonl"), by=lead)
    endpoints = [
        add_endpoint(project=project, name=name, model=MODEL, by=lead, **sampling)
        for name, sampling in SAMPLINGS.items()
    ]
    wanted = [Wanted(endpoint, SAMPLES) for endpoint in endpoints]
    start_run(project=project, wanted=wanted, language="en", seed=SEED, by=lead)
    make_tasks(project=project, responses=SAMPLES * len(SAMPLINGS), overlap=OVERLAP, standing=True, seed=SEED, by=lead)


def keep(accounts: list[SignIn]) -> None:
    """Remember the passwords, for the owner of this folder only."""
    file = sign_ins_file()
    file.touch(mode=0o600)
    file.write_text(json.dumps([asdict(account) for account in accounts]))
