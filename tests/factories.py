"""Rows to test with. Each function makes what its arguments do not give."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from io import BytesIO
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from labeling.assignment.make_tasks import add_tasks
from labeling.assignment.models import Task
from labeling.assignment.order import shown_order
from labeling.collection.answers import reordered
from labeling.collection.submit import Circumstances, submit
from labeling.generation.models import Endpoint, GenerationRun, Provider, Response
from labeling.generation.start_run import Wanted, start_run
from labeling.people.models import User
from labeling.people.tokens import issue
from labeling.projects.create_project import add_instrument
from labeling.projects.invitation_models import Invitation
from labeling.projects.invite import invite, invite_participants
from labeling.projects.models import Instrument, Membership, Project
from labeling.projects.presets import INSTRUCTGPT
from labeling.projects.questions import Question
from labeling.projects.roles import Role
from labeling.prompts.digests import text_digest
from labeling.prompts.files import Row
from labeling.prompts.images import check_image
from labeling.prompts.models import Prompt, PromptImage
from labeling.prompts.rows import prompt_of

numbers = count(1)

RANKING = [Question("ranking", "ranking", "Rank the responses", required=True)]


def make_user(username: str = "", **fields: object) -> User:
    return User.objects.create_user(username or f"user{next(numbers)}", password="correct horse", **fields)


def bearer(user: User) -> dict[str, str]:
    """The headers of a program that comes in as this person."""
    _token, secret = issue(user=user, name="a test")
    return {"Authorization": f"Bearer {secret}"}


def make_project(slug: str = "", questions: Sequence[Question] = INSTRUCTGPT) -> Project:
    number = next(numbers)
    project = Project.objects.create(slug=slug or f"project-{number}", name=f"Project {number}")
    if questions:
        add_instrument(project=project, questions=list(questions))
    return project


def make_member(project: Project, role: Role = Role.ANNOTATOR, username: str = "") -> User:
    user = make_user(username)
    Membership.objects.create(project=project, user=user, role=role)
    return user


def make_prompt(project: Project, text: str = "", **fields: object) -> Prompt:
    prompt = new_prompt(project, {"prompt": text or f"Prompt {next(numbers)}", **fields})
    prompt.save()
    return prompt


def new_prompt(project: Project, row: Row) -> Prompt:
    """As a file's row gives it, without images; not stored yet."""
    given = asdict(prompt_of(row))
    del given["images"]
    return Prompt(project=project, **given)


def image_bytes(format: str = "PNG", width: int = 60, height: int = 40, **options: object) -> bytes:
    """An image that is like no other."""
    number = next(numbers)
    file = BytesIO()
    Image.new("RGB", (width, height), (number % 256, number // 256 % 256, 120)).save(file, format, **options)
    return file.getvalue()


def make_image(prompt: Prompt, content: bytes = b"") -> PromptImage:
    """The next image of a prompt."""
    content = content or image_bytes()
    image = check_image(content, "image")
    return PromptImage.objects.create(
        prompt=prompt,
        position=prompt.images.count(),
        sha256=image.sha256,
        media_type=image.media_type,
        width=image.width,
        height=image.height,
        file=ContentFile(content, image.sha256),
    )


def make_endpoint(project: Project, name: str = "", model: str = "", provider: str = "", **fields: object) -> Endpoint:
    provider = provider or (Provider.LOCAL if model else Provider.FILE)
    return Endpoint.objects.create(
        project=project, name=name or f"endpoint {next(numbers)}", provider=provider, model=model, **fields
    )


def make_run(endpoint: Endpoint, samples: int = 1, **chosen: Any) -> GenerationRun:
    return start_run(project=endpoint.project, wanted=[Wanted(endpoint, samples)], **chosen)


def make_response(prompt: Prompt, endpoint: Endpoint, text: str = "", **fields: object) -> Response:
    text = text or f"Response {next(numbers)}"
    return Response.objects.create(prompt=prompt, endpoint=endpoint, text=text, digest=text_digest(text), **fields)


def make_task(
    project: Project,
    endpoints: Sequence[Endpoint] = (),
    overlap: int = 3,
    n_responses: int = 3,
    prompt: Prompt | None = None,
    texts: Sequence[str] = (),
) -> Task:
    """A task with a response of each endpoint, or with one of each text."""
    prompt = prompt or make_prompt(project)
    texts = texts or [""] * (len(endpoints) or n_responses)
    endpoints = endpoints or [make_endpoint(project) for _text in texts]
    responses = [make_response(prompt, endpoint, text) for endpoint, text in zip(endpoints, texts, strict=True)]
    instrument = project.current_instrument()
    assert isinstance(instrument, Instrument)
    (task,) = add_tasks(instrument=instrument, plan=None, drawn=[(prompt, responses)], overlap=overlap)
    return task


def rank(task: Task, user: User, ranks: Sequence[int], **answers: object) -> None:
    """Submit a ranking, and other answers; lists are of the task's responses in the order of their positions."""
    positions = task.response_ids
    shown = shown_order(task, user, positions)

    def as_shown(value: object) -> object:
        if isinstance(value, dict):
            return {name: as_shown(inner) for name, inner in value.items()}
        return [value[positions.index(response)] for response in shown] if isinstance(value, list) else value

    asks_quality = any(question.name == "overall" for question in task.instrument.questions)
    quality = {"overall": [8 - value for value in ranks]} if asks_quality else {}
    given = {"ranking": ranks, **quality, **answers}
    submit(
        task=task,
        user=user,
        answers={name: as_shown(value) for name, value in given.items()},
        circumstances=Circumstances(uuid.uuid4()),
    )


def answer(task: Task, user: User, **answers: object) -> None:
    """Submit answers of any kinds, as they read with the responses in the order of their positions."""
    positions = task.response_ids
    shown = shown_order(task, user, positions)
    given = reordered(task.instrument.questions, answers, positions, shown)
    submit(task=task, user=user, answers=given, circumstances=Circumstances(uuid.uuid4()))


def make_invitation(project: Project, most_uses: int = 3, role: Role = Role.ANNOTATOR) -> Invitation:
    return invite(project=project, role=role, most_uses=most_uses, days=7)


def make_study(project: Project, labels_wanted: int = 2, most_uses: int = 3, held_out: bool = False) -> Invitation:
    return invite_participants(
        project=project,
        labels_wanted=labels_wanted,
        completion_code="C0DE",
        most_uses=most_uses,
        days=7,
        held_out=held_out,
    )
