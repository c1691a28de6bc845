"""A project as it is after some days of work, to be looked at."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from evaluation.agreement.report import report_agreement
from evaluation.datasets.recipe import Recipe
from evaluation.datasets.snapshot import order_snapshot, write_snapshot
from evaluation.enough.report import report_enough
from evaluation.scores.report import report_scores
from labeling.assignment.change_member import pause
from labeling.assignment.claim import claim
from labeling.assignment.gold import make_gold
from labeling.assignment.make_tasks import make_tasks
from labeling.assignment.models import Seat, Task
from labeling.collection.models import Annotation
from labeling.collection.review import accept, give_back
from labeling.generation.claims import Batch
from labeling.generation.models import Endpoint, EndpointState, GenerationRun, Provider, Trial
from labeling.generation.problems import Problem, Trouble
from labeling.generation.providers import Failure, Reply
from labeling.generation.start_run import Wanted, start_run
from labeling.generation.store import store_answer
from labeling.people.models import User
from labeling.projects.guidelines import acknowledge, write_guidelines
from labeling.projects.invitations import token_of
from labeling.projects.invite import revoke
from labeling.projects.models import Guideline, Membership, Project
from labeling.projects.presets import ARENA, DEMONSTRATION, REFINEMENT
from labeling.projects.prolific import PARAMETERS
from labeling.projects.questions import Question
from labeling.projects.roles import Role
from tests.factories import (
    make_endpoint,
    make_invitation,
    make_member,
    make_project,
    make_prompt,
    make_response,
    make_study,
    rank,
)
from tests.simulated import Person, simulate

GUIDELINES = """# What a good answer is

1. **Helpful**: it does what was asked, for whom it was asked, at the length that was asked.
2. **True**: what it says can be checked. On a closed-domain prompt nothing comes from outside the text.
3. **Harmless**: nobody is hurt, insulted or misled by it.

While a model is trained, *helpful* comes first. When models are evaluated, *true* and *harmless* do.

- Infer what the author meant; do not punish an answer for a typo of theirs.
- Ties are welcome. Skip what you cannot judge, and say why.
"""

SKY = """The sky is blue because of **Rayleigh scattering**: air scatters short waves more than long ones.

| colour | wavelength | scattered |
| --- | --- | --- |
| red | 700 nm | 1 × |
| blue | 450 nm | 5.8 × |

At sunset light takes a longer way through the air, most of the blue is gone, and what is left is red."""

MEDIAN = """Sort the values and take the middle one:

```python
def median(values: list[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
```

