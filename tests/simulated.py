"""A project of many labels by people of known habits, to see whether figures find what was planted.

Responses have a true quality: their endpoint's strength and something of their own. An annotator sees it through noise,
and through a liking for what is shown first or what is longer; one who clicks at random does not see it at all.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from labeling.assignment.make_tasks import add_tasks
from labeling.assignment.models import Seat, Task
from labeling.collection.disagreement import measure_disagreement
from labeling.collection.models import Annotation
from labeling.generation.models import Response
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.digests import text_digest
from labeling.prompts.models import Prompt
from tests.factories import make_endpoint, make_member, new_prompt

FIRST_DAY = datetime(2026, 10, 5, 9, tzinfo=UTC)
USE_CASES = ["open_qa", "generation", "summarization", "chat"]
LANGUAGES = ["en", "en", "zh"]
BATCH = 2000
WORDS = 12, 60


@dataclass(frozen=True)
class Person:
    """noise: of what they see, in units of the responses' own variation. first, longer: by how much better they find
    what is shown first, and what is longer by its own standard deviation. tires: noise added from the first label to
    the last. careless: who clicks at random. seconds: the median time at a task."""

    name: str
    noise: float = 0.7
    first: float = 0.0
    longer: float = 0.0
    tires: float = 0.0
    careless: bool = False
    seconds: float = 45.0


@dataclass(frozen=True)
class Seen:
    """A task: its responses, with their quality and their length (k,)."""

    task: Task
    responses: Sequence[Response]
    quality: np.ndarray
    length: np.ndarray


def simulate(
    project: Project,
    people: Sequence[Person],
    strengths: Mapping[str, float],
    *,
    prompts: int = 120,
    overlap: int = 3,
    days: int = 28,
    since: datetime = FIRST_DAY,
    seed: int = 0,
) -> list[User]:
    """Everybody's labels: rankings, ratings, and the flag that the instruction is failed. Tasks have a response of
    every endpoint. The users, in the order of `people`."""
    generator = np.random.default_rng(seed)
    users = [make_member(project, username=person.name) for person in people]
    tasks, responses, quality, length = make_tasks(project, strengths, prompts, generator)
    seats: list[Seat] = []
    said: list[Annotation] = []
    chosen = [generator.permutation(len(people))[:overlap] for _task in tasks]
    given = dict.fromkeys(range(len(people)), 0)
    expected = prompts * overlap / len(people)
    for number, (task, who) in enumerate(zip(tasks, chosen, strict=True)):
        at = since + timedelta(days=days * number / prompts)
        for one in who.tolist():
            person = people[one]
            progress, given[one] = given[one] / expected, given[one] + 1
            seen = Seen(task, responses[number], quality[number], length[number])
            seat, annotation = label(seen, users[one], person, progress, at, generator)
            seats.append(seat)
            said.append(annotation)
    Seat.objects.bulk_create(seats, BATCH)
    Annotation.objects.bulk_create(said, BATCH)
    instrument = project.current_instrument()
    measure_disagreement(tasks, instrument.questions if instrument else [])
    return users


def make_tasks(
    project: Project, strengths: Mapping[str, float], prompts: int, generator: np.random.Generator
) -> tuple[list[Task], list[list[Response]], np.ndarray, np.ndarray]:
    """With each task's responses, their quality and their length, both (prompts, endpoints)."""
    endpoints = [make_endpoint(project, name) for name in strengths]
    made = []
    for number in range(prompts):
        about = {"use_case": USE_CASES[number % len(USE_CASES)], "language": LANGUAGES[number % len(LANGUAGES)]}
        made.append(new_prompt(project, {"prompt": f"Prompt {number} of {project.slug}", **about}))
    Prompt.objects.bulk_create(made, BATCH)
    shape = prompts, len(endpoints)
    quality = np.array(list(strengths.values())) + generator.standard_normal(shape)
    length = generator.integers(*WORDS, size=shape)
    responses = [
        Response(prompt=prompt, endpoint=endpoint, text=text, digest=text_digest(text))
        for number, prompt in enumerate(made)
        for place, endpoint in enumerate(endpoints)
        for text in [f"{endpoint.name} {number}: " + "word " * int(length[number, place])]
    ]
    Response.objects.bulk_create(responses, BATCH)
    instrument = project.current_instrument()
    assert instrument is not None
    k = len(endpoints)
    rows = [responses[number * k : (number + 1) * k] for number in range(prompts)]
    tasks = add_tasks(instrument=instrument, plan=None, drawn=list(zip(made, rows, strict=True)), overlap=0)
    return tasks, rows, quality, length


def label(
    seen: Seen, user: User, person: Person, progress: float, at: datetime, generator: np.random.Generator
) -> tuple[Seat, Annotation]:
    """What the person says of a task, shown in an order of chance, so far into their work."""
    quality, length, responses = seen.quality, seen.length, seen.responses
    k = quality.size
    order = generator.permutation(k)
    felt = quality + (person.noise + person.tires * progress) * generator.standard_normal(k)
    felt[order] -= person.first * np.arange(k)
    felt += person.longer * (length - length.mean()) / (length.std() or 1)
    if person.careless:
        felt = generator.standard_normal(k)
    stars = np.clip(np.round(4 + 1.2 * felt), 1, 7).astype(int)
    ranks = [1 + int((stars > one).sum()) for one in stars]
    at += timedelta(minutes=float(generator.uniform(0, 400)))
    seat = Seat(project_id=seen.task.project_id, task=seen.task, holder=user, submitted_at=at)
    answers = {
        "overall": stars[order].tolist(),
        "ranking": [ranks[place] for place in order],
        "flags": {"fails_instruction": (stars[order] <= 2).tolist()},
    }
    annotation = Annotation(
        seat=seat,
        order=[responses[place].pk for place in order],
        answers=answers,
        client_id=uuid.UUID(bytes=generator.bytes(16)),
        active_ms=int(1000 * person.seconds * float(np.exp(0.4 * generator.standard_normal()))),
        submitted_at=at,
    )
    return seat, annotation
