"""What the controls of another tool become: questions of ours, or nothing, and then why."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from labeling.collection.build_instrument import MOST_QUESTIONS, free_name
from labeling.collection.judgments import PREFERENCES
from labeling.collection.kinds import comment
from labeling.collection.kinds.base import LETTERS
from labeling.collection.kinds.flag_lists import MOST as MOST_FLAGS
from labeling.collection.kinds.likert import HIGHEST, LOWEST
from labeling.collection.moving.shape import ONLY, Asks, Control, LeftOut
from labeling.projects.questions import Question

Keys = Sequence[str]
"""Of the responses of a task, in order."""

FILLER = re.compile(
    r"\b(the|is|are|response|answer|model|option|output|completion|text|better|best|preferred|prefer|i)\b"
)
TIES = {"tie", "equal", "same", "both", "both good", "equally good", "about same", "no preference", "similar", "draw"}
BOTH_BAD = {"both bad", "neither", "none", "equally bad", "bad", "neither good"}


class AnswerLeftOut(Exception):
    """This one answer has no counterpart; the message says why."""


@dataclass(frozen=True)
class Asked:
    """A question, and the controls whose values are its answers."""

    question: Question
    controls: tuple[Control, ...]
    read: Callable[["Asked", Mapping[str, Any], Keys], Any]
    codes: Mapping[str, str]
    """The options as the file has them, and as the answers do."""

    def answer(self, values: Mapping[str, Any], keys: Keys) -> Any:
        """None where nothing was said. Raises AnswerLeftOut."""
        given = {control.name: values[control.name] for control in self.controls if control.name in values}
        return self.read(self, given, keys) if given else None


@dataclass(frozen=True)
class Sizes:
    """How many responses the tasks have."""

    fewest: int
    most: int


def questions_of(controls: Iterable[Control], sizes: Sizes) -> tuple[list[Asked], Mapping[str, str]]:
    """The questions, and of controls that become none, by name, why."""
    asked: list[Asked] = []
    why_not: dict[str, str] = {}
    taken: set[str] = set()
    for group in grouped([placed(control, sizes) for control in controls]):
        made = question_of(group, sizes, taken)
        if len(asked) == MOST_QUESTIONS:
            made = _("a project asks at most %(n)d questions") % {"n": MOST_QUESTIONS}
        if isinstance(made, Asked):
            taken.add(made.question.name)
            asked.append(made)
        else:
            why_not |= {control.name: made for control in group}
    return asked, why_not


def placed(control: Control, sizes: Sizes) -> Control:
    """Where there is one response only, what is about no other thing is about that."""
    is_only = sizes.most == 1 and not control.is_about_prompt
    return replace(control, about=ONLY) if is_only else control


def grouped(controls: Sequence[Control]) -> list[list[Control]]:
    """Controls that ask the same of different responses are one question."""
    groups: dict[tuple[Any, ...], list[Control]] = {}
    for control in controls:
        alone: tuple[Any, ...] = (control.name,)
        key = alone
        if control.asks in (Asks.RATING, Asks.CHOICES) and control.about not in (None, ONLY):
            key = (control.asks, base_of(control))
        if any(control.about == other.about for other in groups.get(key, [])):
            key = alone
        groups.setdefault(key, []).append(control)
    return list(groups.values())


def base_of(control: Control) -> str:
    """Its name without what says which response it is about: rating_2, answer1_quality."""
    name = control.name.lower()
    if control.about and control.about.lower() in name:
        name = name.replace(control.about.lower(), "", 1)
    name = re.sub(r"([\W_]*[0-9]+|[\W_]+[a-i])$", "", name)
    return re.sub(r"^[0-9]+[\W_]+", "", name).strip("_- .")


def question_of(group: Sequence[Control], sizes: Sizes, taken: Collection[str]) -> Asked | str:
    """Or why there is none."""
    first = group[0]
    name = base_of(first) if len(group) > 1 else first.name
    made = MAKERS[first.asks](group, sizes)
    if isinstance(made, str):
        return made
    kind, options, codes, read = made
    base = free_name(name or kind, kind, set(taken))
    title = first.title if len(group) == 1 and first.title else readable(name or kind)
    question = Question(base, kind, title[:200], required=any(one.is_required for one in group), options=options)
    return Asked(question, tuple(group), read, codes)


def readable(name: str) -> str:
    words = re.sub(r"[_\W]+", " ", name).strip() or name
    return words[:1].upper() + words[1:]


Read = Callable[[Asked, Mapping[str, Any], Keys], Any]
Made = tuple[str, Mapping[str, Any], Mapping[str, str], Read] | str


def comparison(group: Sequence[Control], sizes: Sizes) -> Made:
    if sizes.most != 2:
        return _("it compares two responses, and tasks have others")
    return "pairwise", {"levels": 1, "tie": False, "both_bad": False}, {}, winner


def winner(asked: Asked, given: Mapping[str, Any], keys: Keys) -> str:
    (place,) = given.values()
    pair = asked.controls[0].pair or keys
    if len(keys) != 2 or pair[place] not in keys:
        raise AnswerLeftOut(_("it names a response that the task does not have"))
    return LETTERS[keys.index(pair[place])]


def ranking(group: Sequence[Control], sizes: Sizes) -> Made:
    return ("ranking", {}, {}, ranks) if sizes.most >= 2 else _("it ranks responses, and there are none to rank")


def ranks(asked: Asked, given: Mapping[str, Any], keys: Keys) -> list[int]:
    (levels,) = given.values()
    found = {key: rank for rank, level in enumerate(levels, 1) for key in level}
    if found.keys() != set(keys) or len(keys) < 2:
        raise AnswerLeftOut(_("it does not rank just the responses that the task has"))
    return [found[key] for key in keys]


def buckets(group: Sequence[Control], sizes: Sizes) -> Made:
    return flags_made(group, sizes, bucketed)


def bucketed(asked: Asked, given: Mapping[str, Any], keys: Keys) -> dict[str, list[bool]]:
    (filed,) = given.values()
    return {flag: [key in filed.get(bucket, []) for key in keys] for bucket, flag in asked.codes.items()}


def rating(group: Sequence[Control], sizes: Sizes) -> Made:
    if any(control.about is None for control in group):
        return _("it rates the prompt or the task as a whole: scales here are for responses")
    low, high = min(one.low for one in group), max(one.high for one in group)
    if not LOWEST <= low < high <= HIGHEST:
        return _("its numbers make no scale: scales go from −100 to 100 at most")
    return "likert", {"low": low, "high": high}, {}, rated


def rated(asked: Asked, given: Mapping[str, Any], keys: Keys) -> list[int | None]:
    by_key = about(asked, given, keys)
    if any(value != int(value) for value in by_key.values()):
        raise AnswerLeftOut(_("it is no whole number"))
    return [int(by_key[key]) if key in by_key else None for key in keys]


def about(asked: Asked, given: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
    """What was said by the key of the response."""
    said = {
        keys[0] if control.about == ONLY and len(keys) == 1 else control.about: given[control.name]
        for control in asked.controls
        if control.name in given
    }
    if not said.keys() <= set(keys):
        raise AnswerLeftOut(_("it is about a response that the task does not have"))
    return {str(key): value for key, value in said.items()}


def choices(group: Sequence[Control], sizes: Sizes) -> Made:
    first = group[0]
    is_of_pair = sizes.fewest == sizes.most == 2 and first.is_single and first.about is None
    codes = preferences(first.options) if is_of_pair else None
    if codes:
        offered = {"tie": "tie" in codes.values(), "both_bad": "both_bad" in codes.values()}
        return "pairwise", {"levels": 1, **offered}, codes, preferred
    return flags_made(group, sizes, marked if first.about is not None else marked_prompt)


def preferences(options: Mapping[str, str]) -> dict[str, str] | None:
    """What each option says of two responses; None where they are about something else."""
    found = {value: preference_in(text) or preference_in(value) for value, text in options.items()}
    meant = Counter(found.values())
    is_of_pair = None not in meant and max(meant.values(), default=0) == 1 and not meant.keys().isdisjoint("AB")
    return {value: code for value, code in found.items() if code} if is_of_pair else None


def preference_in(text: str) -> str | None:
    words = " ".join(re.sub(r"[\W_]+", " ", re.sub(r"([a-z])([0-9])", r"\1 \2", text.lower())).split())
    rest = " ".join(FILLER.sub(" ", words).split())
    if rest in TIES:
        return "tie"
    if rest in BOTH_BAD:
        return "both_bad"
    return PREFERENCES.get(rest)


def preferred(asked: Asked, given: Mapping[str, Any], keys: Keys) -> str:
    (chosen,) = given.values()
    if len(chosen) != 1:
        raise AnswerLeftOut(_("it says more than one thing"))
    return asked.codes[chosen[0]]


def flags_made(group: Sequence[Control], sizes: Sizes, read: Read) -> Made:
    options = {value: text for control in group for value, text in control.options.items()}
    if not 0 < len(options) <= MOST_FLAGS:
        said = _("it has %(n)d options: here a question has 1 to %(most)d flags")
        return said % {"n": len(options), "most": MOST_FLAGS}
    if sizes.most == 0 and read is not marked_prompt:
        return _("it is about responses, and there are none")
    codes: dict[str, str] = {}
    for value, text in options.items():
        is_named = text[:1].isascii() and text[:1].isalpha()  # names of flags begin with a letter
        codes[value] = free_name(text if is_named else f"choice {text}", "choice", set(codes.values()))
    kind = "prompt_flags" if read is marked_prompt else "flags"
    return kind, {"flags": {codes[value]: text for value, text in options.items()}}, codes, read


def marked(asked: Asked, given: Mapping[str, Any], keys: Keys) -> dict[str, list[bool | None]]:
    by_key = about(asked, given, keys)
    return {
        flag: [value in by_key[key] if key in by_key else None for key in keys] for value, flag in asked.codes.items()
    }


def marked_prompt(asked: Asked, given: Mapping[str, Any], keys: Keys) -> dict[str, bool]:
    (chosen,) = given.values()
    return {flag: value in chosen for value, flag in asked.codes.items()}


def text(group: Sequence[Control], sizes: Sizes) -> Made:
    first = group[0]
    if first.is_edit and first.about is not None and sizes.most > 0:
        return "refinement", {}, {}, edited
    if sizes.most == 0:
        return "demonstration", {}, {}, written
    return "comment", {}, {}, remarked


def written(asked: Asked, given: Mapping[str, Any], keys: Keys) -> str | None:
    (words,) = given.values()
    return words if words.strip() else None


def remarked(asked: Asked, given: Mapping[str, Any], keys: Keys) -> str | None:
    (words,) = given.values()
    if len(words) > comment.LONGEST:
        raise AnswerLeftOut(_("a comment has at most %(n)d characters") % {"n": comment.LONGEST})
    return words.strip() or None


def edited(asked: Asked, given: Mapping[str, Any], keys: Keys) -> dict[str, str]:
    ((key, words),) = about(asked, given, keys).items()
    return {"of": LETTERS[keys.index(key)], "text": words}


def nothing(group: Sequence[Control], sizes: Sizes) -> Made:
    return _("Concord asks nothing of this kind")


MAKERS: dict[Asks, Callable[[Sequence[Control], Sizes], Made]] = {
    Asks.PAIR: comparison,
    Asks.RANKING: ranking,
    Asks.BUCKETS: buckets,
    Asks.RATING: rating,
    Asks.CHOICES: choices,
    Asks.TEXT: text,
    Asks.NOTHING: nothing,
}


def left_out_of(controls: Mapping[str, Control], why_not: Mapping[str, str]) -> dict[str, LeftOut]:
    """By the name of the control."""
    return {name: LeftOut(told(controls[name]), why) for name, why in why_not.items()}


def told(control: Control) -> str:
    return f"{control.name} ({control.what})" if control.what else control.name
