"""Dolly: an instruction, perhaps with a context, the response that was wanted, and a category."""

from collections.abc import Iterator, Sequence, Set

from labeling.imports.brings import Brings
from labeling.imports.shapes.base import Shape, made, text_in, together
from labeling.prompts.files import Row
from labeling.prompts.use_cases import UseCase

USE_CASES = {
    "brainstorming": UseCase.BRAINSTORMING,
    "classification": UseCase.CLASSIFICATION,
    "closed_qa": UseCase.CLOSED_QA,
    "creative_writing": UseCase.GENERATION,
    "general_qa": UseCase.OPEN_QA,
    "information_extraction": UseCase.EXTRACT,
    "open_qa": UseCase.OPEN_QA,
    "summarization": UseCase.SUMMARIZATION,
}


def recognizes(fields: Set[str], _rows: Sequence[Row]) -> bool:
    return {"instruction", "response"} <= fields and bool({"context", "category"} & fields)


def rows(row: Row) -> Iterator[Row]:
    use_case = USE_CASES.get(text_in(row, "category"))
    used = {"instruction", "context", "response"} | ({"category"} if use_case else set())
    yield made(
        row,
        used,
        prompt=together(text_in(row, "instruction"), text_in(row, "context")),
        reference=text_in(row, "response"),
        use_case=use_case and use_case.value,
    )


SHAPE = Shape("dolly", "Dolly", Brings.PROMPTS, recognizes, rows)
