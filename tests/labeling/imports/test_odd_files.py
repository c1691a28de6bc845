"""Odd texts come in as they are, in every kind of file; broken and hostile ones are refused, and take little memory."""

import csv
import gzip
import io
import json
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from labeling.audit import AuditEntry
from labeling.errors import FileRefused
from labeling.imports.brings import Brings
from labeling.imports.look import recognize
from labeling.imports.run_import import IMPORTERS
from labeling.imports.shapes import SHAPES
from labeling.imports.understand import Understanding
from labeling.projects.models import Project
from labeling.prompts.archive import MOST_FILES
from labeling.prompts.files import ImportFile
from labeling.prompts.models import Prompt
from labeling.prompts.readers import base
from tests.embedded import ROOT
from tests.factories import make_project

pytestmark = pytest.mark.django_db

ODD = [
    *[
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "'quoted",
        '"',
        '""',
        "a\tb",
        "\tlead",
        "trail \t",
        " space ",
        "\\",
        "\\N",
        "\\.",
    ],
    *[
        "\ufeffmark",
        "in\ufeffside",
        "\u202eright to left\u202c",
        "\u200b.",
        "e\u0301 ≠ é",
        "👩‍👩‍👧‍👦",
        "𝒳",
        "ﷺ",
        "\U0010ffff",
    ],
    *[
        "\x01\x02\x1b[31m\x7f\x80\x85",
        "line\u2028separator\u2029",
        "<script>alert(1)</script>",
        "null",
        "NaN",
        "{}",
        "[1]",
    ],
    *["a,b;c|d", "x" * 100_000, "长" * 100_000],
]
WITH_LINE_ENDS = ["two\nlines", "two\r\nlines", "old\rmac", "\n\n.\n", "ends\r\n", "a\n=b"]


def json_lines(texts: Iterable[str], *, ascii_only: bool = False) -> bytes:
    return "".join(json.dumps({"prompt": text}, ensure_ascii=ascii_only) + "\n" for text in texts).encode()


def json_list(texts: Iterable[str]) -> bytes:
    return json.dumps([{"prompt": text} for text in texts], indent=1).encode()


def table(texts: Iterable[str], delimiter: str) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows([["prompt"], *([text] for text in texts)])
    return written.getvalue().encode()


def columns(texts: Iterable[str]) -> bytes:
    written = io.BytesIO()
    parquet.write_table(pa.table({"prompt": list(texts)}), written, row_group_size=7)
    return written.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def data_set(kind: str, *rows: bytes) -> dict[str, bytes]:
    """Its files: those of rows, and what says what they are."""
    return {
        "judged/README.md": b"",
        **{f"judged/data/{place}.{kind}": content for place, content in enumerate(rows)},
        "judged/manifest/train.parquet": b"",
        "judged/recipe.json": b"{}",
        "judged/croissant.json": b"{}",
    }


FILES: dict[str, Callable[[list[str]], bytes]] = {
    "a.jsonl": json_lines,
    "b.ndjson": lambda texts: b"\xef\xbb\xbf" + json_lines(texts, ascii_only=True),
    "c.json": json_list,
    "d.csv": lambda texts: table(texts, ","),
    "e.tsv": lambda texts: table(texts, "\t"),
    "f.parquet": columns,
    "g.jsonl.gz": lambda texts: gzip.compress(json_lines(texts)),
    "h.csv.gz": lambda texts: gzip.compress(table(texts, ",")),
    "i.zip": lambda texts: zipped({"within.parquet": columns(texts)}),
    "j.zip": lambda texts: zipped(data_set("csv", table(texts[:3], ","), table(texts[3:], ","))),
}


def bring(content: bytes, name: str, project: Project, understanding: Understanding | None = None) -> Any:
    """Raises FileRefused."""
    if understanding is None:
        with ImportFile(io.BytesIO(content), name) as file:
            understanding = recognize(file)
    with ImportFile(io.BytesIO(content), name) as file:
        reshape = understanding.reshape(name, [])
        return IMPORTERS[understanding.brings](project=project, file=file, reshape=reshape)


