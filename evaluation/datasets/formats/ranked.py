"""One prompt a row with all its responses: the input of the K-wise loss (Ouyang et al. 2022, equation 1)."""

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from evaluation.datasets.formats.base import MESSAGES, TEXT, Ranking, Row, RowFormat, Shape


def schema(shape: Shape) -> pa.Schema:
    columns = [
        ("prompt", MESSAGES),
        ("responses", pa.list_(TEXT)),
        ("models", pa.list_(TEXT)),
        ("ranks", pa.list_(pa.int64())),
    ]
    if shape.scales:
        columns.append(("scores", pa.struct([(name, pa.list_(pa.float64())) for name in shape.scales])))
    if shape.flags:
        columns.append(("flags", pa.struct([(name, pa.list_(pa.bool_())) for name in shape.flags])))
    return pa.schema([*columns, ("n_annotators", pa.int64())])


def row(ranking: Ranking, shape: Shape) -> Row:
    made: Row = {
        "prompt": list(ranking.asked.messages),
        "responses": [answer.text for answer in ranking.answers],
        "models": [answer.model for answer in ranking.answers],
        "ranks": list(ranking.ranks),
    }
    unsaid = [None] * len(ranking.answers)
    if shape.scales:
        made["scores"] = {name: list(ranking.scores.get(name, unsaid)) for name in shape.scales}
    if shape.flags:
        made["flags"] = {name: list(ranking.flags.get(name, unsaid)) for name in shape.flags}
    return made | {"n_annotators": ranking.n_annotators}


RANKED = RowFormat(
    title=_("Rankings, one prompt a row"),
    of="rankings",
    schema=schema,
    row=row,
    task_categories=("text-generation", "reinforcement-learning"),
    about=_(
        "A row is a prompt with all responses of a task: their ranks (1 is best, equal ranks are ties), mean ratings "
        "and flags, in the order of `responses`, and how many annotators these rest on."
    ),
)
