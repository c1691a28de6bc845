"""A project that was labeled with Label Studio, as that exports it."""

from pathlib import Path
from typing import Any

from tests.browser import scene
from tests.labeling.collection.moving import exports

CONFIG = """
<View>
  <Text name="question" value="$question"/>
  <Text name="response_1" value="$response_1"/>
  <Rating name="quality_1" toName="response_1" maxRating="7"/>
  <Choices name="faults_1" toName="response_1" choice="multiple">
    <Choice value="Made up"/><Choice value="Rude"/><Choice value="太长"/>
  </Choices>
  <Text name="response_2" value="$response_2"/>
  <Rating name="quality_2" toName="response_2" maxRating="7"/>
  <Choices name="faults_2" toName="response_2" choice="multiple">
    <Choice value="Made up"/><Choice value="Rude"/><Choice value="太长"/>
  </Choices>
  <Choices name="winner" toName="question">
    <Choice value="Response 1"/><Choice value="Response 2"/><Choice value="Tie"/>
  </Choices>
  <Labels name="claims" toName="response_1"><Label value="Claim"/></Labels>
</View>
"""
PEOPLE = [
    {"id": 3, "email": "ines@example.com", "first_name": "Inés", "last_name": "Prado"},
    {"id": 4, "email": "wei@example.com", "first_name": "Wei", "last_name": "Lin"},
    {"id": 5, "email": "omar@example.com", "first_name": "Omar", "last_name": "Aziz"},
]


def said(person: int, prompt: int) -> list[dict[str, Any]]:
    first = 7 - (person + prompt) % 3
    claim = exports.result("claims", "labels", "response_1", start=0, end=8, text="The sky", labels=["Claim"])
    return [
        *exports.graded(quality=[first, 3], faults=[[], ["Made up", "太长"]]),
        exports.result("winner", "choices", "question", choices=["Response 1" if prompt % 3 else "Tie"]),
        *([claim] if person == 1 else []),
    ]


def export() -> list[dict[str, Any]]:
    """One person skipped a task, and one answer to each third prompt is known."""
    tasks = []
    for number, (row, texts) in enumerate(scene.PROMPTS[:5]):
        data = {"question": row["prompt"], "response_1": texts[0], "response_2": texts[1]}
        data |= {"model_1": scene.ENDPOINTS[0], "model_2": scene.ENDPOINTS[1]}
        by = [
            exports.annotation(who, *said(person, number), ground_truth=person == number % 3 == 0)
            for person, who in enumerate(PEOPLE)
        ]
        if number == 3:
            by[2] = exports.annotation(PEOPLE[2], was_cancelled=True)
        tasks.append(exports.task(number + 1, data, *by))
    return tasks


def files(folder: Path) -> tuple[Path, Path]:
    """The export and its configuration."""
    exported, config = folder / "answers-label-studio.json", folder / "config.xml"
    exported.write_bytes(exports.exported(export()))
    config.write_text(CONFIG)
    return exported, config
