"""Stanford Alpaca (Taori et al. 2023), with the text that its models were trained on."""

from django.utils.translation import gettext_lazy as _

from evaluation.datasets.formats.base import TEXT, Row, RowFormat, Shape, Text, fixed, plain_prompt

HEAD = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n"
)
BETWEEN = "\n\n### Response:\n"


def row(text: Text, _shape: Shape) -> Row:
    instruction, output = plain_prompt(text.asked.messages), text.answer.text if text.answer else ""
    return {
        "instruction": instruction,
        "input": "",
        "output": output,
        "text": f"{HEAD}{instruction}{BETWEEN}{output}",
    }


ALPACA = RowFormat(
    title=_("Alpaca"),
    of="texts",
    schema=fixed(("instruction", TEXT), ("input", TEXT), ("output", TEXT), ("text", TEXT)),
    row=row,
    task_categories=("text-generation",),
    about=_(
        "A row is an instruction with a response to learn from; `text` is both in Alpaca's template. `input` is "
        "empty: the prompt is not parted."
    ),
)
