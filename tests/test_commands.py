"""The whole loop by command: exit codes, --json, messages."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from labeling.collection.models import Annotation
from labeling.generation.models import Response
from labeling.people.models import User
from labeling.projects.models import Project

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def run_command(*argv: str) -> Any:
        capsys.readouterr()
        call_command(*argv, "--json")
        return json.loads(capsys.readouterr().out)

    return run_command


@pytest.fixture
def prompts(tmp_path: Path) -> str:
    file = tmp_path / "prompts.jsonl"
    file.write_text("\n".join(json.dumps({"prompt": f"Say {n}.", "language": "en"}) for n in range(3)))
    return str(file)


def judge(project: Project, folder: Path) -> str:
    """A file of what three people say of every prompt's responses: mostly the same."""
    rows = []
    for place, prompt in enumerate(project.prompts.order_by("pk")):
        responses = [
            {"model": response.endpoint.name, "text": response.text}
            for response in prompt.responses.select_related("endpoint").order_by("pk")
        ]
        for name in ("ann", "bo", "cy"):
            ranks = [1, 2] if (name, place) != ("cy", 0) else [2, 1]
            rows.append({"prompt": prompt.text, "responses": responses, "annotator": name, "ranks": ranks})
    file = folder / "judged.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    return str(file)


def test_the_loop(run: Any, prompts: str, tiny_model: str, tmp_path: Path) -> None:
    made = run("create_project", "loop", "--preset", "instructgpt", "--name", "The loop")
    assert made == {"project": "loop", "name": "The loop", "preset": "instructgpt"}
    added = run("add_user", "kim", "--project", "loop", "--role", "annotator")
    assert User.objects.get(username="kim").check_password(added["password"])
    assert run("add_user", "kim", "--project", "loop", "--role", "lead")["password"] is None
    imported = run("import_prompts", prompts, "--project", "loop")
    assert imported == {"project": "loop", "prompts": 3, "duplicates": 0, "over_cap": 0}
    run("add_endpoint", "tiny", "--project", "loop", "--model", tiny_model, "--max-new-tokens", "8")
    generated = run("generate", "--project", "loop", "--endpoint", "tiny", "--samples", "2", "--seed", "4")
    assert generated["responses"] == 6
    assert generated["seed"] == 4
    made = run("make_tasks", "--project", "loop", "--responses", "2", "--overlap", "3")
    assert (made["tasks"], made["overlap"]) == (3, 3)
    judged = judge(Project.objects.get(), tmp_path)
    assert run("import_annotations", judged, "--project", "loop")["annotations"] == 9
    assert Annotation.objects.counted().count() == 9

    agreement = run("agreement", "--project", "loop", "--question", "ranking")
    assert agreement["project"] == "loop"
    keys = {"question", "statistic", "level", "value", "low", "high", "n_items", "n_annotators", "n_pairs", "undefined"}
    for row in agreement["rows"]:
        assert keys <= row.keys()
        assert (row["value"] is None) == (row["undefined"] is not None)
    rates = {row["statistic"]: row["value"] for row in agreement["rows"] if not row["annotators"]}
    assert rates["agreement_with_ties"] == pytest.approx(7 / 9)
    (alpha,) = run("agreement", "--project", "loop", "--statistic", "krippendorff_alpha", "--level", "ordinal")["rows"]
    assert (alpha["level"], alpha["n_items"], alpha["n_annotators"], alpha["n_pairs"]) == ("ordinal", 3, 3, 9)

    scores = run("scores", "--project", "loop", "--score", "win_rate")
    (row,) = scores["rows"]
    assert {"endpoint", "score", "part", "value", "low", "high", "n", "rank", "undefined"} <= row.keys()
    assert (row["endpoint"], row["undefined"]) == ("tiny", "The endpoint was never compared with another.")

    out = tmp_path / "out"
    exported = run("export_dataset", "--project", "loop", "--format", "trl-preference", "--out", str(out))
    assert sum(exported["rows"].values()) == 3
    assert (out / "README.md").exists()


def test_the_words_without_json(prompts: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_project", "plain", "--preset", "imported")
    call_command("import_prompts", prompts, "--project", "plain")
    assert "plain: Prompts imported: 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["create_project", "Bad Slug", "--preset", "imported"], "cannot be a project's address"),
        (["import_prompts", "missing.jsonl", "--project", "here"], "missing.jsonl: No such file or directory"),
        (["import_prompts", "x.jsonl", "--project", "elsewhere"], "no project “elsewhere”. There are: here"),
        (["generate", "--project", "here", "--endpoint", "none", "--samples", "1"], "has no endpoint “none”"),
        (["make_tasks", "--project", "here", "--responses", "1", "--overlap", "1"], "2–9 responses"),
        (["agreement", "--project", "here", "--question", "style"], "Nobody has answered a question “style”"),
        (["scores", "--project", "here", "--baseline", "gpt"], "no endpoint “gpt”"),
        (["add_user", "no spaces", "--project", "here", "--role", "lead"], "cannot be a user name"),
        (["add_endpoint", "e", "--project", "here", "--model", "../x"], "Name a folder or a GGUF file of var/models"),
    ],
)
def test_what_is_refused_is_said_with_code_1(argv: list[str], message: str) -> None:
    call_command("create_project", "here", "--preset", "instructgpt", verbosity=0)
    with pytest.raises(CommandError, match=message) as refused:
        call_command(*argv)
    assert refused.value.returncode == 1


def test_a_run_that_fails_says_why(prompts: str) -> None:
    call_command("create_project", "fails", "--preset", "instructgpt")
    call_command("import_prompts", prompts, "--project", "fails")
    call_command("add_endpoint", "gone", "--project", "fails", "--model", "not-here")
    with pytest.raises(
        CommandError, match=r"3 of the responses failed, 0 are written\. The first: .*not-here could not"
    ):
        call_command("generate", "--project", "fails", "--endpoint", "gone", "--samples", "1")
    assert not Response.objects.exists()
