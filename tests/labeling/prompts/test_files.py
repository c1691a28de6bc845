"""Reading files that people bring. No file, however broken, does anything but give rows or say what is wrong."""

import io
import json
import math
from contextlib import suppress
from datetime import UTC, datetime

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.errors import FileRefused
from labeling.prompts.files import ImportFile, Row
from labeling.prompts.json_text import DEEPEST
from labeling.prompts.readers.base import LONGEST_ROW


def read(content: bytes, name: str = "prompts.jsonl") -> list[tuple[int, Row]]:
    file = ImportFile(io.BytesIO(content), name)
    rows = [row for batch in file.batches(lambda row: row) for row in batch]
    file.finish()
    return rows


def problems(content: bytes, name: str = "prompts.jsonl") -> list[str]:
    with pytest.raises(FileRefused) as refused:
        read(content, name)
    return refused.value.lines()


def test_json_lines_with_their_numbers() -> None:
    assert read(b'\xef\xbb\xbf{"a": 1}\r\n\n  \n{"a": "\xe4\xbd\xa0"}') == [(1, {"a": 1}), (4, {"a": "你"})]


def test_csv_with_quoted_line_ends() -> None:
    content = b'prompt,source\n"two\nlines",x\nplain,\n'
    assert read(content, "p.csv") == [(2, {"prompt": "two\nlines", "source": "x"}), (4, {"prompt": "plain"})]


def test_tabs_text_and_parquet() -> None:
    assert read(b"prompt\tsource\na,b\tx\n", "p.tsv") == [(2, {"prompt": "a,b", "source": "x"})]
    assert read(b"one\r\n \n\n=2 ", "p.txt") == [(1, {"prompt": "one"}), (4, {"prompt": "=2 "})]
    written = io.BytesIO()
    times = [datetime(2026, 1, 2, tzinfo=UTC), None, None]
    columns = {"a": ["x", None, "z"], "b": [[{"c": 1}], [], None], "at": times, "n": [1, 2, 3]}
    pyarrow.parquet.write_table(pyarrow.table(columns), written)
    rows = [
        (1, {"a": "x", "b": [{"c": 1}], "at": "2026-01-02T00:00:00+00:00", "n": 1}),
        (2, {"b": [], "n": 2}),
        (3, {"a": "z", "n": 3}),
    ]
    assert read(written.getvalue(), "p.parquet") == rows


def test_parquet_names_rows() -> None:
    written = io.BytesIO()
    columns = {"a": [b"fine", b"\xff"], "n": [math.nan, 1.0]}
    pyarrow.parquet.write_table(pyarrow.table(columns), written)
    assert problems(written.getvalue(), "p.parquet") == [
        "p.parquet, line 1: NaN is not a number that JSON knows.",
        "p.parquet, line 2: byte 1 is not UTF-8.",
    ]


def test_numbers_that_are_too_large_for_the_fast_reader_stay_as_they_are() -> None:
    assert read(b'{"n": [123456789012345678901234567890, 1e300]}') == [
        (1, {"n": [123456789012345678901234567890, 1e300]})
    ]


def test_a_json_list_longer_than_the_window() -> None:
    rows = [{"n": n, "text": "长" * 1000} for n in range(2000)]
    content = json.dumps(rows, ensure_ascii=False, indent=1).encode()
    found = read(content, "p.json")
    assert [row for _line, row in found] == rows
    assert [line for line, _row in found] == [2 + 4 * n for n in range(2000)]
    broken = content[:-3] + b"\xff" + content[-3:]
    assert problems(broken, "p.json") == ["p.json, line 8001: byte 2 is not UTF-8."]


def test_a_json_list_with_the_lines_of_its_objects() -> None:
    content = b'\xef\xbb\xbf\n[\n  {"a": 1,\n   "b": "]"}\n, {"a": {"c": []}}, {"a": 3}\n]\n'
    rows = [(3, {"a": 1, "b": "]"}), (5, {"a": {"c": []}}), (5, {"a": 3})]
    assert read(content, "prompts.json") == rows


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": 1}', "prompts.json, line 1: a .json file must be one list"),
        (b"", "prompts.json, line 1: a .json file must be one list"),
        (b"[]", "prompts.json: the file holds no rows"),
        (b'[\n{"a": 1}\n{"a": 2}]', "line 3: not JSON: the list does not end, or a comma is missing"),
        (b'[{"a": 1}\n', "line 2: not JSON: the list does not end"),
        (b'[{"a": 1},\n]', "line 2: not JSON: Expecting value at column 1"),
        (b'[{"a": 1}]\n{}', "line 2: not JSON: something follows the list"),
        (b'[\n{"a":\n oops}]', "line 3: not JSON: Expecting value at column 2"),
        (b'[\n{"a": 1}, 7]', "line 2: not a JSON object"),
        (b'[\n{"a": NaN}]', "line 2: NaN is not a number"),
        (b'[\n{"a": ' + b"9" * 5000 + b"}]", "line 2: Exceeds the limit"),
        (b"[\n" + b"[" * 200_000, "line 2: lists and objects more than"),
        (b'[\n{"a": "\\ud800"}]', "line 2: a text holds half of a surrogate pair"),
        (b'[\n{"a": "\xff"}]', "line 2: byte 8 is not UTF-8"),
        (b'[\n{"a": ["' + b'", "'.join([b"x" * 90_000] * 12) + b'"]}]', "line 2: the line is longer than"),
    ],
)
def test_what_is_wrong_with_a_json_list(content: bytes, said: str) -> None:
    assert said in problems(content, "prompts.json")[0]


