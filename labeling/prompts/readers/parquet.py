"""Parquet, by a process of its own: a few bytes of it can stand for any number, and broken files can end Arrow."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from labeling.prompts.readers.base import Row, Source
from labeling.prompts.readers.json_lines import rows as json_lines

CHILD = Path(__file__).with_name("parquet_rows.py")


def rows(source: Source) -> Iterator[tuple[int, Row]]:
    """Lines are numbers of rows."""
    n_before = source.n_bytes
    with tempfile.NamedTemporaryFile() as kept:
        while block := source.read():
            kept.write(block)
        kept.flush()
        source.progress, source.n_bytes = (lambda _bytes: None), n_before
        command = [sys.executable, "-I", str(CHILD), kept.name]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=2**20)
        try:
            assert child.stdout is not None  # noqa: S101
            source.stream = child.stdout
            yield from json_lines(source)
            if child.wait():
                source.refuse(0, _("it is not a Parquet file, is damaged, or takes too much memory to read."))
        finally:
            child.kill()
            child.communicate()
