"""Reads what Label Studio exports: JSON, with every task, or JSON_MIN, with an annotation a row."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import IO, Any

from django.utils.translation import gettext as _

from labeling.collection.moving.elements import elements_of
from labeling.collection.moving.fields import Fields, guess
from labeling.collection.moving.label_config import ASKS, STARS, LabelConfig, read_config
from labeling.collection.moving.questions import told
from labeling.collection.moving.shape import Asks, Control, ForeignAnnotation, Item, LeftOut, Tool
from labeling.errors import FileRefused, Problem
from labeling.prompts.files import Row, RowRefused, check_text, text_of
from labeling.prompts.json_text import JsonRefused
from labeling.prompts.rows import typed

LONGEST_ACTIVE = 24 * 3600 * 1000
"""Milliseconds; more is no time that somebody was at a task."""

BESIDE = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"}
"""Fields that JSON_MIN puts among those of the data."""

ELSEWHERE = "_"
"""Where a ranker keeps what is in no bucket."""

Results = Mapping[str, list[Any]]
"""By the name of the control."""


class LabelStudio:
    """An export, and the labeling configuration where it is given."""

    tool = Tool.LABEL_STUDIO
    guidelines = ""
    overlap = 1

    def __init__(
        self,
        stream: IO[bytes],
        name: str,
        *,
        config: bytes | None = None,
        prompt: Sequence[str] = (),
        responses: Sequence[str] = (),
    ) -> None:
        """Raises Refused."""
        self.stream = stream
        self.name = PurePath(name).name
        self.config = LabelConfig() if config is None else read_config(config, _("labeling configuration"))
        self.controls: dict[str, Control] = dict(self.config.controls)
        first = self._first()
        self.is_min = not isinstance(first.get("data"), dict)
        if self.is_min and config is None:
            cause = _("JSON_MIN does not say what people were asked: give the labeling configuration, or export JSON.")
            raise FileRefused(self.name, [Problem(0, cause)])
        self.fields = self._fields(first, prompt, responses)
        for control in self.controls.values():
            self._aim(control, self.config.targets[control.name])

    def tasks(self) -> Iterator[tuple[int, Any]]:
        self.stream.seek(0)
        return elements_of(self.stream)

    def _first(self) -> Row:
        try:
            first = next(self.tasks(), None)
        except JsonRefused as refused:
            raise FileRefused(self.name, [Problem(refused.line, str(refused))]) from None
        if first is None or not isinstance(first[1], dict):
            raise FileRefused(self.name, [Problem(0, _("the file holds no tasks."))])
        return first[1]

    def _fields(self, first: Row, prompt: Sequence[str], responses: Sequence[str]) -> Fields:
        compared = tuple(responses or self.config.responses())
        if self.config.shown:
            return guess(self.config.shown, all_shown=True, prompt=prompt, responses=compared)
        return guess(list(self._data(first)), all_shown=False, prompt=prompt, responses=compared)

    def _aim(self, control: Control, targets: Sequence[str]) -> None:
        """Say which of the data's fields it is about."""
        if control.asks == Asks.PAIR and len(set(targets) & set(self.fields.responses)) == 2:
            control.pair = tuple(targets)
        elif len(targets) == 1 and targets[0] in self.fields.prompt:
            control.is_about_prompt = True
        elif len(targets) == 1 and targets[0] in self.fields.responses and len(self.fields.responses) > 1:
            control.about = targets[0]

    def item(self, number: int, task: Any) -> Item:
        if not isinstance(task, dict):
            raise RowRefused(_("not a JSON object: a row is {…}."))
        check_text(task)
        data = self._data(task)
        row = self.fields.row(data, f"Task {task.get('id', number)}")
        row["metadata"] |= {"label_studio_id": task["id"]} if "id" in task else {}
        left_out: Counter[LeftOut] = Counter()
        self._heed(task, data, left_out)
        said = [self._said(place, given, left_out) for place, given in enumerate(self._annotations(task), 1)]
        return Item(row, self.fields.candidates(data), tuple(said), left_out)

    def _data(self, task: Row) -> Row:
        if self.is_min:
            return {name: value for name, value in task.items() if name not in self.controls and name not in BESIDE}
        return dict(typed(task, "data", dict, {}))

    def _heed(self, task: Row, data: Row, left_out: Counter[LeftOut]) -> None:
        """What else there is of a task."""
        if n := sum(bool(data.get(name)) for name in self.config.media):
            why = _("only their addresses are in the file; the prompt keeps them among its metadata")
            left_out[LeftOut(_("pictures and sound"), why)] += n
        if self.is_min:
            return
        if n := len(typed(task, "drafts", list, [])):
            left_out[LeftOut(_("drafts"), _("nobody has submitted them"))] += n
        if n := len(typed(task, "predictions", list, [])):
            left_out[LeftOut(_("predictions"), _("models said them, not people"))] += n
        n_comments = task.get("comment_count")
        if isinstance(n_comments, int) and n_comments > 0:
            left_out[LeftOut(_("comments"), _("the export counts them, and does not hold them"))] += n_comments

    def _annotations(self, task: Row) -> list[Any]:
        if self.is_min:
            return [task] if task.get("annotation_id") is not None else []
        return list(typed(task, "annotations", list, []))

    def _said(self, place: int, given: Any, left_out: Counter[LeftOut]) -> ForeignAnnotation:
        if not isinstance(given, dict):
            raise RowRefused(_("annotation %(n)d is not an object.") % {"n": place})
        is_skip = given.get("was_cancelled") is True and not self.is_min
        results = self._min_results(given) if self.is_min else self._results(given, left_out)
        values = {name: value_of(self.controls[name], found, left_out) for name, found in results.items()}
        if is_skip and values:
            left_out[LeftOut(_("answers to skipped tasks"), _("who skips a task says nothing of it"))] += 1
        if n := len(typed(given, "reviews", list, [])):
            left_out[LeftOut(_("reviews"), _("they are about annotations of Label Studio"))] += n
        return ForeignAnnotation(
            annotator=annotator_of(given.get("annotator" if self.is_min else "completed_by")) or f"unknown {place}",
            values={} if is_skip else {name: value for name, value in values.items() if value is not None},
            created_at=text_of(given, "created_at", 40),
            active_ms=milliseconds(given.get("lead_time")),
            is_skip=is_skip,
            is_gold=given.get("ground_truth") is True and not self.is_min,
        )

    def _results(self, given: Row, left_out: Counter[LeftOut]) -> Results:
        results: dict[str, list[Any]] = defaultdict(list)
        for one in typed(given, "result", list, []):
            if not isinstance(one, dict):
                raise RowRefused(_("a result is not an object."))
            name, value = one.get("from_name"), one.get("value")
            if not isinstance(name, str) or not isinstance(value, dict):
                left_out[LeftOut(_("relations"), _("Concord asks nothing of this kind"))] += 1
                continue
            if name not in self.controls:
                self._discover(name, one, value)
            results[name].append(value)
        return results

    def _discover(self, name: str, result: Row, value: Row) -> None:
        """A control that no configuration names."""
        kind = str(result.get("type", ""))
        ranked = value.get("ranker")
        asks = ASKS.get(kind.lower(), Asks.NOTHING)
        if asks == Asks.RANKING and isinstance(ranked, dict) and ranked.keys() != {name}:
            asks = Asks.BUCKETS
        control = Control(name, asks, kind, is_single=kind.lower() == "choices", high=STARS)
        self.controls[name] = control
        self._aim(control, [one.strip() for one in str(result.get("to_name", "")).split(",")])

    def _min_results(self, record: Row) -> Results:
        """JSON_MIN writes one choice or text as itself, and all else as values without their kind."""
        results: dict[str, list[Any]] = {}
        for name, control in self.controls.items():
            given = record.get(name)
            bare = {Asks.CHOICES: "choices", Asks.TEXT: "text"}.get(control.asks, "")
            listed = given if isinstance(given, list) else [given] if given is not None else []
            found = [one if isinstance(one, dict) else {bare: [one]} for one in listed]
            if found:
                results[name] = found
        return results