@pytest.mark.parametrize("name", FILES)
def test_odd_texts_come_in_as_they_are(name: str) -> None:
    texts = [*ODD, *WITH_LINE_ENDS]
    content = FILES[name](texts)
    if ".gz" in name or ".zip" in name:
        texts = [text for text in texts if len(text) < 1000]  # else they would be a bomb
        content = FILES[name](texts)
    bring(content, name, make_project())
    assert list(Prompt.objects.order_by("pk").values_list("text", flat=True)) == texts


def test_odd_lines_of_plain_text_come_in_as_they_are() -> None:
    texts = [text for text in ODD if text != "\ufeffmark"]
    bring("\r\n".join(["first", *texts]).encode(), "p.txt", make_project())
    assert list(Prompt.objects.order_by("pk").values_list("text", flat=True)) == ["first", *texts]


GOOD = ["Ask", "回答", "three\nlines\nhere", "=4"]
SHAPED: dict[str, list[dict[str, Any]]] = {
    "alpaca": [{"instruction": "i", "input": "x", "output": "o"}, {"instruction": "j", "input": "", "output": ""}],
    "dolly": [{"instruction": "i", "context": "c", "response": "r", "category": "closed_qa"}],
    "sharegpt": [{"id": "7", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}],
    "self-instruct": [{"id": "s", "instruction": "i", "instances": [{"input": "x", "output": "o"}], "name": "n"}],
    "exported": [
        {
            "prompt_id": "0",
            "prompt": [{"role": "user", "content": "q"}],
            "model": name,
            "response": name,
            "annotator": "annotator-1",
            "position": position,
            "rank": position,
            "preference": "",
            "scores.tone": position,
            "flags.rude": False,
            "rank.order": position,
            "preference.better": "B2",
            "refinement.edit": "c" if name == "b" else None,
            "demonstration.ideal": "d",
            "comment.why": "e",
            "prompt_flags.vague": True,
            "use_case.kind": "chat",
        }
        for position, name in enumerate("ab", 1)
    ],
    "kto": [
        {"prompt": "p", "completion": "t", "label": True},
        {
            "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}],
            "label": False,
        },
    ],
    "pairs": [
        {"prompt": "p", "chosen": "t", "rejected": "u", "chosen_model": "m", "margin": 1.0},
        {"chosen": "\n\nHuman: p\n\nAssistant: t", "rejected": "\n\nHuman: p\n\nAssistant: u"},
        {"conversations": [{"from": "human", "value": "q"}], "chosen": {"from": "gpt", "value": "t"}, "rejected": "u"},
        {
            "input": {"messages": [{"role": "user", "content": "q"}]},
            "preferred_output": [{"role": "assistant", "content": "t"}],
            "non_preferred_output": [{"role": "assistant", "content": "u"}],
        },
    ],
    "chat": [{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}],
    "prompts": [{"prompt": "p", "use_case": "chat", "metadata": {"n": 1}}],
    "responses": [{"prompt": "p", "responses": [{"model": "m", "text": "t"}, {"model": "n", "text": ""}]}],
    "judgments": [
        {
            "prompt": "p",
            "responses": [{"model": "m", "text": "t"}, {"model": "n", "text": "u"}],
            "annotator": "kim",
            "preference": "A",
            "scores": {"tone": [1, 2]},
            "flags": {"rude": [True, False]},
            "comment": {"why": "c"},
            "demonstration": "d",
            "refinement": {"edit": [None, "e"]},
            "prompt_flags": {"vague": True},
            "said_use_case": "chat",
        }
    ],
}


def test_every_shape_is_recognized() -> None:
    assert SHAPED.keys() == SHAPES.keys()
    for key, rows in SHAPED.items():
        file = ImportFile(io.BytesIO("\n".join(map(json.dumps, rows)).encode()), "rows.jsonl")
        assert recognize(file) == Understanding(SHAPES[key].brings, key)


