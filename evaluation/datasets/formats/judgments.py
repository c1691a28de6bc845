"""The labels as they were given: one annotator's answers to one response a row."""

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from evaluation.datasets.formats.base import MESSAGES, TEXT, Judgment, Row, RowFormat, Shape


def schema(shape: Shape) -> pa.Schema:
    """Flat, so that a table shows it: an answer to the question `overall` is in the column `scores.overall`."""
    return pa.schema(
        [
            ("prompt_id", TEXT),
            ("prompt", MESSAGES),
            *[(name, TEXT) for name in ("use_case", "language", "model", "response", "annotator")],
            ("position", pa.int64()),
            ("rank", pa.int64()),
            ("preference", TEXT),
            *[(f"scores.{name}", pa.int64()) for name in shape.scales],
            *[(f"flags.{name}", pa.bool_()) for name in shape.flags],
            *[(f"written.{name}", TEXT) for name in shape.written],
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
        "model": answer.model,
        "response": answer.text,
        "annotator": judgment.annotator,
        "position": judgment.position,
        "rank": judgment.rank,
        "preference": judgment.preference,
        **{f"scores.{name}": judgment.scores.get(name) for name in shape.scales},
        **{f"flags.{name}": judgment.flags.get(name) for name in shape.flags},
        **{f"written.{name}": judgment.written.get(name) for name in shape.written},
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
        "1 is best and equal ranks are ties, `scores.…` ratings, `flags.…` properties, `written.…` what they wrote. "
        "Rows of one annotator on one task stand together."
    ),
    files=("parquet", "jsonl", "csv"),
)
