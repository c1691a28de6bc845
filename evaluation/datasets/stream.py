"""Rows of labels as they are read, for whoever wants them at once."""

from collections.abc import Iterator
from contextlib import closing

from evaluation.datasets.examples import Stream
from evaluation.datasets.files import json_line
from evaluation.datasets.formats import FORMATS
from evaluation.datasets.reading import one_moment
from evaluation.datasets.recipe import Recipe
from labeling.projects.models import Project

AT_ONCE = 2**16
"""Bytes that are sent together, after the first rows."""


def lines(project: Project, recipe: Recipe, split: str | None = None) -> Iterator[bytes]:
    """JSON Lines, many together. Raises Refused, before the first is asked for, for a recipe that does not go with the
    project. Whoever stops reading closes it, which ends the work."""
    Stream(project, recipe)
    return written(project, recipe, split)


def written(project: Project, recipe: Recipe, split: str | None) -> Iterator[bytes]:
    row = FORMATS[recipe.format].row
    with one_moment(), closing(iter(stream := Stream(project, recipe))) as examples:
        together, size, enough = [], 0, 1
        for own, example in examples:
            if split in (None, own):
                together.append(json_line(row(example, stream.shape)))
                size += len(together[-1])
                if size >= enough:
                    yield b"".join(together)
                    together, size, enough = [], 0, AT_ONCE
        yield b"".join(together)
