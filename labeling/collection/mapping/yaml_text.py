"""Reads YAML, of which JSON is a part, with every word and number as the text it is: `no: 1.50` means just that."""

from collections.abc import Iterable
from typing import Any

import yaml
from django.utils.translation import gettext as _

from labeling.prompts.files import check_string
from labeling.prompts.json_text import DEEPEST, too_deep


class YamlRefused(Exception):
    """`line` is 0 where it is not known."""

    def __init__(self, cause: str, line: int = 0) -> None:
        self.line = line
        super().__init__(cause)


def plain_yaml(written: str) -> Any:
    """Objects, lists and texts; None of an empty document. Raises YamlRefused, or RowRefused for a text."""
    try:
        check(yaml.parse(written, yaml.BaseLoader))
        document = yaml.compose(written, yaml.BaseLoader)
        return None if document is None else plain(document)
    except yaml.MarkedYAMLError as wrong:
        raise YamlRefused(_("not YAML: %(what)s.") % {"what": wrong.problem}, line_of(wrong.problem_mark)) from None
    except yaml.reader.ReaderError as wrong:
        raise YamlRefused(_("not YAML: %(what)s.") % {"what": wrong.reason}) from None
    except (ValueError, OverflowError) as wrong:  # of characters that are written by their number
        raise YamlRefused(_("not YAML: %(what)s.") % {"what": wrong}) from None


def check(events: Iterable[yaml.Event]) -> None:
    """Raises YamlRefused for what takes the library long: depth, and references, a few of which stand for anything."""
    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise YamlRefused(too_deep(), line_of(event.start_mark))
        if isinstance(event, yaml.AliasEvent):
            message = _("it refers to a part of itself with *: write that part again.")
            raise YamlRefused(message, line_of(event.start_mark))


def plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        check_string(node.value)
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [plain(element) for element in node.value]
    stated: dict[str, Any] = {}
    for key, value in node.value:
        name = plain(key)
        if not isinstance(name, str):
            raise YamlRefused(_("a name must be text."), line_of(key.start_mark))
        if name in stated:
            raise YamlRefused(_("“%(name)s” is there twice.") % {"name": name}, line_of(key.start_mark))
        stated[name] = plain(value)
    return stated


def line_of(mark: Any) -> int:
    return int(mark.line) + 1 if mark else 0