def mutated(content: bytes, data: st.DataObject) -> bytes:
    """With some bytes changed, left out, or there twice."""
    changed = bytearray(content)
    for _n in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(changed)))
        end = min(len(changed), start + data.draw(st.integers(0, 12)))
        piece = data.draw(st.sampled_from(["drop", "twice", "other"]))
        changed[start:end] = {"drop": b"", "twice": bytes(changed[start:end]) * 2}.get(
            piece, data.draw(st.binary(max_size=6))
        )
    return bytes(changed)


def is_whole_or_nothing(content: bytes, name: str, understanding: Understanding | None = None) -> None:
    project = make_project(questions=None)
    n_before, is_refused = AuditEntry.objects.count(), False
    try:
        bring(content, name, project, understanding)
    except FileRefused:
        is_refused = True
    assert project.prompts.exists() != is_refused
    assert (AuditEntry.objects.count() == n_before) == is_refused


@settings(max_examples=150, deadline=None)
@given(data=st.data(), name=st.sampled_from([name for name in FILES if "parquet" not in name and "zip" not in name]))
def test_mutated_files_are_imported_whole_or_refused(data: st.DataObject, name: str) -> None:
    is_whole_or_nothing(mutated(FILES[name](GOOD), data), name, Understanding(Brings.PROMPTS, "prompts"))


@settings(max_examples=6, deadline=None)
@given(data=st.data(), name=st.sampled_from(["f.parquet", "i.zip"]))
def test_mutated_parquet_is_imported_whole_or_refused(data: st.DataObject, name: str) -> None:
    is_whole_or_nothing(mutated(FILES[name](GOOD), data), name, Understanding(Brings.PROMPTS, "prompts"))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["jsonl", "csv"]))
def test_mutated_data_sets_are_imported_whole_or_refused(data: st.DataObject, kind: str) -> None:
    rows = [json_lines(texts) if kind == "jsonl" else table(texts, ",") for texts in (GOOD[:2], GOOD[2:])]
    changed = data.draw(st.sampled_from([0, 1, 2]))
    if changed < 2:
        rows[changed] = mutated(rows[changed], data)
    packed = zipped(data_set(kind, *rows))
    understanding = Understanding(Brings.PROMPTS, "prompts")
    is_whole_or_nothing(mutated(packed, data) if changed == 2 else packed, "judged.zip", understanding)


ONE, TWO = json_lines(["one"]), json_lines(["two"])


@pytest.mark.parametrize(
    "members",
    [
        {"data/a.jsonl": ONE, "data/b.jsonl": TWO},
        {"data/b.jsonl": TWO, "./data/a.jsonl": ONE, "__MACOSX/data/._a.jsonl": b"x", "notes.txt": b"x"},
        {"x/y/data/chat/a.jsonl": ONE, "x/y/data/other/a.jsonl": TWO, "x/y/dataset_info.json": b"x"},
        {"data/data/a.jsonl": ONE, "data/data/b.jsonl": TWO, "data/recipe.json": b"x", "data/manifest/x.jsonl": b"x"},
        {"data/a.json": b"\xef\xbb\xbf" + json_list(["one"]), "data/b.json": b"\xef\xbb\xbf" + json_list(["two"])},
        {"data/a.csv": b"prompt,source\none,x\n", "data/b.csv": b"\xef\xbb\xbfsource,prompt\nx,two\n"},
        {"data/a.csv": b"prompt\n", "data/b.csv": b"", "data/c.csv": b"prompt\none\ntwo\n"},
        {"data/a.parquet": columns(["one"]), "data/b.parquet": columns(["two"])},
    ],
)
def test_files_of_a_data_set_are_read_one_after_another(members: dict[str, bytes]) -> None:
    bring(zipped(members), "rows.zip", make_project())
    assert list(Prompt.objects.order_by("pk").values_list("text", flat=True)) == ["one", "two"]