GOOD = b'{"prompt": "x"}\n'


@pytest.mark.parametrize(
    ("content", "line", "cause"),
    [
        (GOOD * 6 + b'{"prompt": \n' + GOOD, 7, "not JSON"),
        (GOOD + b'{"prompt": "\\u0000"}\n', 2, "NUL"),
        (GOOD + b'{"prompt": "a\x00b"}\n', 2, "not JSON"),
        (GOOD + b'{"prompt": "\\ud800"}\n', 2, "surrogate pair (U+D800)"),
        (GOOD + b'{"deep": {"er": ["\\udfff"]}}\n', 2, "surrogate pair (U+DFFF)"),
        (GOOD + b'{"\\u0000": 1}\n', 2, "NUL"),
        (GOOD + b'{"prompt": "\xff"}\n', 2, "byte 13 is not UTF-8"),
        (GOOD + b'{"score": NaN}\n', 2, "NaN is not a number"),
        (GOOD + b"[1, 2]\n", 2, "not a JSON object"),
        (GOOD + b"[" * 200_000 + b"\n", 2, "levels deep"),
        (GOOD + b'{"a": ' + b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1) + b"}\n", 2, "levels deep"),
        (GOOD + b'{"n": ' + b"9" * 5000 + b"}\n", 2, "digits"),
        (GOOD + b'{"prompt": "' + b"x" * 200_000 + b'"}\n', 2, "more than 100000 characters"),
    ],
)
def test_what_is_wrong_and_where(content: bytes, line: int, cause: str) -> None:
    (said,) = problems(content)
    assert said.startswith(f"prompts.jsonl, line {line}: ")
    assert cause in said


def test_a_line_of_five_megabytes_is_passed_over_without_being_read_whole() -> None:
    class Counting(io.BytesIO):
        longest = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            line = super().readline(size)
            Counting.longest = max(Counting.longest, len(line))
            return line

    file = ImportFile(Counting(GOOD + b'{"prompt": "' + b"x" * 5_000_000 + b'"}\n' + b"{bad\n"), "big.jsonl")
    list(file.batches(lambda row: row))
    with pytest.raises(FileRefused) as refused:
        file.finish()
    assert [problem.line for problem in refused.value.problems] == [2, 3]
    assert "longer than 1048576 bytes" in refused.value.problems[0].cause
    assert Counting.longest <= LONGEST_ROW + 2


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file(content: bytes) -> None:
    assert problems(content) == ["prompts.jsonl: the file holds no rows."]


def test_a_name_that_does_not_say_what_it_is() -> None:
    assert "must end in .jsonl, .ndjson, .json, .csv, .tsv, .parquet, .txt, and" in problems(GOOD, "prompts.xlsx")[0]


def test_many_bad_lines_are_counted_and_the_first_are_shown() -> None:
    said = problems(b"{\n" * 30)
    assert len(said) == 21
    assert said[-1] == "10 more lines are wrong."


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"prompt,source\nonly one\n", "line 2: 1 cells under a header of 2"),
        (b'prompt\n"never closed\n', "not CSV"),
        (b"prompt\n" + b"x" * (LONGEST_ROW + 5) + b"\n", "line 2: the line is longer"),
        (b"prompt\nna\x00me\n", "NUL"),
        (b"a,b,a\n1,2,3\n", "line 1: the column “a” is there twice"),
        (b"a" + b",b" * 1000 + b"\n", "line 1: the table has more than 1000 columns"),
    ],
)
def test_broken_csv(content: bytes, cause: str) -> None:
    assert any(cause in said for said in problems(content, "prompts.csv"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(content=st.binary() | st.lists(json_values).map(lambda rows: "\n".join(map(json.dumps, rows)).encode()))
def test_any_bytes_give_rows_or_a_refusal(content: bytes) -> None:
    for name in ("any.jsonl", "any.json", "any.csv"):
        with suppress(FileRefused):
            for _line, row in read(content, name):
                text = json.dumps(row, ensure_ascii=False)
                assert "\\u0000" not in text.replace("\\\\", ""), "as an escape; a text may well spell it"
                assert text.encode()
