import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.spreadsheets import harmless, text_of_cell

texts = st.text("'=-+@\t\r\n ax")


@given(texts)
def test_no_cell_is_a_formula_and_each_tells_its_text(text: str) -> None:
    cell = harmless(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert text_of_cell(cell) == text


@pytest.mark.parametrize("cell", [1, -1, -0.5, None, "", "a=1", "'quoted'", "1 - 1"])
def test_what_is_no_formula_stays(cell: object) -> None:
    assert harmless(cell) == cell
