"""Unpacks gzip as a stream, within limits."""

import gzip
import io
import zlib
from collections.abc import Callable
from typing import IO, Any

from django.utils.translation import gettext as _

from labeling.prompts.archive import LARGEST_ARCHIVE, MOST_RATIO, ArchiveRefused

SMALL = 2**20
"""Bytes unpacked, below which the ratio does not matter."""


class Gunzip(io.RawIOBase):
    """What a gzip file holds. Raises ArchiveRefused, as does reading from it."""

    def __init__(self, stream: IO[bytes], progress: Callable[[int], object]) -> None:
        self.packed_size = stream.seek(0, io.SEEK_END)
        if self.packed_size > LARGEST_ARCHIVE:
            raise ArchiveRefused(_("the archive is larger than %(n)d MB.") % {"n": LARGEST_ARCHIVE // 2**20})
        stream.seek(0)
        self.packed = stream
        self.unpacked = gzip.GzipFile(fileobj=stream)
        self.progress = progress
        self.n_packed = 0
        self.n_unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            n = self.unpacked.readinto(buffer)
        except (OSError, EOFError, zlib.error) as wrong:
            raise ArchiveRefused(_("it is not a gzip file, or it is damaged.")) from wrong
        self.n_unpacked += n
        if self.n_unpacked > max(SMALL, MOST_RATIO * self.packed_size):
            raise ArchiveRefused(_("unpacked, it is more than %(n)d times as large.") % {"n": MOST_RATIO})
        before, self.n_packed = self.n_packed, self.packed.tell()
        self.progress(self.n_packed - before)
        return n
