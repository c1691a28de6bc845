"""Images on their way in: checked when their row is read, kept when all rows are right."""

import base64
import binascii
import re
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from labeling.prompts.archive import Archive
from labeling.prompts.images import LARGEST_IMAGE, CheckedImage, ImageRefused, check_image
from labeling.prompts.models import MOST_IMAGES

DATA = re.compile(r"data:[\w.+/-]*;base64,", re.ASCII)
BETWEEN = "|"
"""Between the names in a cell of a CSV file."""


def file_name(sha256: str) -> str:
    """Where the image with this content is in the default storage: once, however many prompts show it."""
    return f"images/{sha256}"


def printable(name: str, longest: int) -> str:
    """A name out of an unchecked row, for a message."""
    cut = name if len(name) <= longest else f"{name[:longest]}…"
    return cut.encode(errors="replace").decode()


class StagedFile(File):  # type: ignore[type-arg]
    """A file of our own. Storage in the same file system takes it by renaming it, so it is never there in part."""

    def temporary_file_path(self) -> str:
        return str(self.name)


class Staging:
    """The images of a file that is being imported."""

    def __init__(self) -> None:
        self.archive: Archive | None = None
        self.folder: tempfile.TemporaryDirectory[str] | None = None
        self.checked: dict[str, CheckedImage] = {}  # by their names in the archive

    def take(self, given: object) -> list[CheckedImage]:
        """The images that a row names. Raises ImageRefused or ArchiveRefused."""
        named = [name for name in given.split(BETWEEN) if name] if isinstance(given, str) else given
        if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
            raise ImageRefused(_("“images” must be a list of names of files."))
        if len(named) > MOST_IMAGES:
            raise ImageRefused(_("a prompt has at most %(n)d images.") % {"n": MOST_IMAGES})
        return [self._take_data(name) if name.startswith("data:") else self._take_member(name) for name in named]

    def _take_member(self, name: str) -> CheckedImage:
        if name in self.checked:
            return self.checked[name]
        shown = printable(name, 200)
        if self.archive is None:
            raise ImageRefused(
                _("“%(name)s” is not here: pack the file and its images into one .zip archive.") % {"name": shown}
            )
        if name not in self.archive.members:
            raise ImageRefused(_("“%(name)s” is not in the archive.") % {"name": shown})
        with self.archive.open(name) as stream:
            self.checked[name] = self._stage(stream.read(LARGEST_IMAGE + 1), shown)
        return self.checked[name]

    def _take_data(self, address: str) -> CheckedImage:
        shown = printable(address, 30)
        head = DATA.match(address)
        try:
            content = base64.b64decode(address[head.end() :], validate=True) if head else None
        except binascii.Error:
            content = None
        if content is None:
            raise ImageRefused(_("“%(name)s” must be written like data:image/png;base64,…") % {"name": shown})
        return self._stage(content, shown)

    def _stage(self, content: bytes, name: str) -> CheckedImage:
        image = check_image(content, name)
        if self.folder is None:
            beside = Path(settings.MEDIA_ROOT)
            beside.mkdir(parents=True, exist_ok=True)
            self.folder = tempfile.TemporaryDirectory(prefix=".images-", dir=beside)
        Path(self.folder.name, image.sha256).write_bytes(content)
        return image

    def store(self) -> None:
        """Put what was staged into the default storage, but for what is there already."""
        for path in Path(self.folder.name).iterdir() if self.folder else ():
            name = file_name(path.name)
            if not default_storage.exists(name):
                with path.open("rb") as stream:
                    default_storage.save(name, StagedFile(stream, str(path)))

    def close(self) -> None:
        if self.folder is not None:
            self.folder.cleanup()
