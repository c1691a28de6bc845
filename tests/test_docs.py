"""The documents say what the code does."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.embedded import ROOT
from tests.test_floors import FLOORS

DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]
OURS = {name: app for name, app in get_commands().items() if app in ("config", "labeling", "evaluation")}


def options_of(command: str) -> set[str]:
    parser = load_command_class(OURS[command], command).create_parser("manage.py", command)
    return {option for action in parser._actions for option in action.option_strings}


def shown_commands() -> list[tuple[str, str]]:
    """Each command line in the documents: where it stands, and what follows manage.py."""
    examples = [
        (path.name, line)
        for path in DOCS
        for line in re.findall(r"manage\.py (\w+ .+)$", path.read_text(), re.MULTILINE)
    ]
    table = re.findall(r"^\| `(\w+ ?.*?)` \|", (ROOT / "docs" / "commands.md").read_text(), re.MULTILINE)
    return [*examples, *(("commands.md", line.replace("\\|", "|").replace("[", "").replace("]", "")) for line in table)]


@pytest.mark.parametrize(("where", "line"), shown_commands())
def test_commands_that_are_shown_exist_with_their_options(where: str, line: str) -> None:
    name, *arguments = shlex.split(line)
    assert name in OURS, f"{where} shows {name}"
    unknown = {one for one in arguments if one.startswith("--")} - options_of(name)
    assert not unknown, f"{where}: {name} has no {unknown}"


def test_every_command_is_documented_with_every_option() -> None:
    table = (ROOT / "docs" / "commands.md").read_text()
    for name in OURS:
        (row,) = re.findall(rf"^\| `{name}\b(.*?)` \|", table, re.MULTILINE)
        own = options_of(name) - {"-h", "--help", "--json", *options_of_django()}
        assert own <= set(re.findall(r"--[\w-]+", row)), name


def options_of_django() -> set[str]:
    from django.core.management.base import BaseCommand

    parser = BaseCommand().create_parser("manage.py", "any")
    return {option for action in parser._actions for option in action.option_strings}


def test_every_setting_is_documented_and_none_that_is_not() -> None:
    code = "".join(path.read_text() for path in (ROOT / "config").rglob("*.py"))
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code)) | {"CONCORD_VAR"}
    table = (ROOT / "docs" / "settings.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)) == read


def test_the_folders_of_the_readme_are_those_there_are() -> None:
    named = set(re.findall(r"^\| `(\w+)/` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    hidden = {"var", "test-results"}
    assert named == {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."} - hidden


def test_the_floors_of_the_architecture_are_those_that_are_held() -> None:
    table = (ROOT / "ARCHITECTURE.md").read_text()
    for wing, floors in FLOORS.items():
        (row,) = re.findall(rf"^\| `{wing}` \| (.*) \|$", table, re.MULTILINE)
        assert [floor.split(", ") for floor in row.split(" → ")] == floors


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_every_string_has_its_chinese() -> None:
    """The catalog is complete; CI has gettext, and sees besides that nothing is missing from it."""
    from babel.messages.pofile import read_po

    with (ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalog = read_po(file)
    for message in catalog:
        strings = message.string if isinstance(message.string, tuple) else [message.string]
        assert not message.id or (all(strings) and not message.fuzzy), message.id
        assert not [*message.check(catalog)], f"{message.id}: what is put into it is not the same in both languages"


def test_the_catalog_has_every_string(tmp_path: Path) -> None:
    import shutil

    from babel.messages.pofile import read_po
    from django.core.management import call_command

    if not shutil.which("xgettext"):
        pytest.skip("xgettext is not here: Debian's gettext has it")
    copy = tmp_path / "checkout"
    for folder in ("labeling", "evaluation", "config", "templates", "locale"):
        shutil.copytree(ROOT / folder, copy / folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(copy)
        patch.setattr("django.conf.settings.LOCALE_PATHS", [str(copy / "locale")])
        call_command("makemessages", locale=["zh_Hans"], no_location=True, no_obsolete=True, verbosity=0)
    place = Path("locale") / "zh_Hans" / "LC_MESSAGES" / "django.po"
    with (copy / place).open("rb") as made, (ROOT / place).open("rb") as kept:
        missing = {message.id for message in read_po(made)} ^ {message.id for message in read_po(kept)}
    assert not missing, "run make messages, and translate"
