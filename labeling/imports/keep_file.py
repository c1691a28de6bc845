"""Keep a file that somebody brings until it is imported, and throw it away."""

from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from labeling.collection.mapping.read import LARGEST, read_mapping
from labeling.errors import Refused
from labeling.imports.models import Import, ImportState
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.archive import LARGEST_ARCHIVE
from labeling.prompts.readers import READERS
from labeling.prompts.readers.base import LARGEST_FILE

PACKED = (".zip", ".gz", ".parquet")
ACCEPTED = (*READERS, ".gz", ".zip")


def keep_file(
    *, project: Project, file: "UploadedFile[bytes]", mapping: "UploadedFile[bytes] | None", by: User
) -> Import:
    """Raises Refused for what cannot be read, whatever is in it."""
    name = PurePath(str(file.name)).name
    ending = PurePath(name).suffix.lower()
    if ending not in ACCEPTED:
        raise Refused(_("The file's name must end in %(known)s, to tell what it is.") % {"known": ", ".join(ACCEPTED)})
    largest = LARGEST_ARCHIVE if ending in PACKED else LARGEST_FILE
    size = file.size or 0
    if size > largest:
        raise Refused(_("The file is larger than %(n)d MB.") % {"n": largest // 2**20})
    if not size:
        raise Refused(_("The file is empty."))
    stated = "" if mapping is None else stated_in(mapping)
    return Import.objects.create(project=project, name=name[-200:], file=file, size=size, mapping=stated, created_by=by)


def stated_in(mapping: "UploadedFile[bytes]") -> str:
    """The text of a mapping that says what can be followed. Raises Refused."""
    read_mapping(mapping, str(mapping.name))
    mapping.seek(0)
    text: str = mapping.read(LARGEST).decode("utf-8-sig")
    return text.replace("\t", " ") if str(mapping.name).lower().endswith(".json") else text


@transaction.atomic
def discard(*, kept: Import) -> None:
    """Forget a file that was not imported. One that was ordered meanwhile stays."""
    found = Import.objects.select_for_update().filter(pk=kept.pk, state=ImportState.CHOSEN).first()
    if found is not None:
        name, storage = str(found.file.name), found.file.storage
        found.delete()
        transaction.on_commit(lambda: storage.delete(name))