@pytest.mark.parametrize(
    "members",
    [
        {"a.jsonl": ONE, "b.jsonl": TWO},
        {"data.jsonl": ONE, "database/b.jsonl": TWO},
        {"data/a.jsonl": ONE, "data/b.csv": b"prompt\ntwo\n"},
        {"data/a.jsonl": ONE, "b.jsonl": TWO},
        {"data/a.json": json_list(["one"]), "b.json": json_list(["two"])},
        {"x/data/a.jsonl": ONE, "y/data/b.jsonl": TWO},
        {"x/data/a.jsonl": ONE, "manifest/b.jsonl": TWO},
        {"data/a.txt": b"one", "data/LICENSE.txt": b"two"},
    ],
)
def test_several_files_that_are_no_data_set_are_refused(members: dict[str, bytes]) -> None:
    (said,) = refused(members)
    assert "must hold one file of rows" in said
    assert "it holds 2. Several are read from the folder “data” of a data set" in said


def refused(members: dict[str, bytes]) -> list[str]:
    """What is said of an archive, of which nothing was imported."""
    project = make_project(questions=None)
    with pytest.raises(FileRefused) as raised:
        bring(zipped(members), "rows.zip", project)
    assert not project.prompts.exists()
    return raised.value.lines()


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"data/a.jsonl": ONE, "data/b.jsonl": TWO + b"[1]"}, "data/b.jsonl, line 2: not a JSON object: a row is {…}."),
        ({"data/a.csv": b"prompt\n", "data/b.csv": b"\n"}, "rows.zip: the file holds no rows."),
        (
            {"data/a.parquet": columns(["one"]), "data/b.parquet": b"x"},
            "data/b.parquet: it is not a Parquet file, is damaged, or takes too much memory to read.",
        ),
        (
            {"data/a.jsonl": ONE, "data/b.jsonl": b" " * 2**20},
            "data/b.jsonl: “data/b.jsonl” is more than 100 times as large as in the archive.",
        ),
        (
            {f"data/{n}.jsonl": ONE for n in range(MOST_FILES + 1)},
            "rows.zip: the data set has more than 100 files of rows.",
        ),
    ],
)
def test_what_is_wrong_is_named_by_the_file_in_the_archive(members: dict[str, bytes], said: str) -> None:
    assert refused(members) == [said]


def test_files_of_a_data_set_are_together_no_larger_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "LARGEST_FILE", 34_000)
    members = {f"data/{n}.parquet": columns([f"{n}", "x" * 12_000]) for n in range(3)}
    assert all(len(content) < 1200 for content in members.values())
    assert refused(members) == ["data/2.parquet, line 1: its rows are more than 0 MB."]


def test_what_one_says_of_a_task_is_named_by_its_file() -> None:
    fine, wrong = ([{**row, "annotator": name} for row in SHAPED["exported"]] for name in ("annotator-1", ""))
    members = {"data/a.jsonl": wrong, "data/b.jsonl": fine}
    said = refused({name: "\n".join(map(json.dumps, rows)).encode() for name, rows in members.items()})
    assert [line.partition(": ")[0] for line in said] == ["data/a.jsonl, line 1"]


def test_a_wrong_judgment_leaves_the_others_as_they_are() -> None:
    rows = [{**row, "prompt_id": n, "annotator": name} for n, name in enumerate(["a", "", "b", ""]) for row in JUDGED]
    said = refused({"a.jsonl": "\n".join(map(json.dumps, rows)).encode()})
    assert [line.partition(": ")[0] for line in said] == ["a.jsonl, line 3", "a.jsonl, line 7"]
    assert all("“annotator” must be a name" in line for line in said)


@pytest.mark.parametrize("column", ["written.comment", "comment"])
def test_a_column_that_is_none_of_ours_is_named(column: str) -> None:
    rows = [{**row, column: "x"} for row in JUDGED]
    (said,) = refused({"a.jsonl": "\n".join(map(json.dumps, rows)).encode()})
    assert f"unknown field “{column}”" in said


values = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([]) | st.just({}) | st.just([{}])


