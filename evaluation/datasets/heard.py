"""Who says something of a data set's tasks, how much, and how far they agree, counted task by task."""

from array import array
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from evaluation.datasets.reading import LabeledTask
from evaluation.reports import SEED
from evaluation.stats.agreement import Agreement, estimate
from evaluation.stats.labels import Labels
from labeling.collection.kinds.base import outcome

OUTCOMES = np.array([-1.0, 0.0, 1.0])


class Heard:
    def __init__(self) -> None:
        self.people: set[int] = set()
        self.guidelines: set[int] = set()
        """Their versions."""
        self.n_annotations = 0
        self.n_rankings = 0
        self.votes = array("H")
        """Of each pair of responses that several people compared: how many say each of OUTCOMES."""
        self.prompts = array("q")
        """Of each such pair."""

    def heed(self, task: LabeledTask, rankings: Sequence[Mapping[int, int]]) -> None:
        """rankings: by annotator, the rank of each response."""
        for said in task.said:
            self.people.add(said.person)
            if said.guideline is not None:
                self.guidelines.add(said.guideline)
        self.n_annotations += len(task.said)
        self.n_rankings += len(rankings)
        if len(rankings) > 1:
            for first, second in combinations(task.candidates, 2):
                votes = [0] * OUTCOMES.size
                for ranks in rankings:
                    votes[outcome(ranks[first], ranks[second]) + 1] += 1
                self.votes.extend(votes)
                self.prompts.append(task.prompt)

    def agreement(self) -> Agreement:
        """Krippendorff's α on pairs of responses, as the page of agreement has it."""
        votes = np.frombuffer(self.votes, np.uint16).reshape(-1, OUTCOMES.size)
        cell = np.repeat(np.arange(votes.size), votes.ravel())
        unit, value = np.divmod(cell, OUTCOMES.size)
        n_votes = votes.sum(axis=1, dtype=np.int64)
        prompts = np.frombuffer(self.prompts, np.int64)
        which = np.arange(unit.size) - (np.cumsum(n_votes) - n_votes)[unit]
        labels = Labels(unit, which, value, OUTCOMES, prompts, prompts)
        return estimate(labels, "krippendorff_alpha", "nominal", seed=SEED)
