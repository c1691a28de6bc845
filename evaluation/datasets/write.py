"""Write a data set as a folder that `datasets.load_dataset` reads."""

import hashlib
import json
import shutil
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _

from evaluation.datasets.card import card
from evaluation.datasets.croissant import croissant
from evaluation.datasets.examples import Stream
from evaluation.datasets.files import Part, sha256
from evaluation.datasets.formats import FORMATS
from evaluation.datasets.formats.base import Example
from evaluation.datasets.recipe import Recipe
from evaluation.datasets.written import SUMS, Written
from labeling.errors import Refused
from labeling.interpreter import rarely_collected
from labeling.projects.models import Project
from labeling.prompts.splits import SHARES

NO_USE_CASE = "unknown"


def write_dataset(
    *, project: Project, recipe: Recipe, out: Path, progress: Callable[[int], object] = lambda _tasks: None
) -> Written:
    """Write the project's labels into the new folder `out`: wholly, or not at all. To be called in `one_moment`.

    progress: is told how many tasks are done, now and then. Raises Refused when `out` holds something, or when there is
    nothing to write.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused(_("%(folder)s is not an empty folder.") % {"folder": out})
    half = out.with_name(f".{out.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    try:
        half.mkdir(parents=True)
        with rarely_collected():
            written = fill(half, project, recipe, progress)
        if out.exists():
            out.rmdir()
        half.rename(out)
    except OSError as wrong:
        raise Refused(_("%(folder)s cannot be written: %(why)s.") % {"folder": out, "why": wrong.strerror}) from wrong
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return written


def fill(folder: Path, project: Project, recipe: Recipe, progress: Callable[[int], object]) -> Written:
    stream = Stream(project, recipe)
    parts = Parts(folder, stream)
    tally = Tally()
    with closing(iter(stream)) as examples:
        while some := list(islice(examples, TOGETHER)):
            for split, example in some:
                parts.add(split, example)
            tally.heed([example for _split, example in some])
            progress(stream.n_tasks)
    written = Written(
        configs=parts.close(),
        left_out=dict(sorted(stream.left_out.items())),
        prompts=tally.prompts(),
        edits=tally.edits,
        use_cases=dict(sorted(tally.use_cases.items())),
        languages=dict(sorted(tally.languages.items())),
    )
    if not written.rows:
        raise Refused(_("No label becomes a row of this data set: nothing to write."))
    beside = FORMATS[recipe.format].beside
    for name, text in beside(project.slug, parts.first_files()).items() if beside else ():
        (folder / name).write_text(text)
    (folder / "recipe.json").write_text(json.dumps(recipe.to_json(), indent=2) + "\n")
    (folder / "README.md").write_text(card(project, recipe, written, stream.shape, stream.heard))
    sums = {path: sha256(path) for path in folder.rglob("*") if path.is_file()}
    about = folder / "croissant.json"
    about.write_text(croissant(folder, sums, project, recipe, written, stream.shape))
    sums[about] = sha256(about)
    written.files = {str(path.relative_to(folder)): sums[path] for path in sorted(sums)}
    told = "".join(f"{digest}  {name}\n" for name, digest in written.files.items())
    (folder / SUMS).write_text(told)
    written.digest = hashlib.sha256(told.encode()).hexdigest()
    return written


TOGETHER = 100
"""Rows that are counted at once, and between two reports of progress."""


class Parts:
    """The splits of a data set, and those of each configuration where it has several."""

    def __init__(self, folder: Path, stream: Stream) -> None:
        self.folder, self.stream = folder, stream
        self.parts: dict[tuple[str, str], Part] = {}
        self.paths: dict[tuple[str, str], list[Path]] = {}

    def add(self, split: str, example: Example) -> None:
        recipe = self.stream.recipe
        config = (example.asked.use_case or NO_USE_CASE) if recipe.by_use_case else ""
        part = self.parts.get((config, split))
        if part is None:
            rows = FORMATS[recipe.format]
            name = rows.splits.get(split, split)
            part = Part(self.folder, name, rows, self.stream.shape, recipe.file_format, config)
            self.parts[config, split] = part
        part.add(example)

    def close(self) -> dict[str, dict[str, int]]:
        """By configuration and split: how many rows."""
        configs: dict[str, dict[str, int]] = {}
        for config, split in sorted(self.parts, key=lambda part: (part[0], list(SHARES).index(part[1]))):
            part = self.parts[config, split]
            self.paths[config, part.split] = part.close()
            configs.setdefault(config or "default", {})[part.split] = part.n_rows
        return configs

    def first_files(self) -> Mapping[str, str]:
        return {
            "-".join(filter(None, (config, split))): str(paths[0].relative_to(self.folder))
            for (config, split), paths in self.paths.items()
        }


@dataclass
class Tally:
    """What there is to say of all rows together."""

    edits: int = 0
    use_cases: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    asked: "array[int]" = field(default_factory=lambda: array("Q"))
    """The first 64 bits of the digest of each row's prompt."""

    def heed(self, examples: Sequence[Example]) -> None:
        asked = [example.asked for example in examples]
        self.edits += sum(any(answer.id is None for answer in example.answers) for example in examples)
        self.use_cases.update([one.use_case or NO_USE_CASE for one in asked])
        self.languages.update([one.language or NO_USE_CASE for one in asked])
        self.asked.frombytes(bytes.fromhex("".join([one.digest[:16] for one in asked])))

    def prompts(self) -> int:
        return int(np.unique(np.frombuffer(self.asked, dtype=np.uint64)).size)
