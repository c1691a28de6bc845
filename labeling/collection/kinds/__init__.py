"""The rack of question kinds. A kind knows how its answers look, not where they are stored."""

from labeling.collection.kinds.base import AnswerRefused, Kind
from labeling.collection.kinds.comment import Comment
from labeling.collection.kinds.demonstration import Demonstration
from labeling.collection.kinds.flags import Flags
from labeling.collection.kinds.likert import Likert
from labeling.collection.kinds.pairwise import Pairwise
from labeling.collection.kinds.prompt_flags import PromptFlags
from labeling.collection.kinds.ranking import Ranking
from labeling.collection.kinds.refinement import Refinement
from labeling.collection.kinds.use_case import UseCaseOfPrompt

__all__ = ["KINDS", "AnswerRefused", "Kind"]

KINDS: dict[str, Kind] = {
    "likert": Likert(),
    "flags": Flags(),
    "ranking": Ranking(),
    "pairwise": Pairwise(),
    "demonstration": Demonstration(),
    "refinement": Refinement(),
    "comment": Comment(),
    "prompt_flags": PromptFlags(),
    "use_case": UseCaseOfPrompt(),
}
