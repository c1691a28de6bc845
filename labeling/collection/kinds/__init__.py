"""The rack of question kinds. A kind knows how its answers look, not where they are stored."""

from labeling.collection.kinds.base import AnswerRefused, Kind
from labeling.collection.kinds.comment import Comment
from labeling.collection.kinds.flags import Flags
from labeling.collection.kinds.likert import Likert
from labeling.collection.kinds.pairwise import Pairwise
from labeling.collection.kinds.ranking import Ranking

__all__ = ["KINDS", "AnswerRefused", "Kind"]

KINDS: dict[str, Kind] = {
    "ranking": Ranking(),
    "pairwise": Pairwise(),
    "likert": Likert(),
    "flags": Flags(),
    "comment": Comment(),
}
