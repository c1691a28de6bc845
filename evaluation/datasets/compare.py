"""What changed between two snapshots: rows that came, went, or say something else of the same."""

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.core.files.storage import storages
from django.utils.translation import gettext as _

from evaluation.datasets.formats import FORMATS
from evaluation.datasets.models import Snapshot, SnapshotState
from evaluation.datasets.snapshot import STORAGE
from labeling.errors import Refused

ABOUT = ["key", "value", "split"]


@dataclass(frozen=True)
class Comparison:
    """same: as they were; moved: these, but in another split. flipped: the same is there with another outcome."""

    same: int
    moved: int
    added: int
    removed: int
    flipped: int


def compare(one: Snapshot, other: Snapshot) -> Comparison:
    """From the first to the second. A row that is there several times counts once.

    Raises Refused where one is not ready, or rows are of different things.
    """
    kinds = {FORMATS[snapshot.recipe["format"]].of for snapshot in (one, other)}
    if len(kinds) > 1:
        raise Refused(_("Rows of the two are of different things, and cannot be compared."))
    before, after = manifest(one), manifest(other)
    both = before.join(after, "key", right_suffix=" after", join_type="full outer")
    there, still = pc.is_valid(both["value"]), pc.is_valid(both["value after"])
    shared = both.filter(pc.and_(there, still))
    agrees = pc.equal(shared["value"], shared["value after"])
    stays = pc.equal(shared["split"], shared["split after"])
    return Comparison(
        same=count(agrees),
        moved=count(pc.and_(agrees, pc.invert(stays))),
        added=count(pc.invert(there)),
        removed=count(pc.invert(still)),
        flipped=count(pc.invert(agrees)),
    )


def count(yes: pa.ChunkedArray) -> int:
    return int(pc.sum(yes.cast(pa.int64())).as_py() or 0)


def manifest(snapshot: Snapshot) -> pa.Table:
    """Key, value and split of each row, one of each key."""
    if snapshot.state != SnapshotState.DONE:
        raise Refused(_("%(snapshot)s is not ready.") % {"snapshot": snapshot})
    try:
        with storages[STORAGE].open(snapshot.archive) as file:
            tables = list(manifests(file))
    except FileNotFoundError:
        raise Refused(_("%(snapshot)s is no longer kept.") % {"snapshot": snapshot}) from None
    if not tables:
        raise Refused(_("%(snapshot)s has no manifest: it was written by an earlier version.") % {"snapshot": snapshot})
    return (
        pa.concat_tables(tables).group_by("key").aggregate([("value", "max"), ("split", "max")]).rename_columns(ABOUT)
    )


def manifests(file: IO[bytes]) -> Iterator[pa.Table]:
    with zipfile.ZipFile(file) as pack, tempfile.TemporaryDirectory() as scratch:
        for name in pack.namelist():
            path = Path(name)
            if "manifest" in path.parts[:2] and path.suffix == ".parquet":
                table = pq.read_table(pack.extract(name, scratch), columns=["key", "value"])
                yield table.append_column("split", pa.repeat(path.stem, len(table)))
