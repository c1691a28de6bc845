"""The labels as they were given: one annotator's answers to one response a row."""

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from evaluation.datasets.formats.base import MESSAGES, TEXT, Judgment, Row, RowFormat, Shape


def schema(shape: Shape) -> pa.Schema:
    """Flat, so that a table shows it: a rating by the question `overall` is in the column `scores.overall`."""
    return pa.schema(
        [
            ("prompt_id", TEXT),
            ("prompt", MESSAGES),
            *[(name, TEXT) for name in ("use_case", "language", "model", "response", "annotator")],
            ("position", pa.int64()),
            ("rank", pa.int64()),
            ("preference", TEXT),
            *shape.columns.types.items(),
            ("day", TEXT),
            ("questions", pa.int64()),
            ("guidelines", pa.int64()),
        ]
    )


def row(judgment: Judgment, shape: Shape) -> Row:
    asked, answer = judgment.asked, judgment.answer
    return {
        "prompt_id": asked.digest,
        "prompt": list(asked.messages),
        "use_case": asked.use_case,
        "language": asked.language,
        "model": answer and answer.model,
        "response": answer and answer.text,
        "annotator": judgment.annotator,
        "position": judgment.position,
        "rank": judgment.rank,
        "preference": judgment.preference,
        **dict.fromkeys(shape.columns.types),
        **{column: value for part, value in judgment.said.items() if (column := shape.columns.of.get(part))},
        "day": judgment.day,
        "questions": judgment.origin.instrument,
        "guidelines": next(iter(judgment.origin.guidelines), None),
    }


JUDGMENTS = RowFormat(
    title=_("Judgments as they were given"),
    of="judgments",
    schema=schema,
    row=row,
    task_categories=("text-generation", "text-classification"),
    about=_(
        "A row is what one annotator, by a pseudonym, said of one response: `position` is where it was shown, `rank` "
        "1 is best and equal ranks are ties, `preference` which of two is better (A was at position 1) and how much, "
        "`scores.…` ratings, `flags.…` properties, `refinement.…` the response as they edited it. `demonstration.…`, "
        "`comment.…`, `prompt_flags.…` and `use_case.…` are about the task, and the same in each of its rows. Rows of "
        "one annotator on one task stand together."
    ),
    files=("parquet", "jsonl", "csv"),
)
