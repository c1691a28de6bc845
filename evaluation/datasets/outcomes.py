"""What the annotators of a task say, as examples to learn from, and a count of what is left out. It knows no tables."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from statistics import fmean
from typing import NamedTuple

import numpy as np

from evaluation.datasets.formats.base import Answer, Example, Judgment, Label, Of, Origin, Pair, Ranking, Shape, Text
from evaluation.datasets.formats.columns import said as said_in_rows
from evaluation.datasets.heard import Heard
from evaluation.datasets.reading import LabeledTask, Opinion
from evaluation.datasets.recipe import Recipe
from evaluation.stats.consensus import ranked_pairs
from labeling.collection.kinds import KINDS
from labeling.collection.kinds.base import LETTERS, outcome
from labeling.collection.kinds.pairwise import Pairwise
from labeling.prompts.digests import text_digest

HUMAN = "annotator"
"""Who wrote what annotators write, where a model is named."""

NO_RESPONSE = 0
"""In the place of the id of one, where a task has none."""

Ranks = Mapping[int, int]
"""By response: 1 is best."""

Pseudonym = Callable[[int], str]
Flagged = Collection[tuple[int, int, str]]
"""Task, response and flag."""


@dataclass
class Outcomes:
    """Makes examples of one kind of tasks. left_out counts, by reason, what would have been one."""

    of: Of
    recipe: Recipe
    shape: Shape
    pseudonym: Pseudonym
    has_scores: bool = False
    """Whether answers are to have one."""
    flagged: Flagged | None = None
    """Where flags are not decided by majority."""
    heard: Heard = field(default_factory=Heard)
    left_out: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        makers: dict[Of, Callable[[View], Iterator[Example]]] = {
            "pairs": self.pairs,
            "labels": self.labels,
            "texts": self.texts,
            "rankings": self.rankings,
            "judgments": self.judgments,
        }
        self.make = makers[self.of]

    def examples(self, task: LabeledTask) -> Iterator[Example]:
        view = View(task, self.recipe, self.flagged, has_scores=self.has_scores)
        self.heard.heed(task, [voice.ranks for voice in view.rankers])
        return self.make(view)

    def pairs(self, view: "View") -> Iterator[Pair]:
        for pair in (*self.compared(view), *(view.edits() if self.recipe.refinements else ())):
            if pair.chosen.text == pair.rejected.text:
                self.left_out["twins"] += 1
            elif pair.chosen.id in view.unwanted:
                self.left_out["flagged"] += 1
            elif self.recipe.margin and pair.margin is None:
                self.left_out["unrated"] += 1
            else:
                yield pair

    def compared(self, view: "View") -> Iterator[Pair]:
        if not view.rankers or self.is_thin(view):
            return
        for voices in view.each_alone() if self.recipe.combine == "annotator" else [view.rankers]:
            for first, second, sign in self.decided(view, voices):
                if view.agreement(first, second, sign) < self.recipe.min_agreement:
                    self.left_out["disputed"] += 1
                elif sign:
                    yield view.pair(*((first, second) if sign > 0 else (second, first)), voices)
                elif self.recipe.ties == "drop":
                    self.left_out["ties"] += 1
                elif self.recipe.ties == "margin":
                    yield view.pair(first, second, voices, is_tie=True)
                else:
                    yield view.pair(first, second, voices, is_tie=True)
                    yield view.pair(second, first, voices, is_tie=True)

    def decided(self, view: "View", voices: Sequence["Voice"]) -> Iterator[tuple[int, int, int]]:
        """Two responses and the outcome between them: 1 where the first is better, −1 the second, 0 neither."""
        if self.recipe.pairs == "all" and self.recipe.combine != "ranked_pairs":
            for first, second in combinations(view.task.candidates, 2):
                yield first, second, plurality(view.votes(first, second, voices))
            return
        ranks = consensus(view.task.candidates, voices)
        if self.recipe.pairs == "all":
            for first, second in combinations(ranks, 2):
                yield first, second, outcome(ranks[first], ranks[second])
            return
        levels: dict[int, list[int]] = defaultdict(list)
        for response, rank in ranks.items():
            levels[rank].append(response)
        in_order = [levels[rank] for rank in sorted(levels)]
        if len(in_order) < 2:
            self.left_out["ties"] += 1
            return
        chosen = pairwise(in_order) if self.recipe.pairs == "adjacent" else [(in_order[0], in_order[-1])]
        for better, worse in chosen:
            yield from ((first, second, 1) for first, second in product(better, worse))

    def labels(self, view: "View") -> Iterator[Label]:
        verdicts = list(view.verdicts())
        if not verdicts or self.is_thin(view):
            return
        for response, is_desirable in verdicts:
            if is_desirable is None:
                self.left_out["ties"] += 1
            else:
                yield Label(
                    view.task.asked,
                    view.answer(response),
                    view.origin(),
                    is_desirable and response not in view.unwanted,
                )

    def texts(self, view: "View") -> Iterator[Text]:
        asked, wanted = view.task.asked, self.recipe.texts
        if "demonstrations" in wanted:
            for said, text in view.demonstrations():
                yield Text(asked, written_here(text), view.origin([said]))
        if "refinements" in wanted:
            for pair in view.edits():
                yield Text(asked, pair.chosen, pair.origin)
        if "top_ranked" in wanted and view.rankers and not self.is_thin(view):
            ranks = consensus(view.task.candidates, view.rankers)
            for response in [one for one, rank in ranks.items() if rank == 1]:
                if len(set(ranks.values())) == 1:
                    self.left_out["ties"] += 1
                elif response in view.unwanted:
                    self.left_out["flagged"] += 1
                else:
                    yield Text(asked, view.answer(response), view.origin())

    def rankings(self, view: "View") -> Iterator[Ranking]:
        if not view.rankers or self.is_thin(view):
            return
        for voices in view.each_alone() if self.recipe.combine == "annotator" else [view.rankers]:
            ranks = consensus(view.task.candidates, voices)
            people = [voice.said for voice in voices]
            yield Ranking(
                view.task.asked,
                [view.answer(response) for response in ranks],
                list(ranks.values()),
                {name: [view.mean(name, one, people) for one in ranks] for name in self.shape.scales},
                {name: [view.is_raised(name, one, people) for one in ranks] for name in self.shape.flags},
                len(people),
                view.origin(people),
            )

    def judgments(self, view: "View") -> Iterator[Judgment]:
        answers = {response: view.answer(response) for response in view.task.candidates}
        for said, ranks, preference in view.voices:
            origin = view.origin([said])
            parts = said_in_rows(view.task.questions, said.answers, len(said.order) or 1)
            for place, response in enumerate(said.order or [NO_RESPONSE]):
                yield Judgment(
                    view.task.asked,
                    answers.get(response),
                    self.pseudonym(said.person),
                    place + 1,
                    ranks.get(response),
                    preference,
                    {part: values[place] for part, values in parts.items()},
                    said.day,
                    origin,
                )

    def is_thin(self, view: "View") -> bool:
        """Whether too few people said anything together; a reviewer's word is enough."""
        is_thin = len(view.task.said) < self.recipe.min_annotators and not view.is_decided
        self.left_out["thin"] += is_thin
        return is_thin


