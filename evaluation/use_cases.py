"""The use case of prompts that came without one, as annotators see it."""

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from evaluation.columns import looked_up
from evaluation.measures import Tasks
from evaluation.stats.intervals import Rows


def with_majority(tasks: Tasks, task: Rows, answers: Sequence[pa.ChunkedArray]) -> Tasks:
    """The use case that more than half of the answers about a prompt name, where it came without one.

    task (n,): that of each annotation; answers: of each question that asks for the use case, a column (n,).
    """
    said = np.concatenate([looked_up(column, json.loads) for column in answers]) if answers else np.array([], np.str_)
    names, code = np.unique(said, return_inverse=True)
    if not tasks.prompt.size or not names.size:
        return tasks
    counts = np.zeros((int(tasks.prompt.max()) + 1, names.size), dtype=np.intp)
    np.add.at(counts, (np.tile(tasks.prompt[task], len(answers)), code), 1)
    counts[:, names == ""] = 0
    majority = np.where(2 * counts.max(axis=1) > counts.sum(axis=1), names[counts.argmax(axis=1)], "")
    return replace(tasks, use_case=np.where(tasks.use_case == "", majority[tasks.prompt], tasks.use_case))
