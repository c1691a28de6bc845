"""What can be told of responses by their texts alone: how long they are, and how much they are marked up."""

from dataclasses import dataclass

import numpy as np
from django.db.models import F, Func, IntegerField, Value
from django.db.models.functions import Length

from evaluation.columns import columns, whole
from evaluation.measures import Measure
from evaluation.stats.intervals import Rows, Values
from labeling.generation.models import Response
from labeling.projects.models import Project

STYLE = {
    "headers": r"^#{1,6}[ \t]",
    "lists": r"^[ \t]*([-*+]|[0-9]+[.)])[ \t]",
    "bold": r"\*\*[^*\n]+\*\*|__[^_\n]+__",
}
"""Markdown, as PostgreSQL's regular expressions: each match counts."""

COLUMNS = ["length", *STYLE]


@dataclass(frozen=True)
class Texts:
    """response (r,): ids, ascending. counts (r, 4): characters, headers, items of lists, bold words of each."""

    response: Rows
    counts: Values

    def of(self, responses: Rows) -> Values:
        """(…, 4) of responses (…,) by id."""
        return self.counts[np.searchsorted(self.response, responses)]

    def compared(self, pairs: Measure) -> tuple[Values, Values]:
        """(n, 4) of the left and of the right responses that the labels between different endpoints compare."""
        left, right = pairs.responses[pairs.unit[pairs.between_endpoints]].T
        return self.of(left), self.of(right)


def read_texts(project: Project) -> Texts:
    """Of all responses in the project's tasks."""
    counted = {
        name: Func(
            F("text"), Value(pattern), Value(1), Value("n"), function="regexp_count", output_field=IntegerField()
        )
        for name, pattern in STYLE.items()
    }
    responses = Response.objects.filter(endpoint__project=project).annotate(length=Length("text"), **counted)
    rows = columns(responses.order_by("pk"), "pk", *COLUMNS)
    return Texts(whole(rows["pk"]), np.column_stack([whole(rows[name]) for name in COLUMNS]).astype(np.float64))