class Voice(NamedTuple):
    """How one person ranked the responses of a task, and what they chose, as in `A2`, where they chose one of two: A is
    the one at the first position. Nothing where they compared none."""

    said: Opinion
    ranks: Ranks
    preference: str

    @property
    def strength(self) -> int | None:
        """In steps of the scale that was offered, if one was."""
        if not self.preference:
            return None
        return 0 if Pairwise().ranks(self.preference) == [1, 1] else int(self.preference[1:] or 1)


class View:
    """A task, as the recipe looks at it."""

    def __init__(self, task: LabeledTask, recipe: Recipe, flagged: Flagged | None, *, has_scores: bool) -> None:
        self.task, self.recipe, self.has_scores = task, recipe, has_scores
        self.of_kind = task.of_kind
        self.voices = [self.voice(said) for said in task.said]
        self.rankers = [voice for voice in self.voices if voice.ranks]
        self.is_decided = any(said.is_decision for said in task.said)
        self.unwanted = {
            response
            for flag in recipe.without_flags
            for response in task.candidates
            if (self.is_raised(flag, response, task.said) if flagged is None else (task.pk, response, flag) in flagged)
        }

    def each_alone(self) -> list[list[Voice]]:
        return [[voice] for voice in self.rankers]

    def voice(self, said: Opinion) -> Voice:
        """By the first question that compares responses and that they answered."""
        for question in self.of_kind["comparing"]:
            if question.name in said.answers:
                answer = said.answers[question.name]
                ranks = dict(zip(said.order, KINDS[question.kind].ranks(answer), strict=True))
                return Voice(said, ranks, answer if question.kind == "pairwise" else "")
        return Voice(said, {}, "")

    def votes(self, first: int, second: int, voices: Sequence[Voice]) -> Counter[int]:
        return Counter(outcome(voice.ranks[first], voice.ranks[second]) for voice in voices)

    def agreement(self, first: int, second: int, sign: int) -> float:
        """Which share of all who compared the two says so."""
        votes = self.votes(first, second, self.rankers)
        return votes[sign] / votes.total()

    def pair(self, chosen: int, rejected: int, voices: Sequence[Voice], *, is_tie: bool = False) -> Pair:
        margin = 0.0 if is_tie and self.recipe.margin else self.margin(chosen, rejected, voices)
        origin = self.origin([voice.said for voice in voices])
        return Pair(self.task.asked, self.answer(chosen), self.answer(rejected), origin, margin)

    def margin(self, chosen: int, rejected: int, voices: Sequence[Voice]) -> float | None:
        """Positive where the chosen one is better."""
        if self.recipe.margin == "strength":
            return fmean(strength(voice, chosen, rejected) for voice in voices)
        if self.recipe.margin == "score":
            people = [voice.said for voice in voices]
            better, worse = (self.mean(self.scale, response, people) for response in (chosen, rejected))
            return None if better is None or worse is None else better - worse
        return None

    @property
    def scale(self) -> str:
        """The question whose ratings are scores, or ""."""
        return self.recipe.scale or next((question.name for question in self.of_kind["likert"]), "")

    def answer(self, response: int) -> Answer:
        candidate = self.task.candidates[response]
        score = self.score(response) if self.has_scores else None
        return Answer(candidate.text, candidate.model, candidate.digest, candidate.id, candidate.run, score)

    def score(self, response: int) -> float | None:
        rated = self.mean(self.scale, response, self.task.said)
        if rated is not None or self.of_kind["likert"]:
            return rated
        met = [self.votes(response, other, self.rankers) for other in self.task.candidates if other != response]
        n = sum(votes.total() for votes in met)
        return sum(votes[1] + votes[0] / 2 for votes in met) / n if n else None

    def rated(self, name: str, said: Opinion) -> Mapping[int, int | None]:
        """By response, the ratings that they gave by the question."""
        return dict(zip(said.order, said.answers.get(name) or (), strict=False))

    def raised(self, flag: str, said: Opinion) -> Mapping[int, bool | None]:
        for question in self.of_kind["flags"]:
            if flag in said.answers.get(question.name, {}):
                return dict(zip(said.order, said.answers[question.name][flag], strict=True))
        return {}

    def mean(self, name: str, response: int, people: Sequence[Opinion]) -> float | None:
        values = [value for said in people if (value := self.rated(name, said).get(response)) is not None]
        return fmean(values) if values else None

    def is_raised(self, flag: str, response: int, people: Sequence[Opinion]) -> bool | None:
        """By most of those who were asked; None where nobody was."""
        values = [value for said in people if (value := self.raised(flag, said).get(response)) is not None]
        return 2 * sum(values) > len(values) if values else None

    def verdicts(self) -> Iterator[tuple[int, bool | None]]:
        """Each response that is desirable or is not; None for all of a task that tells none from another."""
        if self.recipe.desirable == "rating":
            question = next((one for one in self.of_kind["likert"] if one.name == self.scale), None)
            for response in self.task.candidates if question else ():
                mean = self.mean(self.scale, response, self.task.said)
                middle = (question.options["low"] + question.options["high"]) / 2 if question else 0
                if mean is not None:
                    yield response, None if mean == middle else mean > middle
            return
        ranks = consensus(self.task.candidates, self.rankers) if self.rankers else {}
        ends = set(ranks.values())
        for response, rank in ranks.items():
            if len(ends) == 1:
                yield response, None
            elif rank in (min(ends), max(ends)):
                yield response, rank == min(ends)

    def edits(self) -> Iterator[Pair]:
        """Each response that somebody edited, the edit being better."""
        for said in self.task.said:
            for question in self.of_kind["refinement"]:
                if question.name in said.answers:
                    edit = said.answers[question.name]
                    original = self.answer(said.order[LETTERS.index(edit["of"])])
                    margin = 1.0 if self.recipe.margin == "strength" else None
                    yield Pair(self.task.asked, written_here(edit["text"]), original, self.origin([said]), margin)

    def demonstrations(self) -> Iterator[tuple[Opinion, str]]:
        for said in self.task.said:
            for question in self.of_kind["demonstration"]:
                if question.name in said.answers:
                    yield said, said.answers[question.name]

    def origin(self, people: Sequence[Opinion] | None = None) -> Origin:
        said = self.task.said if people is None else people
        guidelines = sorted({one.guideline for one in said if one.guideline is not None})
        return Origin(self.task.pk, [one.annotation for one in said], guidelines, self.task.instrument)


