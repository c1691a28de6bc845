"""Reads a zip archive that people bring: the files of rows in it, and other files by name, within limits.

Nothing is unpacked to where its name says: names are only compared.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO, Any

from django.utils.translation import gettext as _

LARGEST_ARCHIVE = 100 * 2**20
"""Bytes."""

LARGEST_DIRECTORY = 8 * 2**20
"""Bytes of the list of names at the archive's end, which is read at once."""

MOST_UNPACKED = 2**30
"""Bytes of all that is in it, unpacked."""

MOST_RATIO = 100
"""How many bytes may come of one."""

ROWS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
PLAIN = (".txt",)
"""What holds the rows if nothing else does."""

MOST_FILES = 100
"""Of rows: each Parquet file among them takes a process, if it is empty as well."""

DATA, MANIFEST = "data", "manifest"
"""Folders of a data set: its rows, and where they come from."""

METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""Others can ask for any amount of memory."""

LITTER = "__MACOSX"
"""A folder that Finder adds, with a file beside each file."""

ENCRYPTED = 0x1
ENTRY = 5
"""Where `zipfile` keeps the size of the directory in what it finds at the end of an archive."""

BROKEN = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, OverflowError),
    *(ValueError, RuntimeError),  # UnicodeDecodeError in names, NotImplementedError of rare features
)


class ArchiveRefused(Exception):
    """The archive, or something in it, cannot be read; the message says why."""


@contextmanager
def refusing(message: str) -> Iterator[None]:
    try:
        yield
    except BROKEN as wrong:
        raise ArchiveRefused(message) from wrong


class Member(io.RawIOBase):
    """One file in an archive, as a stream. Raises ArchiveRefused where it is broken."""

    def __init__(self, packed: zipfile.ZipFile, info: zipfile.ZipInfo, progress: Callable[[int], object]) -> None:
        self.message = _("“%(name)s” is damaged in the archive.") % {"name": info.filename}
        self.progress = progress
        self.info = info
        self.n_unpacked = self.n_packed = 0
        with refusing(self.message):
            self.unpacked: Any = packed.open(info)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with refusing(self.message):
            n = int(self.unpacked.readinto(buffer))
        self.n_unpacked += n
        before, self.n_packed = self.n_packed, self.n_unpacked * self.info.compress_size // max(1, self.info.file_size)
        self.progress(self.n_packed - before)
        return n


class Archive:
    def __init__(self, stream: IO[bytes], progress: Callable[[int], object]) -> None:
        """Raises ArchiveRefused."""
        self.progress = progress
        if stream.seek(0, io.SEEK_END) > LARGEST_ARCHIVE:
            raise ArchiveRefused(_("the archive is larger than %(n)d MB.") % {"n": LARGEST_ARCHIVE // 2**20})
        with refusing(_("it is not a zip archive, or it is damaged.")):
            if directory_size(stream) > LARGEST_DIRECTORY:
                raise ArchiveRefused(_("the archive lists too many files."))
            self.packed = zipfile.ZipFile(stream)
        self.members: dict[str, zipfile.ZipInfo] = {}
        for info in self.packed.infolist():
            self._add(info)
        if sum(info.file_size for info in self.members.values()) > MOST_UNPACKED:
            raise ArchiveRefused(_("unpacked, the archive is larger than %(n)d MB.") % {"n": MOST_UNPACKED // 2**20})

    def _add(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        path = PureWindowsPath(name)  # takes / and \ for separators alike
        if path.drive or path.root or ".." in path.parts:
            raise ArchiveRefused(_("“%(name)s” in the archive points outside of it.") % {"name": name})
        if name in self.members:
            raise ArchiveRefused(_("“%(name)s” is in the archive twice.") % {"name": name})
        self.members[name] = info

    def rows_names(self) -> list[str]:
        """Of the files of rows: those of a data set, else the only one. Raises ArchiveRefused."""
        names = self._ending(ROWS) or self._ending(PLAIN)
        of_data_set = rows_of_data_set(self._ending(ROWS))
        if len(of_data_set) > MOST_FILES:
            raise ArchiveRefused(_("the data set has more than %(n)d files of rows.") % {"n": MOST_FILES})
        if not of_data_set and len(names) != 1:
            raise ArchiveRefused(
                _(
                    "the archive must hold one file of rows (%(endings)s); it holds %(n)d. Several are read from the "
                    "folder “data” of a data set, all of one kind."
                )
                % {"endings": ", ".join([*ROWS, *PLAIN]), "n": len(names)}
            )
        return of_data_set or names

    def _ending(self, endings: Sequence[str]) -> list[str]:
        paths = {name: PurePosixPath(name) for name in self.members}
        return [name for name, path in paths.items() if path.suffix.lower() in endings and LITTER not in path.parts]

    def open(self, name: str) -> io.BufferedReader:
        """Raises ArchiveRefused, as does reading from it; KeyError when there is none of this name."""
        info = self.members[name]
        if info.flag_bits & ENCRYPTED or info.compress_type not in METHODS:
            raise ArchiveRefused(
                _("“%(name)s” is encrypted, or packed in another way than deflate, in the archive.") % {"name": name}
            )
        if info.file_size > MOST_RATIO * info.compress_size:
            raise ArchiveRefused(
                _("“%(name)s” is more than %(n)d times as large as in the archive.") % {"name": name, "n": MOST_RATIO}
            )
        return io.BufferedReader(Member(self.packed, info, self.progress))


def rows_of_data_set(names: Sequence[str]) -> list[str]:
    """Those in its folder `data`, in order: none unless they are of one kind, and the others only describe them."""
    paths = {name: PurePosixPath(name) for name in names}
    folders = [folder for path in paths.values() for folder in path.parents if folder.name == DATA]
    data = max(folders, key=lambda folder: len(folder.parts), default=None)
    if data is None:
        return []
    rows = sorted((name for name, path in paths.items() if path.is_relative_to(data)), key=paths.__getitem__)
    kind, *other_kinds = {paths[name].suffix.lower() for name in rows}
    beside = [paths[name] for name in paths.keys() - set(rows)]
    are_described = all(
        path.is_relative_to(data.parent / MANIFEST) or (path.parent == data.parent and path.suffix == ".json" != kind)
        for path in beside
    )
    return rows if are_described and not other_kinds else []


def directory_size(stream: IO[bytes]) -> int:
    """Asked before ZipFile makes an object of each name in the directory. No public function tells."""
    end = zipfile._EndRecData(stream)  # type: ignore[attr-defined]
    if end is None:
        raise zipfile.BadZipFile
    return int(end[ENTRY])
