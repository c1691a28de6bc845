"""Imports go down only, and never in circles (ARCHITECTURE.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded import ROOT

WINGS = ("labeling", "evaluation", "config")

FLOORS = {
    "labeling": [
        ["audit", "calling", "errors", "interpreter", "loading", "markup", "spreadsheets"],
        ["people"],
        ["projects"],
        ["prompts"],
        ["console"],
        ["generation"],
        ["assignment"],
        ["collection"],
        ["imports"],
        ["models", "api", "urls", "management", "apps", "templatetags"],
    ],
    "evaluation": [
        ["stats"],
        ["copying"],
        ["charts", "columns", "measures", "notation", "reports", "wording"],
        ["decoding", "use_cases"],
        ["comparisons"],
        ["asked", "chart_files", "slices", "texts"],
        ["agreement", "scores", "enough", "progress", "intake", "datasets"],
        ["paper"],
        ["models", "api", "urls", "management", "apps", "templatetags"],
    ],
}
ROOMS = {
    "roles": 0,
    "standards": 0,
    "questions": 0,
    "sampling": 0,
    "marks": 0,
    "problems": 0,
    "keys": 0,
    "use_cases": 0,
    "kinds_of_data": 0,
    "personal_data": 0,
    "twins": 0,
    "text_length": 0,
    "brings": 0,
    "models": 0,
    "invitation_models": 0,
    "message_models": 0,
    "verbs": 1,
    "jobs": 2,
    "forms": 2,
    "views": 3,
}
"""Inside a chapter; a module that is not named here is a verb, or helps one."""

RACKS = {"labeling/generation/providers", "labeling/collection/kinds", "evaluation/datasets/formats"}
RACKS |= {"labeling/prompts/readers", "labeling/imports/shapes"}


def modules() -> list[Path]:
    files = [path for wing in WINGS for path in sorted((ROOT / wing).rglob("*.py"))]
    return [path for path in files if "migrations" not in path.parts]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module not in WINGS:
                yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor_of(dotted: str) -> tuple[int, int]:
    """The wing's place, and the chapter's in it."""
    wing, *rest = dotted.split(".")
    if wing == "config":
        return 2, 0
    chapters = FLOORS[wing]
    chapter = rest[0] if rest else "apps"
    for place, names in enumerate(chapters):
        if chapter in names:
            return WINGS.index(wing), place
    pytest.fail(f"{dotted}: its chapter has no floor")


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def ours(path: Path) -> list[str]:
    return [name for name in imported(path) if name.split(".")[0] in WINGS]


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_imports_go_down(path: Path) -> None:
    if path.parts[-1] == "__init__.py" and path.stat().st_size == 0:
        return
    here = floor_of(dotted(path))
    above = [name for name in ours(path) if floor_of(name) > here]
    assert not above, f"{dotted(path)} imports from above: {above}"


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_chapters_of_one_floor_do_not_know_one_another(path: Path) -> None:
    wing, *rest = dotted(path).split(".")
    if wing == "config" or not rest or floor_of(dotted(path)) == (WINGS.index(wing), len(FLOORS[wing]) - 1):
        return
    chapter = rest[0]
    if chapter in ("notation", "reports", "wording"):
        return
    neighbours = [
        name for name in ours(path) if floor_of(name) == floor_of(dotted(path)) and name.split(".")[1] != chapter
    ]
    assert not neighbours, f"{dotted(path)} imports its neighbours: {neighbours}"


def room_of(name: str) -> int:
    module = name.split(".")[2] if name.count(".") >= 2 else ""
    return ROOMS["views"] if module.endswith("_views") else ROOMS.get(module, ROOMS["verbs"])


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_inside_a_chapter_views_and_jobs_call_verbs_and_verbs_know_models(path: Path) -> None:
    name = dotted(path)
    chapter = ".".join(name.split(".")[:2])
    if name.count(".") < 2 or name.startswith("config."):
        return
    above = [one for one in ours(path) if one.startswith(f"{chapter}.") and room_of(one) > room_of(name)]
    assert not above, f"{name} imports from above in its chapter: {above}"


def test_statistics_know_no_django() -> None:
    for path in (ROOT / "evaluation" / "stats").glob("*.py"):
        foreign = [name for name in imported(path) if name.split(".")[0] in ("django", "labeling", "config")]
        assert not foreign, f"{path.name}: {foreign}"


def test_racks_know_no_tables() -> None:
    for rack in RACKS:
        for path in (ROOT / rack).glob("*.py"):
            tables = [name for name in ours(path) if ".models" in name]
            assert not tables, f"{path}: {tables}"


def test_there_are_no_circles() -> None:
    graph = {dotted(path): set(ours(path)) for path in modules()}
    edges = {name: {other for other in found if other in graph and other != name} for name, found in graph.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"a circle: {' → '.join([*trail[trail.index(name) :], name])}"
        if name not in done:
            for other in edges[name]:
                visit(other, (*trail, name))
            done.add(name)

    for name in edges:
        visit(name, ())
