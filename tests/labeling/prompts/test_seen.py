import hashlib

from hypothesis import given
from hypothesis import strategies as st

from labeling.prompts.seen import BITS, SMALLEST, Seen


def digest(of: int) -> str:
    return hashlib.sha256(str(of).encode()).hexdigest()


@given(st.lists(st.lists(st.integers(), max_size=50), max_size=8))
def test_what_was_seen_is_never_taken_for_new(batches: list[list[int]]) -> None:
    seen = Seen()
    for batch in batches:
        seen.add([digest(number) for number in batch])
    digests = [digest(number) for batch in batches for number in batch]
    assert seen.perhaps(digests) == digests


def test_of_many_too_what_was_not_seen_is_told_apart() -> None:
    seen = Seen()
    n = SMALLEST * 8 // BITS * 6
    digests = [digest(number) for number in range(n)]
    for start in range(0, n, 1000):
        seen.add(digests[start : start + 1000])
    assert [table.size // SMALLEST for table in seen.tables] == [1, 4, 16]
    assert seen.perhaps(digests) == digests
    assert len(seen.perhaps([digest(n + number) for number in range(40_000)])) <= 8
