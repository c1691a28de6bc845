"""Which split each prompt of a project is in."""

from evaluation.datasets.formats.base import Asked
from evaluation.datasets.reading import evaluated_prompts
from evaluation.datasets.recipe import Recipe
from labeling.projects.models import Project
from labeling.prompts.splits import joined, key_of, split_of


class Splits:
    """By who sent the prompt in, else by the prompt; whatever shares a near-duplicate goes together.

    A prompt of which something is said for evaluations only, and all that goes with it, is in the test split, if such
    labels are in the data set at all.
    """

    def __init__(self, project: Project, recipe: Recipe) -> None:
        self.shares, self.seed = recipe.shares, recipe.seed
        families = project.prompts.exclude(family="").values_list("family", "owner", "digest")
        self.joined = joined((family, key_of(owner, digest)) for family, owner, digest in families.iterator())
        evaluated = evaluated_prompts(project).iterator() if recipe.evaluation else ()
        self.tested = {self.key(owner, digest) for owner, digest in evaluated}

    def key(self, owner: str, digest: str) -> str:
        key = key_of(owner, digest)
        return self.joined.get(key, key)

    def of(self, asked: Asked) -> str:
        key = self.key(asked.owner, asked.digest)
        return "test" if key in self.tested else split_of(key, self.shares, self.seed)
