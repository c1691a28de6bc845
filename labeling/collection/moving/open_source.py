"""Opens a project of another tool by what it is said to be."""

from collections.abc import Sequence
from pathlib import Path
from typing import IO

from labeling.collection.moving.argilla import Argilla
from labeling.collection.moving.label_studio import LabelStudio
from labeling.collection.moving.shape import Source, Tool


def open_source(
    tool: Tool,
    place: Path | IO[bytes],
    name: str,
    *,
    config: bytes | None = None,
    prompt: Sequence[str] = (),
    responses: Sequence[str] = (),
) -> Source:
    """`place` is a folder, for Argilla, or an opened file. Raises Refused."""
    if tool == Tool.ARGILLA:
        return Argilla(place, name, prompt=prompt, responses=responses)
    assert not isinstance(place, Path)
    return LabelStudio(place, name, config=config, prompt=prompt, responses=responses)
