"""What annotators of a task say of each pair of its responses."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

from labeling.collection.answers import Answers
from labeling.collection.kinds import KINDS
from labeling.collection.kinds.base import outcome
from labeling.projects.questions import Question

OrderedAnswers = tuple[Sequence[int], Answers]
"""What one annotator said: response ids in the order of the answers, and the answers."""

Votes = dict[tuple[int, int], Counter[int]]
"""By two response ids: how often the first was said to be better (1), the second (-1), or neither (0)."""


def count_votes(questions: Iterable[Question], responses: Sequence[int], said: Iterable[OrderedAnswers]) -> Votes:
    """Each annotator's, on the first question that compares responses and that they answered.

    Pairs are in the order of `responses`.
    """
    comparing = [question for question in questions if KINDS[question.kind].compares]
    votes: Votes = {}
    for order, answers in said:
        question = next((one for one in comparing if one.name in answers), None)
        if question is not None:
            rank = dict(zip(order, KINDS[question.kind].ranks(answers[question.name]), strict=True))
            for pair in combinations(responses, 2):
                votes.setdefault(pair, Counter())[outcome(*(rank[response] for response in pair))] += 1
    return votes