@st.composite
def changed_rows(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """Rows of a shape, with anything in the place of something, however deep."""
    key = draw(st.sampled_from(sorted(SHAPED)))
    rows = json.loads(json.dumps(SHAPED[key]))
    place: Any = rows
    while True:
        step = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not place[step] or not isinstance(place[step], (dict, list)) or draw(st.booleans()):
            place[step] = draw(values)
            return key, rows
        place = place[step]


JUDGED = SHAPED["exported"]
WITHOUT_NUMBERS = [{**row, "position": ":"} for row in JUDGED for _twice in range(2)]


@settings(max_examples=200, deadline=None)
@example(changed=("exported", WITHOUT_NUMBERS))
@given(changed=changed_rows())
def test_changed_rows_of_every_shape_are_imported_whole_or_refused(changed: tuple[str, list[Any]]) -> None:
    key, rows = changed
    content = "\n".join(map(json.dumps, rows)).encode()
    is_whole_or_nothing(content, "rows.jsonl", Understanding(SHAPES[key].brings, key))
    with ImportFile(io.BytesIO(content), "rows.jsonl") as file:
        recognize(file)


def gzip_bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    block = b" " * 2**20
    return b"".join([*(packer.compress(block) for _n in range(300)), packer.flush()])


def wide_header() -> bytes:
    return ",".join(f"c{n}" for n in range(1_000_000)).encode() + b"\n1\n"


def endless_row() -> bytes:
    return b"prompt,b\n" + (b'"' + b"line\n" * 100_000 + b'",') * 20


def huge_value() -> bytes:
    """A page of one value of 300 MB."""
    size = 300_000_000
    offsets = pa.py_buffer(struct.pack("<2i", 0, size))
    column = pa.StringArray.from_buffers(1, offsets, pa.py_buffer(b"x" * size))
    written = io.BytesIO()
    parquet.write_table(
        pa.table({"prompt": column}), written, compression="zstd", write_statistics=False, use_dictionary=False
    )
    return written.getvalue()


def many_of_one() -> bytes:
    """A dictionary with one text of 900 kB, named 600 times: 540 MB."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 600, pa.int32()), pa.array(["x" * 900_000]))
    written = io.BytesIO()
    parquet.write_table(pa.table({"prompt": column}), written, compression="zstd")
    return written.getvalue()


BOMBS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "gzip": ("a.jsonl.gz", gzip_bomb, "more than 100 times as large"),
    "zip": ("a.zip", lambda: zipped({"a.jsonl": b" " * 300 * 2**20}), "more than 100 times as large"),
    "deep": ("a.json", lambda: b"[" * 50_000_000, "levels deep"),
    "long": ("a.json", lambda: b'[{"prompt": "' + b"x" * 100_000_000 + b'"}]', "longer than"),
    "columns": ("a.csv", wide_header, "longer than"),
    "many columns": ("a.csv", lambda: wide_header()[:1_000_000] + b"\n", "more than 1000 columns"),
    "row": ("a.csv", endless_row, "a row is longer"),
    "huge page": ("a.parquet", huge_value, "takes too much memory"),
    "dictionary": ("a.parquet", many_of_one, "a text has more than 100000 characters"),
    "cut": ("a.parquet", lambda: columns(GOOD)[:-9] + struct.pack("<I", 2**31) + b"PAR1", "is damaged"),
}

READ = """
import resource, sys
import django
django.setup()
from labeling.errors import FileRefused
from labeling.prompts.files import ImportFile
from labeling.prompts.rows import parse_prompt
with open(sys.argv[1], "rb") as stream, ImportFile(stream, sys.argv[2]) as file:
    for batch in file.batches(parse_prompt):
        pass
    try:
        file.finish()
    except FileRefused as refused:
        print(refused.lines()[0])
own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(own) // 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_refused_in_little_memory(bomb: str, tmp_path: Any) -> None:
    name, make, cause = BOMBS[bomb]
    (tmp_path / "bomb").write_bytes(make())
    command = [sys.executable, "-c", READ, str(tmp_path / "bomb"), name]
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings", "CONCORD_VAR": str(ROOT / "var" / "test")}
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    problem, megabytes = said.splitlines()
    assert cause in problem
    assert max(map(int, megabytes.split())) < 512
