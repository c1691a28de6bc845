"""Whatever is in a file, it is understood or refused, and then nothing of it is here."""

import io
import json
import tracemalloc
import uuid
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labeling.collection.moving.argilla import Argilla
from labeling.collection.moving.elements import elements_of
from labeling.collection.moving.label_config import read_config
from labeling.collection.moving.label_studio import LabelStudio
from labeling.collection.moving.move_in import move_in
from labeling.collection.moving.questions import preference_in
from labeling.collection.moving.shape import Source
from labeling.collection.moving.survey import survey
from labeling.errors import FileRefused, Refused
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.json_text import JsonRefused
from labeling.prompts.readers.base import BLOCK, LONGEST_ROW
from tests.labeling.collection.moving import exports

WORTHWHILE = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def label_studio(content: bytes, config: str = exports.PAIRWISE) -> LabelStudio:
    return LabelStudio(io.BytesIO(content), "export.json", config=config.encode())


def refusal_of(*tasks: Any, config: str = exports.PAIRWISE) -> str:
    with pytest.raises(FileRefused) as refused:
        survey(label_studio(exports.exported(list(tasks)), config))
    return "\n".join(refused.value.lines())


DATA = {"prompt": "Why?", "answer1": "So.", "answer2": "Thus."}


@pytest.mark.parametrize(
    ("task", "cause"),
    [
        (7, "not a JSON object"),
        ({"data": []}, "“data” must be an object"),
        ({"data": {**DATA, "prompt": ""}}, "there is nothing in “prompt”, the prompt"),
        ({"data": {**DATA, "answer1": {"a": []}}}, "neither text nor a conversation"),
        ({"data": DATA, "annotations": {}}, "“annotations” must be a list"),
        ({"data": DATA, "annotations": ["x"]}, "annotation 1 is not an object"),
        ({"data": DATA, "annotations": [{"result": 5}]}, "“result” must be a list"),
        ({"data": DATA, "annotations": [{"result": [5]}]}, "a result is not an object"),
        ({"data": DATA, "annotations": [exports.annotation(1, exports.compared("up"))]}, "what “comparison” says"),
        ({"data": DATA, "annotations": [exports.annotation(1, created_at="soon")]}, "write it like 2026-11-22"),
        ({"data": {**DATA, "x": "a\0b"}}, "NUL"),
    ],
)
def test_a_bad_task_is_named_by_its_number(task: Any, cause: str) -> None:
    good = exports.task(1, DATA, exports.annotation(1, exports.compared("left")))
    refusal = refusal_of(good, task, good)
    assert refusal.startswith("export.json: task 2: ")
    assert cause in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "must be one list"),
        (b"[]", "holds no tasks"),
        (b"{}", "must be one list"),
        (b'[{"data": {"prompt": "x"}}', "the list does not end"),
        (b'[{"data": {"prompt": "x"}}] []', "something follows the list"),
        (b'[{"data": {"prompt": "x"}},]', "not JSON"),
        (b'[{"data": NaN}]', "not a number that JSON knows"),
        (b'[{"data": 1e999}]', "not a number that JSON knows"),
        (b'[{"data": "\xff"}]', "not UTF-8"),
        (b"[" * 100_000, "levels deep"),
        (b'[{"data": "' + b"x" * 2 * LONGEST_ROW, "longer than"),
        (b'[{"data": "' + b"x" * 2 * LONGEST_ROW + b'"}]', "longer than"),
    ],
)
def test_a_file_that_is_no_export_is_refused(content: bytes, cause: str) -> None:
    with pytest.raises(FileRefused, match=cause):
        survey(label_studio(content))


@WORTHWHILE
@given(
    values=st.lists(st.recursive(st.none() | st.integers() | st.text() | st.booleans(), st.lists, max_leaves=8)),
    space=st.sampled_from(["", " ", "\n\t"]),
    padding=st.integers(0, BLOCK),
)
def test_a_list_is_read_as_json_reads_it(values: list[Any], space: str, padding: int) -> None:
    """Wherever what is read at a time ends."""
    text = space.join(["", "[", f",{space}".join(map(json.dumps, ["x" * padding, *values])), "]", ""])
    read = list(elements_of(io.BytesIO(text.encode())))
    assert read == list(enumerate(["x" * padding, *values], 1))


def test_a_long_list_is_never_in_memory_as_a_whole() -> None:
    row = json.dumps({"data": {"prompt": "x" * 10_000}}).encode()
    content = b"[" + b",".join([row] * 3000) + b"]"
    tracemalloc.start()
    assert sum(1 for _element in elements_of(io.BytesIO(content))) == 3000
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


@pytest.mark.parametrize(
    ("config", "cause"),
    [
        ("<View>", "not XML: no element found"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><View>&b;</View>', "declarations of its own"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><View>&a;</View>', "declarations of its own"),
        ('<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><View/>', "declarations of its own"),
        ('<?xml version="1.0" encoding="nonsense"?><View/>', "unknown encoding"),
        ("<View>" + " " * 2**20 + "</View>", "larger than 1 MB"),
    ],
)
def test_a_configuration_that_reaches_out_or_grows_is_refused(config: str, cause: str) -> None:
    with pytest.raises(FileRefused, match=cause):
        read_config(config.encode(), "config.xml")


