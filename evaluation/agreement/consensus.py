"""What the annotators of a project say together of each task: one ranking, and one answer to each flag."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from evaluation.comparisons import read
from evaluation.measures import Measure, Said
from evaluation.stats.consensus import DawidSkene, dawid_skene, ranked_pairs
from evaluation.stats.intervals import Rows
from evaluation.stats.results import Undefined
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.models import Project

Row = dict[str, Any]
NO, YES = 0, 1


@dataclass(frozen=True)
class Consensus:
    """flags: of each flag, how often it is right to raise it, and how often each annotator is wrong. rows: of each
    question, what is said together of each task, in the order of their ids; made as they are read."""

    flags: list[Row]
    rows: Iterator[Row]


def consensus(*, project: Project, question: str | None = None) -> Consensus:
    """By everything that was said, or where a reviewer decided, by that. question: only this one, or this flag of it.

    Raises Refused where nobody answered that question, or its answers neither compare responses nor flag them.
    """
    said = read(project, decided=True)
    told = [one for one in said.measures if one.of_pairs or one.question.kind == "flags"]
    asked = [one for one in told if question is None or one.answers_to(question)]
    if question is not None and not asked:
        known = ", ".join(one.name for one in told) or "–"
        raise Refused(
            _("No answers to “%(name)s” compare or flag responses. Those to these do: %(known)s.")
            % {"name": question, "known": known}
        )
    names = dict(User.objects.filter(pk__in=said.annotators).values_list("pk", "username"))
    annotators = [names[user] for user in said.annotators]
    flags = [Flag(said, one) for one in asked if not one.of_pairs]
    rankings = (rankings_of(said, one) for one in asked if one.of_pairs)
    rows = chain(*rankings, *(flag.rows() for flag in flags))
    return Consensus([flag.errors(annotators) for flag in flags], rows)


def rankings_of(said: Said, measure: Measure) -> Iterator[Row]:
    """By ranked pairs over the outcomes of each task's own pairs; and of each pair its votes and their majority."""
    counts = measure.labels().counts
    second, first = counts[:, 0], counts[:, -1]
    votes = np.stack([first, counts.sum(axis=1) - first - second, second], axis=1)
    for units in by_task(measure):
        pairs = measure.responses[units]
        responses, place = np.unique(pairs, return_inverse=True)
        left, right = place.reshape(pairs.shape).T
        wins = np.zeros((responses.size, responses.size))
        wins[left, right] = first[units]
        wins[right, left] = second[units]
        endpoints = dict(zip(pairs.ravel().tolist(), measure.endpoints[units].ravel().tolist(), strict=True))
        ranked = sorted(zip(ranked_pairs(wins).tolist(), responses.tolist(), strict=True))
        yield {
            **about(said, measure, units),
            "ranking": [
                {"response": one, "endpoint": said.endpoint_names[endpoints[one]], "rank": rank} for rank, one in ranked
            ],
            "pairs": [
                {"first": one, "second": other, **voted(dict(zip(("first", "tie", "second"), given, strict=True)))}
                for (one, other), given in zip(pairs.tolist(), votes[units].tolist(), strict=True)
            ],
        }


@dataclass(frozen=True)
class Flag:
    """What people say of one flag, and what that comes to by Dawid and Skene, or why to nothing."""

    said: Said
    measure: Measure

    @cached_property
    def found(self) -> DawidSkene | str:
        try:
            return dawid_skene(self.measure.labels(), len(self.said.annotators))
        except Undefined as nothing:
            return nothing.reason

    def errors(self, annotators: list[str]) -> Row:
        """annotators: what each number of an annotator stands for."""
        name = self.measure.name
        if isinstance(self.found, str):
            return {"question": name, "prevalence": None, "converged": None, "annotators": [], "undefined": self.found}
        n_labels = np.bincount(self.measure.annotator, minlength=len(annotators)).tolist()
        rates = zip(annotators, n_labels, self.found.confusion, strict=True)
        return {
            "question": name,
            "prevalence": float(self.found.prevalence[YES]),
            "converged": self.found.converged,
            "annotators": [
                {
                    "annotator": person,
                    "n_labels": n,
                    "wrong_yes": share(confusion[NO, YES]),
                    "wrong_no": share(confusion[YES, NO]),
                }
                for person, n, confusion in rates
                if n
            ],
            "undefined": None,
        }

    def rows(self) -> Iterator[Row]:
        """Of each response the votes, their majority, and how probable it is that the flag is right."""
        counts = self.measure.labels().counts
        probable = None if isinstance(self.found, str) else self.found.posterior[:, YES]
        for units in by_task(self.measure):
            yield {
                **about(self.said, self.measure, units),
                "responses": [
                    {
                        "response": int(self.measure.responses[unit, 0]),
                        "endpoint": self.said.endpoint_names[self.measure.endpoints[unit, 0]],
                        **voted({"yes": int(counts[unit, YES]), "no": int(counts[unit, NO])}),
                        "probability": None if probable is None else float(probable[unit]),
                    }
                    for unit in units.tolist()
                ],
            }


def by_task(measure: Measure) -> Iterator[Rows]:
    """The units of each task, in the order of positions."""
    in_order = np.argsort(measure.task, kind="stable")
    yield from np.split(in_order, np.flatnonzero(np.diff(measure.task[in_order])) + 1)


def about(said: Said, measure: Measure, units: Rows) -> Row:
    return {"question": measure.name, "task": int(said.tasks.pk[measure.task[units[0]]])}


def voted(votes: Mapping[str, int]) -> Row:
    """The majority is what got the most votes, None where several did."""
    highest = max(votes.values())
    winners = [name for name, n in votes.items() if n == highest]
    return {"votes": votes, "majority": winners[0] if len(winners) == 1 else None}


def share(value: float) -> float | None:
    """None where there is none: where an annotator saw nothing of that kind."""
    return None if np.isnan(value) else float(value)