def written_here(text: str) -> Answer:
    return Answer(text, HUMAN, text_digest(text))


def consensus(candidates: Collection[int], voices: Sequence[Voice]) -> Ranks:
    """Dense ranks of the responses, in their order: one person's own, or those by ranked pairs."""
    if len(voices) == 1:
        ranks = [voices[0].ranks[response] for response in candidates]
    else:
        wins = np.zeros((len(candidates), len(candidates)))
        for voice in voices:
            given = np.array([voice.ranks[response] for response in candidates])
            wins += given[:, None] < given[None, :]
        ranks = ranked_pairs(wins).tolist()
    dense = {rank: level for level, rank in enumerate(sorted(set(ranks)), 1)}
    return {response: dense[rank] for response, rank in zip(candidates, ranks, strict=True)}


def strength(voice: Voice, chosen: int, rejected: int) -> float:
    """How strongly one person preferred the chosen one: in steps of the scale that was offered, or by ranks between."""
    between, steps = voice.ranks[rejected] - voice.ranks[chosen], voice.strength
    return between if steps is None else steps * np.sign(between).item()


def plurality(votes: Counter[int]) -> int:
    """The outcome with more votes than any other; 0 when there is none."""
    (found, most), *others = votes.most_common() or [(0, 0)]
    return 0 if others and others[0][1] == most else found
