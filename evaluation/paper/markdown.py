"""A paper in GitHub-flavoured Markdown: tables in the place of charts, and no table twice."""

import re
from collections.abc import Iterator, Sequence

from evaluation.paper.blocks import Block, Cell, Drawn, Paper, Table, Words

MEANS_SOMETHING = re.compile(r"([\\`*_\[\]|~$#!])")
UNSEEN = re.compile(r"[\x00-\x1f\x7f\s]+")


def as_markdown(paper: Paper) -> str:
    return "\n".join(lines(paper))


def lines(paper: Paper) -> Iterator[str]:
    yield f"# {escaped(paper.title)}\n"
    for name, fact in paper.facts:
        yield f"- **{escaped(name)}**: {escaped(fact)}"
    for section in paper.sections:
        yield f"\n## {escaped(section.title)}\n"
        for block in section.blocks:
            yield from of_block(block)


def of_block(block: Block) -> Iterator[str]:
    match block:
        case Words(text):
            yield f"{escaped(text)}\n"
        case Drawn(charts, is_told):
            for chart in () if is_told else charts:
                yield f"### {escaped(chart.title)}\n\n{escaped(chart.description)}\n"
                columns = [(column.title, column.axis is not None) for column in chart.columns]
                yield from table(columns, [[cell for cell, _is_number in row] for row in chart.shown])
        case Table(title, _head, rows, notes):
            if title:
                yield f"### {escaped(title)}\n"
            yield from table(block.columns, [[shown(cell) for cell in row] for row in rows])
            for note in notes:
                yield f"{escaped(note)}\n"


def table(columns: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield row([title for title, _is_number in columns])
    yield f"|{'|'.join(' ---: ' if is_number else ' --- ' for _title, is_number in columns)}|"
    yield from map(row, rows)
    yield ""


def row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(escaped, cells))} |"


def shown(cell: Cell) -> str:
    return f"{cell.text} ({cell.small})" if cell.small else cell.text


def escaped(text: str) -> str:
    """On one line, with nothing in it that Markdown or HTML would take for its own."""
    plain = UNSEEN.sub(" ", text).strip()
    return MEANS_SOMETHING.sub(r"\\\1", plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
