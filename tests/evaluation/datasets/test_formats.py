"""Every format, read by its real consumer; and every odd text comes out as it went in."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings

from evaluation.datasets.formats import FORMATS
from evaluation.datasets.reading import one_moment
from evaluation.datasets.recipe import recipe_of
from evaluation.datasets.write import write_dataset
from labeling.projects.models import Project
from labeling.projects.questions import Question
from labeling.prompts.models import Prompt
from tests.factories import RANKING, answer, make_endpoint, make_member, make_project, make_prompt, make_task

pytestmark = pytest.mark.django_db(transaction=True)

Load = Callable[..., Any]

ODD = {
    "formula": "=1+1",
    "quoted": "'quoted' \"twice\", and a comma; a tab\t",
    "lines": "one\r\ntwo\rthree\nfour",
    "mark": "\ufeffa byte order mark",
    "control": "\x01\x02\x1f\x7f\x85\u2028\u2029",
    "bidi": "\u202eright to left\u202c \u2067עברית\u2069",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 \U0010ffff",
    "chinese": "你好，世界",
    "combining": "e\u0301 \u1e9e ﬁ",
    "braces": "{{ x }} {% y %} </script> ${z} %(w)s %s {instruction}",
    "long": "字" * 99_999,
    "space": " \u00a0 x \u3000",
}
HISTORY = [{"role": "user", "content": "Before"}, {"role": "assistant", "content": "Said before"}]

ASKED = [
    *RANKING,
    Question("overall", "likert", "Overall", options={"low": 1, "high": 7}),
    Question("flags", "flags", "Flags", options={"flags": {"harmful": "Harmful"}}),
    Question("ideal", "demonstration", "Write"),
    Question("why", "comment", "Why"),
]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_folder(folder: Path, *config: str) -> Any:
        from datasets import load_dataset

        return load_dataset(str(folder), *config, cache_dir=str(tmp_path / "cache"))

    return load_folder


def export(project: Project, out: Path, **stated: Any) -> Path:
    with one_moment():
        write_dataset(project=project, recipe=recipe_of(stated), out=out)
    return out


def labeled(*texts: str, history: Sequence[dict[str, str]] = (), **about: Any) -> Project:
    """Each text as a prompt, as both responses but for a last letter, as an ideal and as a comment."""
    project = make_project(questions=ASKED)
    endpoints, person = [make_endpoint(project, name) for name in ("a", "b")], make_member(project)
    for text in texts:
        asked = make_prompt(project, text, **about)
        Prompt.objects.filter(pk=asked.pk).update(history=list(history))
        task = make_task(project, endpoints=endpoints, prompt=asked, texts=[f"{text}1", f"{text}2"])
        answer(
            task,
            person,
            ranking=[1, 2],
            overall=[6, 3],
            flags={"harmful": [False, True]},
            ideal=text + ".",
            why=text[:100],
        )
    return project


def texts_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return {text for one in inner for text in texts_in(one)}


WANTED = {"prompts": "", "texts": "."}
"""What stands after a text in each example of it: by what rows are of, 1 elsewhere."""


@pytest.mark.parametrize("file_format", ["parquet", "jsonl"])
def test_odd_texts_come_out_as_they_went_in(tmp_path: Path, file_format: str) -> None:
    project = labeled(*ODD.values())
    for name, rows in FORMATS.items():
        out = export(project, tmp_path / name, format=name, file_format=file_format)
        found = "\0".join(text for row in rows_of(out) for text in texts_in(row))
        for odd, text in ODD.items():
            assert f"{text}{WANTED.get(rows.of, '1')}" in found, (name, odd)


def rows_of(folder: Path) -> Iterator[dict[str, Any]]:
    for path in (folder / "data").glob("*"):
        if path.suffix == ".parquet":
            yield from pq.read_table(path).to_pylist()
        else:
            yield from (json.loads(line) for line in path.read_bytes().split(b"\n") if line)


def test_odd_texts_in_csv_but_for_formulas(tmp_path: Path) -> None:
    out = export(labeled(*ODD.values()), tmp_path / "out", format="judgments", file_format="csv")
    csv.field_size_limit(2**20)
    responses = set()
    for path in (out / "data").glob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        with path.open(encoding="utf-8-sig", newline="") as file:
            responses |= {row["response"] for row in csv.DictReader(file)}
    for text in ODD.values():
        escaped = f"'{text}1" if text.startswith(("=", "\t")) else f"{text}1"
        assert escaped in responses


@pytest.mark.parametrize("format", FORMATS)
def test_load_dataset_reads_every_format(tmp_path: Path, load: Load, format: str) -> None:
    project = labeled("Hello", "Hallo", "你好", system="Be brief.", history=HISTORY)
    stated = {"format": format, "margin": "score"} if FORMATS[format].has_margin else {"format": format}
    by_format = {}
    for file_format in ("parquet", "jsonl"):
        out = export(project, tmp_path / file_format, file_format=file_format, **stated)
        columns = pq.read_schema(next((tmp_path / "parquet" / "data").glob("*"))).names
        loaded = load(out)
        assert all(rows.column_names == columns for rows in loaded.values())
        by_format[file_format] = {
            split: [{**row, "day": str(row.get("day"))[:10]} for row in rows] for split, rows in loaded.items()
        }
    assert by_format["parquet"] == by_format["jsonl"]
    assert sum(map(len, by_format["parquet"].values())) == (6 if FORMATS[format].of in ("labels", "judgments") else 3)


def test_load_dataset_reads_csv(tmp_path: Path, load: Load) -> None:
    out = export(
        labeled("Hello", "=1+1"), tmp_path / "out", format="judgments", file_format="csv", validation=0, test=0
    )
    rows = load(out)["train"]
    found = zip(rows["response"], rows["scores.overall"], strict=True)
    assert set(found) == {("Hello1", 6), ("Hello2", 3), ("'=1+11", 6), ("'=1+12", 3)}


def test_a_configuration_is_loaded_by_its_name(tmp_path: Path, load: Load) -> None:
    out = export(labeled("Hello", use_case="chat"), tmp_path / "out", by_use_case=True)
    assert sum(map(len, load(out, "chat").values())) == 1


def test_what_rows_look_like(tmp_path: Path) -> None:
    project = labeled("Hi", system="Be brief.", history=HISTORY, use_case="chat")
    messages = [{"role": "system", "content": "Be brief."}, *HISTORY, {"role": "user", "content": "Hi"}]
    plain = "System: Be brief.\n\nUser: Before\n\nAssistant: Said before\n\nUser: Hi\n\nAssistant: "
    digest = project.prompts.get().digest
    reply = [[{"role": "assistant", "content": text}] for text in ("Hi1", "Hi2")]
    dialogue = "Be brief.\n\nHuman: Before\n\nAssistant: Said before\n\nHuman: Hi\n\nAssistant: "
    expected: dict[str, dict[str, Any]] = {
        "trl-preference": {"prompt": plain, "chosen": "Hi1", "rejected": "Hi2"},
        "trl-preference-chat": {"prompt": messages, "chosen": reply[0], "rejected": reply[1]},
        "trl-kto": {"prompt": plain, "completion": "Hi1", "label": True},
        "trl-sft": {"prompt": plain, "completion": "Hi."},
        "trl-sft-chat": {"messages": [*messages, {"role": "assistant", "content": "Hi."}]},
        "trl-prompt": {"prompt": messages},
        "ranked": {
            "prompt": messages,
            "responses": ["Hi1", "Hi2"],
            "models": ["a", "b"],
            "ranks": [1, 2],
            "scores": {"overall": [6.0, 3.0]},
            "flags": {"harmful": [False, True]},
            "n_annotators": 1,
        },
        "openai-sft": {"messages": [*messages, {"role": "assistant", "content": "Hi."}]},
        "openai-dpo": {
            "input": {"messages": messages},
            "preferred_output": reply[0],
            "non_preferred_output": reply[1],
        },
        "hh": {"chosen": f"{dialogue}Hi1", "rejected": f"{dialogue}Hi2"},
        "ultrafeedback": {
            "prompt": "Hi",
            "prompt_id": digest,
            "chosen": [*messages, *reply[0]],
            "rejected": [*messages, *reply[1]],
            "messages": [*messages, *reply[0]],
            "score_chosen": 6.0,
            "score_rejected": 3.0,
        },
        "alpaca": {"instruction": plain, "input": "", "output": "Hi."},
        "sharegpt-ranking": {
            "conversations": [
                {"from": "system", "value": "Be brief."},
                {"from": "human", "value": "Before"},
                {"from": "gpt", "value": "Said before"},
                {"from": "human", "value": "Hi"},
            ],
            "chosen": {"from": "gpt", "value": "Hi1"},
            "rejected": {"from": "gpt", "value": "Hi2"},
        },
        "nemo-rl": {
            "context": messages,
            "completions": [{"rank": rank, "completion": one} for rank, one in enumerate(reply)],
            "task_name": "chat",
        },
        "rewardbench": {
            "prompt": plain,
            "chosen": "Hi1",
            "chosen_model": "a",
            "rejected": "Hi2",
            "rejected_model": "b",
            "subset": "chat",
        },
        "judgments": {
            "prompt_id": digest,
            "model": "a",
            "response": "Hi1",
            "rank": 1,
            "scores.overall": 6,
            "flags.harmful": False,
            "demonstration.ideal": "Hi.",
            "comment.why": "Hi",
        },
    }
    assert expected.keys() == FORMATS.keys()
    for name, row in expected.items():
        found = list(rows_of(export(project, tmp_path / name, format=name)))
        assert any(row.items() <= one.items() for one in found), (name, found)
    files = json.loads((tmp_path / "sharegpt-ranking" / "dataset_info.json").read_text())
    ((_name, told),) = files.items()
    assert (tmp_path / "sharegpt-ranking" / told["file_name"]).exists()


def test_one_step_of_each_trainer(tmp_path: Path, load: Load, tiny_model: str) -> None:
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
    from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer
    from trl.experimental.kto import KTOConfig, KTOTrainer

    project = labeled(*[f"Question {number}" for number in range(6)])
    folder = str(settings.FOLDERS.models / tiny_model)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    scorer = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1)
    scorer.config.pad_token_id = tokenizer.pad_token_id
    writer = AutoModelForCausalLM.from_pretrained(folder)
    once = {
        "max_steps": 1,
        "per_device_train_batch_size": 2,
        "use_cpu": True,
        "bf16": False,
        "gradient_checkpointing": False,
        "report_to": "none",
    }
    for rows_as, trainer, config, network in (
        ("trl-sft", SFTTrainer, SFTConfig, writer),
        ("trl-sft-chat", SFTTrainer, SFTConfig, writer),
        ("trl-preference", DPOTrainer, DPOConfig, writer),
        ("trl-preference-chat", DPOTrainer, DPOConfig, writer),
        ("trl-kto", KTOTrainer, KTOConfig, writer),
        ("trl-preference", RewardTrainer, RewardConfig, scorer),
    ):
        name = f"{trainer.__name__}-{rows_as}"
        rows = load(export(project, tmp_path / name, format=rows_as, validation=0, test=0))["train"]
        made = trainer(
            model=network,
            processing_class=tokenizer,
            train_dataset=rows,
            args=config(output_dir=str(tmp_path / f"{name}-trained"), **once),
        )
        assert made.train().global_step == 1, name
