"""What is planted among honest annotators is found under its own name, and nothing is found where nothing was planted.

People judge pairs of responses of four endpoints. Who is honest sees how much better one response is, with noise of
their own size, says tie when it is close, and likes longer responses a little, as everybody does.
"""

from collections import Counter

import numpy as np
import pytest

from evaluation.stats.annotators import Known, measure_annotators
from evaluation.stats.flags import flags_of
from evaluation.stats.habits import Judged, Worked
from evaluation.stats.labels import Labels

SEEDS = range(20)
FOUND = 0.9
"""Share of the draws in which each planted fact is found."""
FALSE_ALARMS = 0.02
"""Share of honest annotators that may have a flag of any kind."""

N_HONEST, N_LABELS, OVERLAP, N_GOLD = 12, 200, 4, 30
PLANTED = {"biased_position": 12, "biased_length": 13, "drifting": 14, "random": 15, "fast": 16, "poor_gold": 17}
STRENGTH = np.array([0.0, 0.3, 0.6, 0.9])
GOLD_THRESHOLD = 0.6


def flags_in(seed: int, planted: dict[str, int], pairs: int) -> list[tuple[str, ...]]:
    """Of honest annotators and of who does what is planted. Each judges `pairs` pairs of a prompt at a time; what they
    make of a prompt has one half of their noise, each pair the other."""
    draw = np.random.default_rng(seed)
    n_annotators = N_HONEST + len(planted)
    n_prompts = n_annotators * N_LABELS // (OVERLAP * pairs)
    holder = np.argsort(draw.random((n_prompts, n_annotators)), axis=1)[:, :OVERLAP].ravel()
    n_acts, n_units = holder.size, n_prompts * pairs

    act = np.repeat(np.arange(n_acts), pairs)
    annotator, prompt = holder[act], act // OVERLAP
    unit = prompt * pairs + np.tile(np.arange(pairs), n_acts)
    time, left_first = draw.random(n_acts)[act], draw.random(n_acts)[act] < 0.5
    left = draw.integers(4, size=n_units)
    right = (left + draw.integers(1, 4, size=n_units)) % 4
    longer = draw.normal(0, 0.7, n_units)
    better = STRENGTH[left] - STRENGTH[right] + 0.3 * longer + draw.normal(size=n_units)
    noise = 0.7 * (draw.normal(size=n_acts)[act] + draw.normal(size=act.size))
    seen = better[unit] + draw.uniform(0.3, 0.8, n_annotators)[annotator] * noise
    seconds = 60 * np.exp(draw.normal(0, 0.3, n_annotators)[annotator] + draw.normal(0, 0.6, act.size))
    right_answers = np.full(n_annotators, 0.85)

    does = {name: annotator == planted.get(name, -1) for name in PLANTED}
    seen += does["biased_position"] * np.where(left_first, 1.0, -1.0)
    seen += does["biased_length"] * 2.0 * longer[unit]
    outcome = np.where(np.abs(seen) < 0.15, 0, np.sign(seen)).astype(np.int8)
    clicks = does["random"] | (does["drifting"] & (time > 0.5))
    outcome[clicks] = draw.integers(-1, 2, clicks.sum())
    seconds[does["fast"]] *= 0.12
    if "poor_gold" in planted:
        right_answers[planted["poor_gold"]] = 0.15

    of_unit = np.arange(n_units) // pairs
    labels = Labels(
        unit,
        annotator,
        outcome.astype(np.intp) + 1,
        np.array([-1.0, 0.0, 1.0]),
        of_unit,
        of_unit,
        np.zeros((of_unit.size, 2), dtype=np.int64),
    )
    judged = Judged(
        annotator=annotator,
        item=prompt,
        cluster=prompt,
        left=2 * unit,
        right=2 * unit + 1,
        left_endpoint=left[unit],
        right_endpoint=right[unit],
        outcome=outcome,
        left_first=left_first,
        length_difference=longer[unit],
    )
    asked = np.repeat(np.arange(n_annotators), N_GOLD)
    known = Known(asked, (draw.random(asked.size) < right_answers[asked]).astype(float))
    worked = Worked(annotator, seconds)
    measured = measure_annotators(labels, time, judged, worked, known, n_annotators, resamples=0)
    return flags_of(measured.each, GOLD_THRESHOLD)


@pytest.mark.parametrize("pairs", [1, 3])
def test_what_was_planted_is_found_under_its_own_name(pairs: int) -> None:
    found: Counter[str] = Counter()
    n_accused = 0
    for seed in SEEDS:
        flags = flags_in(seed, PLANTED, pairs)
        found.update(name for name, annotator in PLANTED.items() if name in flags[annotator])
        found["anomalous"] += "anomalous" in flags[PLANTED["random"]]
        n_accused += sum(map(bool, flags[:N_HONEST]))
    assert {name for name, n in found.items() if n >= FOUND * len(SEEDS)} == {*PLANTED, "anomalous"}
    assert n_accused <= FALSE_ALARMS * N_HONEST * len(SEEDS)


def test_nothing_is_found_where_nothing_was_planted() -> None:
    n_accused = sum(bool(flags) for seed in SEEDS for flags in flags_in(1000 + seed, {}, pairs=3))
    assert n_accused <= FALSE_ALARMS * N_HONEST * len(SEEDS)
