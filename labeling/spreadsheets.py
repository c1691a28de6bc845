"""Text in the cells of tables that spreadsheets open: what one would take for a formula gets a ' before it."""

from typing import TypeVar

T = TypeVar("T")

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def harmless(cell: T) -> T | str:
    return f"'{cell}" if isinstance(cell, str) and is_formula(cell) else cell


def text_of_cell(cell: str) -> str:
    """The text that is in such a cell."""
    return cell[1:] if cell.startswith("'") and is_formula(cell) else cell


def is_formula(text: str) -> bool:
    """Or would be one without the ' that it begins with: so what had one of its own is told from what was given one."""
    return text.lstrip("'").startswith(STARTS_A_FORMULA)
