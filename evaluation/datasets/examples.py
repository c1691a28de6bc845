"""The examples that a recipe makes of a project's labels, each with its split, as a stream."""

from collections import Counter
from collections.abc import Generator
from contextlib import closing
from functools import cache
from itertools import chain

from django.utils.crypto import salted_hmac

from evaluation.comparisons import read_annotations
from evaluation.datasets.formats import FORMATS
from evaluation.datasets.formats.base import Example, Origin, Shape, Text
from evaluation.datasets.formats.columns import Columns
from evaluation.datasets.heard import Heard
from evaluation.datasets.outcomes import Flagged, Outcomes, Pseudonym
from evaluation.datasets.reading import labeled_tasks, labels, read_labeled, read_prompts
from evaluation.datasets.recipe import Recipe, refuse_unknown
from evaluation.datasets.splits import Splits
from evaluation.stats.consensus import dawid_skene
from evaluation.stats.results import Undefined
from labeling.projects.models import Project
from labeling.projects.questions import Question

PROBABLE = 0.5
YES = 1


class Stream:
    """To be read once, in `one_moment`. n_tasks: how many were read so far, or prompts, where rows are of these.

    heard: what annotators say of those tasks."""

    def __init__(self, project: Project, recipe: Recipe, most_tasks: int | None = None) -> None:
        """Raises Refused for a question or a flag that the project never had."""
        self.project, self.recipe, self.most_tasks = project, recipe, most_tasks
        self.rows = FORMATS[recipe.format]
        self.shape = shape_of(asked_by(project), recipe)
        for flag in recipe.without_flags:
            refuse_unknown("without_flags", flag, dict.fromkeys(self.shape.flags))
        if recipe.scale:
            refuse_unknown("scale", recipe.scale, dict.fromkeys(self.shape.scales))
        self.splits = Splits(project, recipe)
        self.n_tasks = 0
        self.left_out: Counter[str] = Counter()
        self.heard = Heard()

    def total(self) -> int:
        """How many tasks there are to read, or prompts."""
        found = self.project.prompts.usable() if self.rows.of == "prompts" else labeled_tasks(self.project, self.recipe)
        return found.count()

    def __iter__(self) -> Generator[tuple[str, Example], None, None]:
        if self.rows.of == "prompts":
            with closing(read_prompts(self.project, self.most_tasks)) as prompts:
                for asked in prompts:
                    self.n_tasks += 1
                    yield self.splits.of(asked), Text(asked, None, Origin())
            return
        outcomes = Outcomes(
            self.rows.of,
            self.recipe,
            self.shape,
            pseudonyms(self.project),
            has_scores=self.rows.has_scores,
            flagged=self.flagged(),
            heard=self.heard,
            left_out=self.left_out,
        )
        with closing(read_labeled(self.project, self.recipe, self.most_tasks)) as tasks:
            for task in tasks:
                self.n_tasks += 1
                split = self.splits.of(task.asked)
                for example in outcomes.examples(task):
                    yield split, example

    def flagged(self) -> Flagged | None:
        """By Dawid and Skene, where that is wanted; a flag of which nothing can be told that way is by majority."""
        if self.recipe.flags_by == "majority" or not self.recipe.without_flags:
            return None
        said = read_annotations(self.project, labels(self.recipe))
        found: set[tuple[int, int, str]] = set()
        for measure in said.measures:
            flag = measure.name.partition(".")[2]
            if measure.question.kind == "flags" and flag in self.recipe.without_flags:
                counts = measure.labels().counts
                try:
                    probable = dawid_skene(measure.labels(), len(said.annotators)).posterior[:, YES] > PROBABLE
                except Undefined:
                    probable = counts[:, YES] * 2 > counts.sum(axis=1)
                tasks, responses = said.tasks.pk[measure.task[probable]], measure.responses[probable, 0]
                found.update((*unit, flag) for unit in zip(tasks.tolist(), responses.tolist(), strict=True))
        return found


def asked_by(project: Project) -> list[list[Question]]:
    """All questions that were ever asked, by version."""
    return [instrument.questions for instrument in project.instruments.order_by("version")]


def shape_of(instruments: list[list[Question]], recipe: Recipe) -> Shape:
    questions = list(chain.from_iterable(instruments))
    return Shape(
        has_margin=bool(recipe.margin),
        scales=tuple(dict.fromkeys(one.name for one in questions if one.kind == "likert")),
        flags=tuple(dict.fromkeys(flag for one in questions if one.kind == "flags" for flag in one.options["flags"])),
        columns=Columns(instruments),
    )


def pseudonyms(project: Project) -> Pseudonym:
    """Of annotators: the same in all data sets of a project, another in every project, and nobody's name."""
    salt = str(project.salt)

    @cache
    def pseudonym(person: int) -> str:
        digest = salted_hmac("evaluation.datasets.annotator", str(person), secret=salt, algorithm="sha256").hexdigest()
        return f"annotator-{digest[:10]}"

    return pseudonym