It raises `IndexError` for an empty list."""

PROMPTS: list[tuple[dict[str, object], list[str]]] = [
    (
        {"prompt": "Why is the sky blue, and why is it red at sunset?", "use_case": "open_qa", "language": "en"},
        [
            SKY,
            "It reflects the sea, which is blue. In the evening the sea is darker, so the sky turns red.",
            "Sunlight meets molecules of air, which send short waves off in all directions. That is the blue you see.",
            "The sky is blue because space is dark and air is bright. Red comes from clouds.",
        ],
    ),
    (
        {"prompt": "Write a Python function for the median of a list.", "use_case": "generation", "language": "en"},
        [
            MEDIAN,
            "Use `statistics.median(values)`: it is in the standard library, and handles even lengths.",
            "```python\ndef median(values):\n    return sum(values) / len(values)\n```",
            "The median is the middle value of a sorted list.",
        ],
    ),
    (
        {"prompt": "用一句话解释什么是通货膨胀。", "use_case": "open_qa", "language": "zh"},
        [
            "通货膨胀是指一段时间内物价普遍持续上涨，货币购买力随之下降的现象。",
            "通货膨胀就是钱变多了。",
            "就是东西越来越贵：同样的钱能买到的东西越来越少。",
            "Inflation means rising prices.",
        ],
    ),
    (
        {"prompt": "اشرح الفرق بين الطقس والمناخ.", "use_case": "open_qa", "language": "ar"},
        [
            "الطقس هو حالة الجو في وقت قصير، أما المناخ فهو متوسط الطقس على مدى عقود.",
            "الطقس يتغير كل يوم، والمناخ لا يتغير أبدًا.",
            "المناخ هو الطقس.",
            "الطقس قصير المدى والمناخ طويل المدى.",
        ],
    ),
    (
        {
            "prompt": "Summarize for a child of eight: bees carry pollen from flower to flower, which is how many "
            "plants make seeds.",
            "use_case": "summarization",
            "language": "en",
        },
        [
            "Bees carry flower dust from one flower to the next, and that helps plants make seeds. 🐝",
            "Pollination by Hymenoptera is essential to the reproduction of angiosperms.",
            "Bees make honey from pollen, and honey makes flowers grow.",
            "Bees help plants make seeds.",
        ],
    ),
    (
        {
            "prompt": "And for six people?",
            "history": [
                {"role": "user", "content": "Give me a recipe for pancakes for two."},
                {"role": "assistant", "content": "100 g flour, 1 egg, 200 ml milk, a pinch of salt: mix, rest, fry."},
            ],
            "system": "You are a patient cook. Answer in metric units.",
            "use_case": "chat",
            "language": "en",
        },
        [
            "Three times as much: **300 g flour, 3 eggs, 600 ml milk**, and three pinches of salt.",
            "Use 2 cups of flour and 6 eggs.",
            "300 g flour, 3 eggs, 600 ml milk. Fry in two pans, so that nobody waits.",
            "You can multiply the recipe.",
        ],
    ),
]
ENDPOINTS = ["calm-135m", "bold-135m", "sft-8b", "dpo-8b"]
RANKINGS = [
    [[1, 3, 2, 4], [1, 4, 2, 3], [1, 3, 2, 3]],
    [[1, 1, 3, 2], [2, 1, 4, 3], [1, 2, 4, 3]],
    [[1, 3, 2, 4], [1, 2, 2, 3], [2, 3, 1, 4]],
    [[1, 3, 3, 2], [1, 4, 3, 2], [2, 4, 3, 1]],
]


def drawn(text: str, finish_reason: str = "stop") -> Reply:
    sent = "<|im_start|>user\n…<|im_end|>\n<|im_start|>assistant\n"
    return Reply(text, finish_reason, sent, 41, len(text.split()), -1.3 * len(text.split()), 2.4, "sha256:9e25e510552e")


DRAWN = [
    drawn("Air scatters blue light more than red light, so blue reaches us from everywhere."),
    drawn("The sky is blue because the sea is blue, and the sea is blue because", "length"),
    drawn("I'm SmolLM, a language model by Hugging Face, and I think that it is the scattering of light."),
    drawn("I'm sorry, but I can't help with that."),
    Failure(Trouble(Problem.TOO_LONG, {"n": 8120, "m": 120, "context": 8192})),
]


@dataclass(frozen=True)
class Scene:
    project: Project
    lead: User
    people: list[User]
    tasks: list[Task]
    guideline: Guideline


def set_up() -> Scene:
    project = make_project("quality")
    Project.objects.filter(pk=project.pk).update(name="Answer quality", description="Which answers help people.")
    lead = make_member(project, Role.LEAD, "lead")
    people = [make_member(project, username=name) for name in ("anna", "ben", "chen")]
    make_member(project, Role.REVIEWER, "rosa")
    endpoints = [make_endpoint(project, name) for name in ENDPOINTS]
    for row, texts in PROMPTS:
        prompt = make_prompt(project, str(row["prompt"]), **{name: row[name] for name in row if name != "prompt"})
        for endpoint, text in zip(endpoints, texts, strict=True):
            make_response(prompt, endpoint, text)
    make_tasks(project=project, responses=4, overlap=3, seed=7, by=lead)
    write_guidelines(project=project, text="# What a good answer is\n\nHelpful, true, harmless.", by=lead)
    guideline = write_guidelines(project=project, text=GUIDELINES, by=lead)
    for person in people:
        acknowledge(guideline=guideline, user=person)
    project.refresh_from_db()
    return Scene(project, lead, people, list(project.tasks.order_by("pk")), guideline)


def label(scene: Scene) -> None:
    for task, rankings in zip(scene.tasks, RANKINGS, strict=False):
        places = {text: place for _row, texts in PROMPTS for place, text in enumerate(texts)}
        for person, ranks in zip(scene.people, rankings, strict=True):
            mine = [ranks[places[text]] for text, _endpoint in task.texts.values()]
            claim(project=scene.project, user=person)
            rank(task, person, mine, overall=[9 - 2 * one for one in mine])
    report_agreement(project=scene.project)
    report_scores(project=scene.project)
    write_snapshot(snapshot_id=order_snapshot(project=scene.project, recipe=Recipe(), by=scene.lead).pk)


def write_dataset(scene: Scene) -> None:
    """Another data set, after somebody changed their mind and more was labeled."""
    rank(scene.tasks[0], scene.people[1], [2, 1, 3, 4], overall=[5, 7, 3, 1])
    rank(scene.tasks[0], scene.people[2], [2, 1, 3, 4], overall=[5, 7, 3, 1])
    for person in scene.people:
        rank(scene.tasks[4], person, [1, 3, 3, 2], overall=[7, 3, 3, 5])
    recipe = Recipe(validation=0.2, test=0.2, seed=2, license="cc-by-4.0", min_annotators=2, min_agreement=0.5)
    write_snapshot(snapshot_id=order_snapshot(project=scene.project, recipe=recipe, by=scene.lead).pk)


def generate(project: Project) -> GenerationRun:
    """A run that is under way: answers of all kinds, some that failed, and a server that has had enough."""
    model = make_endpoint(project, "smollm2", model="smollm2-135m-instruct", temperature=0.7, max_new_tokens=120)
    server = make_endpoint(
        project,
        "mistral-small",
        provider=Provider.OPENAI,
        model="mistralai/Mistral-Small-3.2",
        base_url="https://models.example.com/v1",
        state=EndpointState.FAILING,
        problem=Problem.THROTTLED,
        problem_detail={"host": "models.example.com"},
    )
    Endpoint.objects.filter(pk=model.pk).update(state=EndpointState.REACHABLE)
    run = start_run(project=project, wanted=[Wanted(model, 3), Wanted(server, 2)], seed=20261125)
    part = run.parts.select_related("run", "params__endpoint").get(params__endpoint=model)
    batch = Batch(part, 60, lambda: None)
    for n, ask in enumerate(batch.take(12)):
        store_answer(batch=batch, ask=ask, answer=DRAWN[n % len(DRAWN)])
    batch.give_back()
    Trial.objects.create(
        endpoint=model,
        prompt="Why is the sky blue?",
        text="Air scatters blue light more than red light, so blue reaches us from everywhere in the sky.",
        finish_reason="stop",
        n_tokens=21,
        seconds=1.6,
        created_by=User.objects.get(username="lead"),
        began_at=timezone.now(),
        ended_at=timezone.now(),
    )
    return run


def review(scene: Scene) -> None:
    said = Annotation.objects.filter(seat__task=scene.tasks[0]).order_by("pk")
    reviewer = User.objects.get(username="rosa")
    accept(annotation=said[0], by=reviewer)
    give_back(annotation=said[1], by=reviewer, note="B says that the sky reflects the sea: look at it again.")


def qualify(scene: Scene) -> None:
    task = scene.tasks[1]
    known = Annotation.objects.filter(seat__task=task).order_by("pk")[0]
    make_gold(
        task=task,
        order=known.order,
        answers=known.answers,
        explanation="The one with `statistics.median` is **short and right**; the mean is not the median.",
        in_exam=True,
    )
    Project.objects.filter(pk=scene.project.pk).update(requires_exam=True, gold_rate=0.1)
    Membership.objects.filter(user__in=scene.people).update(exam="passed")
    make_member(scene.project, username="dora")
    ben = Membership.objects.select_related("project", "user").get(user=scene.people[1])
    pause(membership=ben, because="Please look at version 2 of the guidelines, then write to me.", by=scene.lead)


def invite(scene: Scene) -> str:
    """The address of an invitation's page."""
    make_study(scene.project, labels_wanted=20, most_uses=50)
    return f"/join/{token_of(make_invitation(scene.project, most_uses=5))}/"


