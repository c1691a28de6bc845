"""What is found in texts, what is not, and that every text is done in time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.prompts.languages import detected_language
from labeling.prompts.personal import find_personal, masked

PRIVATE = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"

FOUND = [
    ("en", "Write to john.doe+news@mail.example.org.", [("email", "john.doe+news@mail.example.org")]),
    ("zh", "发到邮箱zhang.wei@qq.com，谢谢", [("email", "zhang.wei@qq.com")]),
    ("en", "Call (650) 253-0000 tomorrow", [("phone", "(650) 253-0000")]),
    ("", "Tel. +49 30 901820, also at night", [("phone", "+49 30 901820")]),
    ("zh", "手机13812345678。", [("phone", "13812345678")]),
    (
        "en",
        "card 4111 1111 1111 1111 or 5500-0000-0000-0004",
        [("card", "4111 1111 1111 1111"), ("card", "5500-0000-0000-0004")],
    ),
    ("en", "IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFF", [("iban", "DE89 3704 0044 0532 0130 00")]),
    ("en", "GB82WEST12345698765432", [("iban", "GB82WEST12345698765432")]),
    ("zh", "身份证号11010519491231002X。", [("id", "11010519491231002X")]),
    ("it", "RSSMRA85T10A562S", [("id", "RSSMRA85T10A562S")]),
    ("pt", "CPF 529.982.247-25", [("id", "529.982.247-25")]),
    ("fr", "2 55 08 14 168 025 38", [("id", "2 55 08 14 168 025 38")]),
    ("en", "from 8.8.8.8, and [2001:4860:4860::8888]", [("ip", "8.8.8.8"), ("ip", "2001:4860:4860::8888")]),
    ("en", "KEY=sk-proj-abcdefghijklmnopqrstuvwx", [("key", "sk-proj-abcdefghijklmnopqrstuvwx")]),
    ("en", "AKIAIOSFODNN7EXAMPLE", [("key", "AKIAIOSFODNN7EXAMPLE")]),
    ("en", f"Mine is {PRIVATE}", [("key", PRIVATE)]),
]
NOT_FOUND = [
    "What is 1234567890 * 9876543210?",
    "4111 1111 1111 1112",
    "DE89 3704 0044 0532 0130 01",
    "110105194912310021",
    "from 192.168.0.1, 127.0.0.1 and ::1 at 12:30:45",
    "between 2020-01-01 and 2021-12-31, 1,000,000,000 people",
    "version 1.2.3 of a@b",
    "numpy.array([1.0, 2.0, 3.0]) @ other",
    "π is 3.14159265358979323846264338327950288419716939937510",
    "6502530000",
]


@pytest.mark.parametrize(("language", "text", "expected"), FOUND)
def test_what_is_found(language: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.kind.value, text[one.start : one.end]) for one in find_personal(text, language)] == expected


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_is_not_found(text: str) -> None:
    assert find_personal(text, "en") == []


def test_what_is_found_is_masked_and_nothing_else_is_changed() -> None:
    text = "邮箱 a.b@example.org 电话+86 138 1234 5678 👋"
    assert masked(text, find_personal(text)) == "邮箱 [EMAIL] 电话[PHONE] 👋"


words = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="@"), max_size=30)


@given(words, st.from_regex(r"[a-z0-9]{1,20}(\.[a-z0-9]{1,10}){0,2}@[a-z]{2,10}\.(com|org|cn)", fullmatch=True), words)
def test_masked_texts_hold_nothing_any_more(before: str, address: str, after: str) -> None:
    text = f"{before} {address} {after}"
    found = find_personal(text, "en")
    assert [(one.kind.value, text[one.start : one.end]) for one in found if one.kind == "email"] == [("email", address)]
    assert address not in masked(text, found)


@given(st.text(), st.sampled_from(["", "en", "zh", "de"]))
def test_what_is_found_is_in_order_and_apart(text: str, language: str) -> None:
    found = find_personal(text, language)
    places = [place for one in found for place in (one.start, one.end)]
    assert places == sorted(places)
    assert all(one.start < one.end <= len(text) for one in found)


HOSTILE = [
    "a",
    "1",
    "1 ",
    "1-",
    "a@",
    "a.a@a.",
    "DE89 ",
    ":",
    "1.",
    "eyJ",
    "-----BEGIN ",
    "AB12",
    "ab12:",
    "(1) ",
    "+1",
    "４",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_long(piece: str) -> None:
    """Of the processor: what others are at does not matter."""
    began = time.process_time()
    find_personal(piece * (40_000 // len(piece)), "en")
    assert time.process_time() - began < 2.5


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Write a poem about the sea", "en"),
        ("用一句话解释量子纠缠", "zh"),
        ("写一首诗", "zh"),
        ("Was ist die Hauptstadt von Frankreich?", "de"),
        ("東京の天気は？", "ja"),
        ("안녕하세요", "ko"),
        ("12 + 34 =", ""),
        ("ok", ""),
        ("", ""),
        ("def f(x): return x+1", ""),
    ],
)
def test_a_language_is_told_where_it_is_sure(text: str, language: str) -> None:
    assert detected_language(text) == language
