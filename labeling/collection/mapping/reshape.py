"""Follows a mapping: makes rows in Concord's own shape of the rows of somebody else's file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from labeling.collection.mapping.shape import Candidate, FileMapping, Item, Saying
from labeling.collection.mapping.sources import SHOWN, Source, code_of, found, joined
from labeling.prompts.files import LinedRow, Reshape, Row, RowRefused
from labeling.prompts.staging import printable

T = TypeVar("T")

NO_TEXT = "(no text)"
"""Stands for each response in files without texts, such as win tables; data sets leave pairs of equal texts out."""

MOST_COPIES = 10_000
MOST_SHOWN = 20


class Reshaping(Reshape):
    """Called with the rows of one file in turn; what it left out, and what it missed, is told of at the end."""

    def __init__(self, mapping: FileMapping, file_name: str) -> None:
        self.mapping = mapping
        self.header = mapping.columns
        self.file_name = file_name
        self.n_rows = 0
        self.n_judgments = 0
        self.self_comparisons = 0
        """Judgments left out since they compare a model with itself, and there are no texts."""
        self.unfound = mapping.fields()
        self.first_row: list[str] = []
        self.together: list[Row] = []
        """What the first row of the group is about."""

    def __call__(self, line: int, row: Row) -> Iterator[LinedRow]:
        """Raises RowRefused."""
        self.n_rows += 1
        self.first_row = self.first_row or list(row)
        self.unfound = {path for path in self.unfound if path not in row and found(row, path, path) is None}
        about = [self._about(item, row, place) for place, item in enumerate(self.mapping.items, 1)]
        if self.slot == 1:
            self.together = about
        elif about != self.together:
            raise RowRefused(
                _("it is about something else than the rows before it in its group of %(n)d.")
                % {"n": self.mapping.group}
            )
        for item, one in zip(self.mapping.items, about, strict=True):
            for judgment in self._judgments(item, row, one):
                self.n_judgments += 1
                yield line, judgment

    @property
    def slot(self) -> int:
        """Of the present row in its group, from 1."""
        return (self.n_rows - 1) % self.mapping.group + 1

    def causes(self, columns: Sequence[str]) -> Iterator[str]:
        unfound = sorted(self.unfound - set(columns))
        if self.n_rows and unfound:
            yield _("no row has the field %(fields)s; there are %(known)s.") % {
                "fields": ", ".join(f"“{path}”" for path in unfound),
                "known": ", ".join(printable(name, SHOWN) for name in [*(columns or self.first_row)][:MOST_SHOWN]),
            }
        elif left := self.n_rows % self.mapping.group:
            yield _("the last group has %(n)d rows in place of %(m)d.") % {"n": left, "m": self.mapping.group}
        elif self.n_rows and not self.n_judgments:
            yield _("none of its rows says anything.")

    def _about(self, item: Item, row: Row, place: int) -> Row:
        """The prompt and its responses."""
        texts = {name: source.read(row) for name, source in item.texts.items()}
        return {
            "prompt": joined(item.prompt, row) if item.prompt else self._numbered(place),
            "responses": [response(candidate, row) for candidate in item.candidates],
            **{name: value for name, value in texts.items() if value is not None},
        }

    def _numbered(self, place: int) -> str:
        """What stands for a prompt where there is none: where it was, so that the same file brings the same ones."""
        first = self.n_rows - self.slot + 1
        last = first + self.mapping.group - 1
        rows = f"row {first}" if first == last else f"rows {first}–{last}"
        return f"{self.file_name}, {rows}" + (f", item {place}" if len(self.mapping.items) > 1 else "")

    def _judgments(self, item: Item, row: Row, about: Row) -> Iterator[Row]:
        models = [response["model"] for response in about["responses"]]
        copies = times(item.count, row)
        said = list(self._said(item, row, models)) if copies else []
        if len(set(models)) < len(models) and not any(candidate.text for candidate in item.candidates):
            self.self_comparisons += copies * len(said)
            return
        for copy in range(1, copies + 1):
            number = "" if item.count is None else f" #{copy}"
            for given in said:
                yield {**about, "prompt": about["prompt"] + number, **given}

    def _said(self, item: Item, row: Row, models: Sequence[str]) -> Iterator[Row]:
        """By whom, and what."""
        n_counted = 0
        for saying in item.sayings:
            said = what_was_said(saying, row, models)
            if not said:
                self.blank += 1
                continue
            if saying.created_at is not None:
                said["created_at"] = saying.created_at.read(row)
            name = "annotator" if saying.annotator is None else saying.annotator.read(row)
            if saying.count is None:
                yield {"annotator": f"{name} {self.slot}" if saying.annotator is None else name, **said}
                continue
            for _copy in range(times(saying.count, row)):
                n_counted += 1
                yield {"annotator": name and f"{name} {n_counted}", **said}


def response(candidate: Candidate, row: Row) -> dict[str, str | None]:
    return {"model": candidate.model.read(row), "text": joined(candidate.text, row) if candidate.text else NO_TEXT}


def times(count: Source[int] | None, row: Row) -> int:
    """1 where nothing is said of it, 0 where the field is blank."""
    if count is None:
        return 1
    n = count.read(row) or 0
    if not 0 <= n <= MOST_COPIES:
        raise RowRefused(_("“count” is %(n)d; it can be 0 to %(most)d.") % {"n": n, "most": MOST_COPIES})
    return n


def what_was_said(saying: Saying, row: Row, models: Sequence[str]) -> Row:
    said: dict[str, Any] = {
        "preference": preferred(saying, row, models),
        "ranks": ranked(saying, row),
        "scores": by_name(saying.scores, row),
        "flags": by_name(saying.flags, row),
        "comment": saying.comment.read(row) if saying.comment is not None else None,
    }
    return {name: value for name, value in said.items() if value}


def preferred(saying: Saying, row: Row, models: Sequence[str]) -> str | None:
    if saying.preference is None:
        return None
    if not saying.names_winner:
        return saying.preference.read(row)
    if len(set(models)) < len(models):
        raise RowRefused(_("both responses are of one model, so its name does not say which of them won."))
    return saying.preference.read(row, dict(zip(map(code_of, models), "AB", strict=False)))


def ranked(saying: Saying, row: Row) -> list[int]:
    """Ranks from 1, the best, without gaps."""
    given = [source.read(row) for source in saying.ranks]
    values = [value for value in given if value is not None]
    if 0 < len(values) < len(given):
        raise RowRefused(_("“ranks” is blank for some of the responses."))
    in_order = sorted(set(values), reverse=saying.best_is_high)
    return [in_order.index(value) + 1 for value in values]


def by_name(named: Mapping[str, tuple[Source[T], ...]], row: Row) -> dict[str, list[T | None]]:
    """{name: [a value for each response]}, without names that are blank throughout."""
    read = {name: [source.read(row) for source in sources] for name, sources in named.items()}
    return {name: values for name, values in read.items() if any(value is not None for value in values)}
