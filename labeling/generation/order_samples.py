"""Which samples a run adds for its prompts."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from labeling.generation.models import GenerationRun, RunPart, Sample, SampleState
from labeling.generation.seeds import sample_seed
from labeling.prompts.models import Prompt

BROKEN = {SampleState.FAILED, SampleState.CANCELLED}
"""States of samples that an order has drawn again."""

BATCH = 2000

Slot = tuple[int, int]
"""The id of sampling params, and a sample's number."""

ADD = """
COPY labeling_sample (run_id, endpoint_id, params_id, prompt_id, number, seed, size, redraw, state, attempts, setbacks,
    problem, problem_detail) FROM STDIN
"""
"""A run may have hundreds of thousands, which the person who orders them waits for."""

UNTRIED = (0, SampleState.WAITING.value, 0, 0, "", "{}")


def order_samples(run: GenerationRun, parts: Sequence[RunPart], prompts: Sequence[Any]) -> int:
    """Make the samples that these sized prompts lack, and have those drawn again that failed; the number of both."""
    params = {part.params_id: part.params for part in parts}
    slots = [(part.params_id, number) for part in parts for number in range(part.samples)]
    there: dict[int, dict[Slot, list[Sample]]] = defaultdict(dict)
    known = Sample.objects.filter(params__in=params, prompt__in=prompts)
    for sample in known.only("prompt_id", "params_id", "number", "state"):
        there[sample.prompt_id].setdefault((sample.params_id, sample.number), []).append(sample)
    missing: list[tuple[Any, ...]] = []
    again: list[int] = []
    for prompt in prompts:
        own = there[prompt.pk]
        for slot in chosen_slots(run, slots, own, prompt):
            again += [sample.pk for sample in own.get(slot, []) if sample.state in BROKEN]
            if slot not in own:
                one = params[slot[0]]
                seed = sample_seed(run.seed, one, prompt.digest, slot[1])
                missing.append((run.pk, one.endpoint_id, one.pk, prompt.pk, slot[1], seed, prompt.size, *UNTRIED))
    add_samples(missing)
    for batch in (again[start : start + BATCH] for start in range(0, len(again), BATCH)):
        Sample.objects.filter(pk__in=batch).anew(run=run)
    return len(missing) + len(again)


def chosen_slots(
    run: GenerationRun, slots: Sequence[Slot], there: Mapping[Slot, Sequence[Sample]], prompt: Prompt
) -> list[Slot]:
    """Which of the slots are for this prompt: all, or as many as it lacks of a mix, those first that were tried."""
    if run.per_prompt is None:
        return list(slots)
    sound = [slot for slot in slots if slot in there and not any(one.state in BROKEN for one in there[slot])]
    tried = [slot for slot in slots if slot in there and slot not in sound]
    n_lacking = max(0, run.per_prompt - len(sound))
    free = [slot for slot in slots if slot not in there]
    drawn = random.Random(f"{run.seed}:{prompt.digest}").sample(free, len(free))  # noqa: S311
    return sorted([*tried, *drawn][:n_lacking])


def add_samples(rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(ADD) as copy:
        for row in rows:
            copy.write_row(row)
