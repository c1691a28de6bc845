"""Data sets: what is in them, and that `datasets` and TRL take them as they are."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from evaluation.datasets import write
from evaluation.datasets.formats.base import plain_prompt
from evaluation.datasets.write import Written, one_moment, write_dataset
from labeling.errors import Refused
from labeling.projects.models import Project
from labeling.prompts.splits import split_of
from tests.factories import make_endpoint, make_member, make_project, make_prompt, make_response, make_task, rank

pytestmark = pytest.mark.django_db(transaction=True)

Load = Callable[[Path], Any]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_folder(folder: Path) -> Any:
        from datasets import load_dataset

        return load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))

    return load_folder


def export(project: Project, out: Path) -> Written:
    with one_moment():
        return write_dataset(project=project, format="trl-preference", out=out)


def make_labeled_project(prompts: int = 12) -> Project:
    project = make_project()
    endpoints = [make_endpoint(project) for _n in range(3)]
    people = [make_member(project) for _n in range(3)]
    for number in range(prompts):
        task = make_task(project, endpoints=endpoints, prompt=make_prompt(project, f"Frage {number} 你好?"))
        for person in people:
            rank(task, person, [1, 2, 2])
    return project


def test_load_dataset_reads_the_folder(tmp_path: Path, load: Load) -> None:
    project = make_labeled_project()
    written = export(project, tmp_path / "out")
    loaded = load(tmp_path / "out")
    assert {split: len(rows) for split, rows in loaded.items()} == written.rows
    assert sum(written.rows.values()) == 12 * 2
    assert (written.dropped_ties, written.prompts) == (12, 12)
    for split, rows in loaded.items():
        assert rows.column_names == ["prompt", "chosen", "rejected"]
        for row in rows:
            prompt = project.prompts.get(text=row["prompt"])
            assert split == split_of(prompt.owner, prompt.digest)
            better = prompt.tasks.get().candidates.get(position=0).response
            assert row["chosen"] == better.text
            assert row["rejected"] != row["chosen"]


def test_the_card_says_how_it_was_made(tmp_path: Path) -> None:
    project = make_labeled_project()
    written = export(project, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text()
    header = yaml.safe_load(card.split("---")[1])
    assert [file["split"] for file in header["configs"][0]["data_files"]] == list(written.rows)
    assert header["size_categories"] == ["n<1K"]
    assert "3 people gave 36 annotations to 12 prompts" in card
    assert "Krippendorff's α (nominal) 1.000" in card
    assert "12 pairs where most chose a tie" in card
    assert set(written.files) == {"README.md", *(f"data/{split}-00000-of-00001.parquet" for split in written.rows)}


def test_one_step_of_reward_training(tmp_path: Path, load: Load, tiny_model: str) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    from trl import RewardConfig, RewardTrainer

    export(make_labeled_project(), tmp_path / "out")
    folder = str(settings.FOLDERS.models / tiny_model)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    network = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1)
    network.config.pad_token_id = tokenizer.pad_token_id
    trainer = RewardTrainer(
        model=network,
        processing_class=tokenizer,
        train_dataset=load(tmp_path / "out")["train"],
        args=RewardConfig(
            output_dir=str(tmp_path / "reward"),
            max_steps=1,
            per_device_train_batch_size=2,
            max_length=256,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            report_to="none",
        ),
    )
    assert trainer.train().global_step == 1


def test_the_majority_decides_and_a_majority_of_ties_is_a_tie(tmp_path: Path, load: Load) -> None:
    project = make_project()
    endpoints = [make_endpoint(project) for _n in range(2)]
    people = [make_member(project) for _n in range(3)]
    votes = {
        "first wins": [[1, 2], [1, 2], [2, 1]],
        "tie wins": [[1, 2], [1, 1], [1, 1]],
        "all differ": [[1, 2], [2, 1], [1, 1]],
        "second wins": [[2, 1], [2, 1], [1, 1]],
    }
    for text, rankings in votes.items():
        task = make_task(project, endpoints=endpoints, prompt=make_prompt(project, text, owner="all in one split"))
        for person, ranks in zip(people, rankings, strict=True):
            rank(task, person, ranks)
    written = export(project, tmp_path / "out")
    assert written.dropped_ties == 2
    (rows,) = load(tmp_path / "out").values()
    for row in rows:
        candidates = project.prompts.get(text=row["prompt"]).tasks.get().candidates
        better = candidates.get(position=0 if row["prompt"] == "first wins" else 1).response
        assert row["chosen"] == better.text
    assert sorted(rows["prompt"]) == ["first wins", "second wins"]


def test_equal_texts_are_no_preference(tmp_path: Path) -> None:
    project = make_labeled_project(prompts=1)
    task = make_task(project, n_responses=2)
    first, second = (candidate.response for candidate in task.candidates.select_related("response"))
    type(first).objects.filter(pk=second.pk).update(text=first.text)
    rank(task, make_member(project), [1, 2])
    assert export(project, tmp_path / "out").dropped_twins == 1


def test_large_splits_are_several_files(tmp_path: Path, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "ROWS_A_FILE", 6)
    monkeypatch.setattr(write, "ROWS_A_GROUP", 4)
    written = export(make_labeled_project(20), tmp_path / "out")
    files = sorted(path.name for path in (tmp_path / "out" / "data").glob("train-*"))
    n_files = -(-written.rows["train"] // 6)
    assert files == [f"train-{number:05d}-of-{n_files:05d}.parquet" for number in range(n_files)]
    assert len(load(tmp_path / "out")["train"]) == written.rows["train"]


def test_nothing_is_left_behind_when_it_cannot_be_done(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nothing to write"):
        export(make_project(), tmp_path / "out")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    with pytest.raises(Refused, match="not an empty folder"):
        export(make_labeled_project(1), tmp_path / "full")
    with pytest.raises(Refused, match="cannot be written"):
        export(make_labeled_project(1), tmp_path / "full" / "mine.txt" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    export(make_labeled_project(), tmp_path)
    assert (tmp_path / "README.md").exists()
    shutil.rmtree(tmp_path / "data")


def test_a_conversation_as_plain_text() -> None:
    assert plain_prompt([{"role": "user", "content": "Hi"}]) == "Hi"
    turns = [("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello"), ("user", "Bye")]
    messages = [{"role": role, "content": content} for role, content in turns]
    assert plain_prompt(messages) == "System: Be brief.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Bye\n\nAssistant: "


def test_labels_that_come_meanwhile_wait_for_the_next_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs and card are of one moment, also when somebody submits between them."""
    import threading

    from django.db import connection

    project = make_labeled_project(2)
    original = write.card

    def submit_then_describe(*args: Any) -> str:
        def submit() -> None:
            rank(make_task(project), make_member(project), [1, 2, 3])
            connection.close()

        thread = threading.Thread(target=submit)
        thread.start()
        thread.join()
        return original(*args)

    monkeypatch.setattr(write, "card", submit_then_describe)
    export(project, tmp_path / "out")
    assert "gave 6 annotations to 2 prompts" in (tmp_path / "out" / "README.md").read_text()


def test_responses_of_unlabeled_tasks_are_left_out(tmp_path: Path) -> None:
    project = make_labeled_project(2)
    make_response(make_prompt(project), make_endpoint(project))
    make_task(project)
    assert export(project, tmp_path / "out").prompts == 2
