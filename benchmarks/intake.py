"""How long does it take to look into prompts that came in, in how much memory, and to open the page that counts them?

Prompts of 3 to 300 words (or three times as many Chinese characters), drawn by Zipf's law; a fifth are earlier ones
with a few words changed. They are looked into, then a hundredth more; then each is copied until there are as many as
the page is to count, with two responses each. In another project come as many of twenty words, or twenty characters:
nearly every one of them may be a near-duplicate of thousands, and few are.

    .venv/bin/python -m benchmarks.intake --size 100000 --page 300000
"""

import argparse
import random
import resource
import time
from collections.abc import Callable, Iterator

from benchmarks.annotate import make_project  # first: it sets Django up

# isort: split
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import reverse

from benchmarks.table import Row, show
from config.embedded.holding import hold
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.roles import Role
from labeling.prompts.given import GivenPrompt
from labeling.prompts.import_prompts import PromptStore
from labeling.prompts.look_into import examine
from labeling.prompts.rows import prompt_of

WORDS, SIGNS = 20_000, 3000
FEW = 20
BATCH = 2000

COPIES = """
INSERT INTO labeling_prompt (project_id, text, characters, history, system, source, owner, use_case, language,
    reference, constraints, metadata, digest, looked_at, language_detected, personal, clearance, family)
SELECT project_id, text, characters, history, system, source, owner, use_case, language, reference,
    constraints, metadata, md5(digest || n), looked_at, language_detected, personal, clearance, family
FROM labeling_prompt, generate_series(2, %s) AS n WHERE project_id = %s
"""
RESPONSES = """
INSERT INTO labeling_response (prompt_id, endpoint_id, text, characters, digest)
SELECT prompt.id, endpoint.id, said.text, length(said.text), md5(prompt.digest || endpoint.id)
FROM labeling_prompt AS prompt JOIN (SELECT * FROM labeling_endpoint ORDER BY id LIMIT 2) AS endpoint
    ON endpoint.project_id = prompt.project_id,
    LATERAL (SELECT left(prompt.text, 20 + (random() * 800)::int) AS text) AS said
WHERE prompt.project_id = %s ON CONFLICT DO NOTHING
"""


def texts(size: int, draw: random.Random, most: int = WORDS) -> Iterator[str]:
    letters = "etaoinshrdlucmwfgypb"
    words = ["".join(draw.choices(letters, k=draw.randint(2, 9))) for _n in range(most)]
    signs = [chr(draw.randrange(0x4E00, 0x9FA5)) for _n in range(min(most, SIGNS))]
    kept: list[list[str]] = []
    for number in range(size):
        if kept and number % 5 == 0:
            changed = list(draw.choice(kept))
            for place in draw.choices(range(len(changed)), k=max(1, len(changed) // 30)):
                changed[place] = draw.choice(words)
            yield " ".join(changed)
            continue
        chinese = draw.random() < 0.2
        n = min(300, max(3, int(draw.lognormvariate(3.3, 1))))
        some = signs if chinese else words
        drawn = [some[int(len(some) ** draw.random()) - 1] for _n in range(3 * n if chinese else n)]
        kept.append(drawn)
        yield ("" if chinese else " ").join(drawn)


def store(project: Project, size: int, seed: int, most: int = WORDS) -> None:
    draw = random.Random(seed)
    prompts = PromptStore(project)
    batch: list[GivenPrompt] = []
    for number, text in enumerate(texts(size, draw, most)):
        row = {"prompt": f"{text} {seed}", "owner": f"owner-{number % 997}", "source": f"s{number % 9}"}
        batch.append(prompt_of(row))
        if len(batch) == BATCH or number == size - 1:
            prompts.put(batch)
            batch = []


def took(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def peak() -> float:
    """Megabytes that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(options: argparse.Namespace) -> Iterator[Row]:
    project = make_project(1)
    lead = User.objects.create(username="bench-intake", password="!")
    project.memberships.create(user=lead, role=Role.LEAD)
    store(project, options.size, seed=1)
    before = peak()
    yield Row("look into", f"{options.size:,} prompts", took(lambda: examine(project_id=project.pk)), "s")
    yield Row("look into", "memory before", before, "MB")
    yield Row("look into", "most memory", peak(), "MB")
    store(project, options.size // 100, seed=2)
    yield Row("look into", f"{options.size // 100:,} more", took(lambda: examine(project_id=project.pk)), "s")
    found = project.prompts.exclude(family="")
    yield Row("families", "prompts in one", found.count(), "")
    yield Row("families", "families", found.values("family").distinct().count(), "")
    narrow = make_project(1)
    store(narrow, options.size, seed=3, most=FEW)
    case = f"of {FEW} words"
    before = peak()
    yield Row(case, f"{options.size:,} prompts", took(lambda: examine(project_id=narrow.pk)), "s")
    yield Row(case, "memory before", before, "MB")
    yield Row(case, "most memory", peak(), "MB")
    store(narrow, options.size // 100, seed=4, most=FEW)
    yield Row(case, f"{options.size // 100:,} more", took(lambda: examine(project_id=narrow.pk)), "s")
    with connection.cursor() as cursor:
        cursor.execute(COPIES, [options.page // options.size, project.pk])
        cursor.execute(RESPONSES, [project.pk])
        cursor.execute("VACUUM ANALYZE")
    client = Client()
    client.force_login(lead)
    address = reverse("data", kwargs={"slug": project.slug})
    times = sorted(took(lambda: client.get(address)) for _n in range(6))
    yield Row("page", f"{options.page:,} prompts, median of 6", 1000 * times[3], "ms")
    yield Row("page", "slowest", 1000 * times[-1], "ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", type=int, default=100_000, help="prompts that are looked into")
    parser.add_argument("--page", type=int, default=300_000, help="prompts that the page counts")
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
