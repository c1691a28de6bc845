"""What a query finds, as columns: one pass out of PostgreSQL, without making an object of any row."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
from django.db.models import QuerySet
from numpy.typing import NDArray
from pyarrow import Table, csv

from evaluation.copying import copying
from evaluation.stats.intervals import Rows, Values

NULLS = csv.ConvertOptions(null_values=["", "null"], strings_can_be_null=True, quoted_strings_can_be_null=False)
"""SQL's and JSON's. Arrow would take for nothing what is a language as well: nan is Min Nan Chinese."""


def columns(rows: QuerySet[Any], *fields: str) -> Table:
    """These fields of the rows of a query, in its order; each column has the name of its field.

    PostgreSQL writes them as CSV, which Arrow reads faster than a driver makes Python values.
    """
    written = BytesIO()
    with copying(rows.values_list(*fields), "csv") as copy:
        for block in copy:
            written.write(block)
    if not written.tell():
        return Table.from_pydict({field: [] for field in fields})
    written.seek(0)
    return csv.read_csv(written, csv.ReadOptions(column_names=fields), convert_options=NULLS)


def first_seen(names: Rows) -> tuple[NDArray[np.int64], Rows]:
    """The different names, in the order of their first use, and which of them each is."""
    distinct, first, inverse = np.unique(names, return_index=True, return_inverse=True)
    by_use = np.argsort(first)
    return distinct[by_use], np.argsort(by_use)[inverse]


def encoded(column: pa.ChunkedArray) -> tuple[list[str], Rows]:
    """The different texts in a column, and which of them each row has: those without one the number after the last."""
    found = column.cast(pa.string()).combine_chunks().dictionary_encode()
    distinct = found.dictionary.to_pylist()
    return distinct, found.indices.fill_null(len(distinct)).to_numpy().astype(np.intp)


def looked_up(column: pa.ChunkedArray, meaning: Callable[[str], str]) -> NDArray[np.str_]:
    """What the text in each row means; "" for none."""
    distinct, code = encoded(column)
    return np.array([*(meaning(one) for one in distinct), ""])[code]


def words(column: pa.ChunkedArray) -> NDArray[np.str_]:
    return looked_up(column, str)


def whole(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(column.cast(pa.int64()).to_numpy())


def real(column: pa.ChunkedArray) -> Values:
    return np.asarray(column.cast(pa.float64()).to_numpy())


def days(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Since 1970."""
    return np.asarray(column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()).to_numpy())
