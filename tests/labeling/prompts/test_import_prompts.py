import io
import json
from typing import Any

import pytest

from labeling.audit import AuditEntry
from labeling.errors import FileRefused
from labeling.prompts.files import ImportFile
from labeling.prompts.import_prompts import ImportedPrompts, import_prompts
from labeling.prompts.models import Prompt
from labeling.prompts.splits import SHARES, key_of, split_of
from tests.factories import make_project

pytestmark = pytest.mark.django_db


def import_rows(project: Any, *rows: dict[str, Any]) -> ImportedPrompts:
    content = "\n".join(map(json.dumps, rows)).encode()
    return import_prompts(project=project, file=ImportFile(io.BytesIO(content), "prompts.jsonl"))


def test_every_field_is_kept() -> None:
    project = make_project()
    row = {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hi"},
            {"role": "user", "content": "你好 👋"},
        ],
        "source": "labelers",
        "owner": "w1",
        "use_case": "chat",
        "language": "zh-Hans",
        "reference": "您好",
        "constraints": [{"id": "length_constraints:number_words", "kwargs": {"num_words": 3}}],
        "metadata": {"id": 7},
    }
    import_rows(project, row)
    prompt = Prompt.objects.get()
    assert prompt.messages == row["messages"]
    for field in ("source", "owner", "use_case", "language", "reference", "constraints", "metadata"):
        assert getattr(prompt, field) == row[field]


def test_the_same_prompt_is_imported_once() -> None:
    project = make_project()
    assert import_rows(project, {"prompt": "a"}, {"prompt": "b"}, {"prompt": "a"}) == ImportedPrompts(2, 1)
    assert import_rows(project, {"prompt": "b"}, {"prompt": "c"}) == ImportedPrompts(1, 1)
    assert import_rows(project, {"prompt": "a", "system": "s"}) == ImportedPrompts(1, 0)
    assert import_rows(make_project(), {"prompt": "a"}) == ImportedPrompts(1, 0)


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"promt": "x"}, "unknown field “promt”; known are constraints, images, language, messages"),
        ({}, "either “prompt” or “messages”"),
        ({"prompt": "x", "messages": []}, "both given"),
        ({"prompt": "  "}, "“prompt” is empty"),
        ({"prompt": 3}, "“prompt” must be text"),
        ({"prompt": "x", "use_case": "poetry"}, "“use_case” is “poetry”; it can be generation, open_qa"),
        ({"prompt": "x", "language": "English!"}, "write it like en or zh-Hans"),
        ({"prompt": "x", "metadata": []}, "“metadata” must be an object"),
        ({"prompt": "x", "constraints": ["short"]}, "each constraint needs an “id”"),
        ({"prompt": "x", "owner": "o" * 201}, "more than 200 characters"),
        ({"messages": [{"role": "user"}]}, "each message needs a “role”"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "must end with a user's turn"),
        ({"messages": [{"role": "user", "content": "x"}] * 2}, "must take turns"),
    ],
)
def test_wrong_rows_are_named_and_nothing_is_imported(row: dict[str, Any], cause: str) -> None:
    project = make_project()
    with pytest.raises(FileRefused) as refused:
        import_rows(project, {"prompt": "fine"}, row, {"prompt": "fine too"})
    (problem,) = refused.value.problems
    assert problem.line == 2
    assert cause in problem.cause
    assert not Prompt.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_problem_late_in_a_long_file_takes_everything_back() -> None:
    project = make_project()
    with pytest.raises(FileRefused):
        import_rows(project, *({"prompt": f"p{n}"} for n in range(1200)), {"prompt": ""})
    assert not Prompt.objects.exists()


def test_splits_keep_an_owner_together_and_have_their_shares() -> None:
    assert len({split_of(key_of("w1", f"digest {n}")) for n in range(50)}) == 1
    drawn = [split_of(key_of("", f"digest {n}")) for n in range(4000)]
    for split, share in SHARES.items():
        assert drawn.count(split) / 4000 == pytest.approx(share, abs=0.03)