def test_a_deep_configuration_is_read() -> None:
    config = "<View>" * 50_000 + '<Text name="p" value="$prompt"/>' + "</View>" * 50_000
    assert read_config(config.encode(), "config.xml").shown == ["prompt"]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("Response A", "A"),
        ("answer2", "B"),
        ("The left one is better", None),
        ("Left is better", "A"),
        ("model_b", "B"),
        ("Tie", "tie"),
        ("Both are good", "tie"),
        ("Both are bad", "both_bad"),
        ("Neither", "both_bad"),
        ("Science", None),
    ],
)
def test_options_that_name_a_response(words: str, meant: str | None) -> None:
    assert preference_in(words) == meant


def archive(**files: bytes) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, written in files.items():
            packed.writestr(name, written)
    return content


SETTINGS = json.dumps(exports.argilla_settings()).encode()
RECORDS = exports.exported(exports.argilla_records())


@pytest.mark.parametrize(
    ("place", "cause"),
    [
        (io.BytesIO(b"not a zip"), "not a zip archive"),
        (archive(**{"records.json": RECORDS}), "must hold one .argilla/settings.json; it holds 0"),
        (archive(**{".argilla/settings.json": SETTINGS}), "must hold one records.json; it holds 0"),
        (archive(**{".argilla/settings.json": b"[]", "records.json": RECORDS}), "the settings are not an object"),
        (archive(**{".argilla/settings.json": b"{", "records.json": RECORDS}), "not JSON"),
        (archive(**{".argilla/settings.json": b'{"fields": [{}]}', "records.json": RECORDS}), "has no name"),
        (archive(**{".argilla/settings.json": SETTINGS, "records.json": b"[" + b" " * 2**24}), "times as large"),
        (archive(**{".argilla/settings.json": SETTINGS, "records.json": b'[{"fields": 3}]'}), "task 1: “fields” must"),
        (
            archive(**{".argilla/settings.json": SETTINGS, "records.json": b'[{"fields": {}}]'}),
            "task 1: there is nothing in “prompt”",
        ),
    ],
)
def test_an_archive_that_argilla_did_not_write_is_refused(place: io.BytesIO, cause: str) -> None:
    with pytest.raises(FileRefused, match=cause):
        survey(Argilla(place, "exported.zip"))


def mutated(tasks: Any) -> st.SearchStrategy[Any]:
    """The same with one of its values replaced by something else."""
    places = list(places_in(tasks))
    values = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False)
    others = values | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2)
    others |= st.dictionaries(st.text(max_size=3), st.integers(), max_size=2) | st.just([[]]) | st.just([{"id": []}])
    return st.builds(lambda place, value: replaced(tasks, place, value), st.sampled_from(places), others)


def places_in(value: Any, above: tuple[Any, ...] = ()) -> Any:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*above, key)
        yield from places_in(one, (*above, key))


def replaced(value: Any, place: tuple[Any, ...], other: Any) -> Any:
    copy = json.loads(json.dumps(value))
    holder = copy
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = other
    return copy


def moves_over_or_is_refused(source: Callable[[], Source]) -> None:
    """Wholly, or not at all."""
    slug, before = f"moved-{uuid.uuid4()}", User.objects.count()
    try:
        moved = move_in(found=survey(source()), slug=slug)
    except Refused:
        assert not Project.objects.filter(slug=slug).exists()
        assert User.objects.count() == before
    else:
        assert moved.project.tasks.count() == moved.imported.tasks > 0


@pytest.mark.django_db
@WORTHWHILE
@given(
    tasks=mutated(exports.pairwise_export()) | mutated(exports.grading_export()) | mutated(exports.ranker_export([])),
    config=st.sampled_from([exports.PAIRWISE, exports.GRADING, exports.RANKER, exports.BUCKETS, ""]),
)
def test_any_export_moves_over_or_is_refused(tasks: Any, config: str) -> None:
    content = io.BytesIO(exports.exported(tasks))
    moves_over_or_is_refused(lambda: LabelStudio(content, "x.json", config=config.encode() if config else None))


@pytest.mark.django_db
@WORTHWHILE
@given(stated=mutated(exports.argilla_settings()), records=mutated(exports.argilla_records()))
def test_any_argilla_data_set_moves_over_or_is_refused(stated: Any, records: Any) -> None:
    written = {".argilla/settings.json": json.dumps(stated).encode(), "records.json": json.dumps(records).encode()}
    moves_over_or_is_refused(lambda: Argilla(archive(**written), "exported.zip"))


@WORTHWHILE
@given(content=st.binary(max_size=60) | st.text(alphabet='[]{},:"1e- \\u', max_size=60).map(str.encode))
def test_any_bytes_are_a_list_or_refused(content: bytes) -> None:
    for start in (b"", b"[", b'[{"a": '):
        with suppress(JsonRefused):
            list(elements_of(io.BytesIO(start + content)))