def annotator_of(given: Any) -> str:
    """Who it was, as Label Studio knows them: JSON_MIN has the e-mail address of whom JSON has more of."""
    if isinstance(given, dict):
        given = given.get("email", given.get("id"))
    return "" if given is None else str(given).lower()


def milliseconds(seconds: Any) -> int | None:
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        return None
    return round(seconds * 1000) if 0 <= seconds * 1000 <= LONGEST_ACTIVE else None


def value_of(control: Control, results: Sequence[Row], left_out: Counter[LeftOut]) -> Any:
    """What the results of one control say together; None where that is nothing, or has no counterpart."""
    if control.asks != Asks.NOTHING and any("start" in value or "x" in value for value in results):
        left_out[LeftOut(told(control), _("it is about parts of a text or picture"))] += len(results)
        return None
    try:
        return READERS[control.asks](control, results)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RowRefused(
            _("what “%(name)s” says cannot be read as the value of a %(what)s.")
            % {"name": control.name, "what": control.what}
        ) from None


def side(control: Control, results: Sequence[Row]) -> int:
    return ["left", "right"].index(results[-1]["selected"])


def levels(control: Control, results: Sequence[Row]) -> list[list[str]]:
    ranked = results[-1]["ranker"]
    listed = ranked if isinstance(ranked, list) else ranked[control.name]
    return [[key_of(one)] for one in listed]


def bucketed(control: Control, results: Sequence[Row]) -> dict[str, list[str]]:
    ranked = results[-1]["ranker"]
    return {bucket: [key_of(one) for one in keys] for bucket, keys in ranked.items() if bucket != ELSEWHERE}


def key_of(item: Any) -> str:
    """A list of responses is ranked by their ids."""
    return str(item["id"] if isinstance(item, dict) else item)


def number(control: Control, results: Sequence[Row]) -> float | None:
    last = results[-1]
    given = last["number"] if control.what.lower() == "number" else last["rating"]
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise TypeError
    is_star = control.what.lower() == "rating"
    return None if is_star and given == 0 else given


def chosen(control: Control, results: Sequence[Row]) -> list[str]:
    found = []
    for value in results:
        if "taxonomy" in value:
            found += [" / ".join(map(text_in, path)) for path in value["taxonomy"]]
        else:
            listed = value["choices"]
            found += [text_in(one) for one in (listed if isinstance(listed, list) else [listed])]
    return list(dict.fromkeys(found))


def words(control: Control, results: Sequence[Row]) -> str:
    found = []
    for value in results:
        given = value["text"]
        found += [text_in(one) for one in (given if isinstance(given, list) else [given])]
    return "\n\n".join(found)


def text_in(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


READERS: dict[Asks, Callable[[Control, Sequence[Row]], Any]] = {
    Asks.PAIR: side,
    Asks.RANKING: levels,
    Asks.BUCKETS: bucketed,
    Asks.RATING: number,
    Asks.CHOICES: chosen,
    Asks.TEXT: words,
    Asks.NOTHING: lambda control, results: len(results),
}
