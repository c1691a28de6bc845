"""What an import of judgments brought, and what whoever imported it should know of it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from labeling.collection.judgments import Judgment


@dataclass
class ImportedAnnotations:
    """What an import brought that was not there before, and what is odd about the file."""

    annotations: int = 0
    duplicates: int = 0
    """Judgments that said nothing new: the same person, task and answers."""
    revisions: int = 0
    """Among `annotations`: those that changed what the same person had said of the same task."""
    prompts: int = 0
    responses: int = 0
    tasks: int = 0
    annotators: int = 0
    turned: int = 0
    """Judgments that name the responses in another order than their task has them."""
    repeated: int = 0
    """Judgments of a task by somebody who judges it further up in the file as well."""
    single_votes: int = 0
    """Tasks of the file with one judgment that counts."""
    blank: int = 0
    """Judgments left out since they say nothing."""
    self_comparisons: int = 0
    """Judgments left out since they compare a model with itself, without texts."""
    constant: dict[str, Any] = field(default_factory=dict)
    """What is said of every response alike, by column."""

    def sentence(self) -> str:
        return " ".join([self._brought(), *self._odd()])

    def _brought(self) -> str:
        said = _(
            "Annotations imported: %(annotations)d, revisions among them: %(revisions)d; there already: "
            "%(duplicates)d. New prompts: %(prompts)d, responses: %(responses)d, tasks: %(tasks)d, annotators: "
            "%(annotators)d."
        )
        return said % asdict(self)

    def _odd(self) -> Iterator[str]:
        if self.turned:
            yield ngettext(
                "%(n)d names the responses in another order than its task, and was turned to it.",
                "%(n)d name the responses in another order than their task, and were turned to it.",
                self.turned,
            ) % {"n": self.turned}
        if self.repeated:
            yield ngettext(
                "%(n)d is by somebody who judges the same task further up in the file: the last counts. If these are "
                "independent, give each a prompt or an annotator of its own.",
                "%(n)d are by somebody who judges the same task further up in the file: the last counts. If these are "
                "independent, give each a prompt or an annotator of its own.",
                self.repeated,
            ) % {"n": self.repeated}
        if self.single_votes:
            yield ngettext(
                "%(n)d task has one judgment only, which says nothing of agreement.",
                "%(n)d tasks have one judgment only, which says nothing of agreement.",
                self.single_votes,
            ) % {"n": self.single_votes}
        if self.blank:
            yield ngettext(
                "%(n)d that says nothing was left out.", "%(n)d that say nothing were left out.", self.blank
            ) % {"n": self.blank}
        if self.self_comparisons:
            yield ngettext(
                "%(n)d that compares a model with itself was left out.",
                "%(n)d that compare a model with itself were left out.",
                self.self_comparisons,
            ) % {"n": self.self_comparisons}
        if self.constant:
            columns = (f"{name} ({json.dumps(value, ensure_ascii=False)})" for name, value in self.constant.items())
            yield _("Always the same: %(columns)s.") % {"columns": ", ".join(columns)}


WRITTEN = {"comment", "demonstration", "refinement"}


class ColumnsSeen:
    """Which columns of the judgments never vary."""

    def __init__(self) -> None:
        self.constant: dict[str, Any] = {}
        self.known: set[str] = set()
        self.n_judgments = 0

    def heed(self, judgment: Judgment) -> None:
        self.n_judgments += 1
        for name, value in columns_of(judgment):
            if name not in self.known:
                self.known.add(name)
                self.constant[name] = value
            elif name in self.constant and self.constant[name] != value:
                del self.constant[name]

    def never_vary(self) -> dict[str, Any]:
        """By name, the one value; nothing of a single judgment."""
        return self.constant if self.n_judgments > 1 else {}


def columns_of(judgment: Judgment) -> Iterator[tuple[str, Any]]:
    for said, value in judgment.said.items():
        if said.field in ("scores", "flags"):
            yield from ((str(said), one) for one in value if one is not None)
        elif said.field not in WRITTEN:
            yield str(said), value