def closed_invitation(scene: Scene) -> str:
    invitation = make_invitation(scene.project)
    revoke(invitation=invitation, by=scene.lead)
    return f"/join/{token_of(invitation)}/"


def take_part(project: Project) -> str:
    """The address to which Prolific sends a participant."""
    sent = "&".join(f"{name}={name.lower()}-1" for name in PARAMETERS)
    return f"/join/{token_of(make_study(project, labels_wanted=1))}/?{sent}"


def other_project(slug: str, name: str, questions: list[Question], n_responses: int) -> Project:
    project = make_project(slug, questions=questions)
    Project.objects.filter(pk=project.pk).update(name=name)
    endpoints = [make_endpoint(project, name) for name in ENDPOINTS[:n_responses]]
    for row, texts in PROMPTS[:2]:
        prompt = make_prompt(project, str(row["prompt"]))
        for endpoint, text in zip(endpoints, texts, strict=False):
            make_response(prompt, endpoint, text)
    make_tasks(project=project, responses=n_responses, overlap=1, seed=1)
    project.memberships.create(user=User.objects.get(username="anna"), role=Role.ANNOTATOR)
    return project


PEOPLE = [
    Person("anna"),
    Person("ben", noise=0.9),
    Person("chen", noise=0.6),
    Person("dora"),
    Person("finn", first=0.9),
    Person("lea", longer=1.0),
    Person("tom", tires=12),
    Person("zoe", careless=True, seconds=9),
]
STRENGTHS = {"calm-135m": 0.0, "bold-135m": 0.2, "sft-8b": 0.9, "dpo-8b": 1.5, "ppo-8b": 1.5}


def measured_project() -> Project:
    """Four weeks of labels by people of various habits, with all figures."""
    project = make_project("figures")
    Project.objects.filter(pk=project.pk).update(name="Answer quality", description="Which answers help people.")
    make_member(project, Role.LEAD, "lea-d")
    begun = timezone.now() - timedelta(days=29)
    simulate(project, PEOPLE, STRENGTHS, prompts=280, since=begun)
    left = project.tasks.order_by("-pk")[:160]
    Seat.objects.bulk_create(Seat(project=project, task=task) for task in left)
    for compute in report_agreement, report_scores, report_enough:
        compute(project=project)
    return project


OTHERS = [
    ("arena", "Blind duel", ARENA, 2),
    ("demonstrations", "Ideal answers", DEMONSTRATION, 0),
    ("refinement", "Edited answers", REFINEMENT, 1),
]
