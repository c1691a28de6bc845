"""Turns PandaLM's test set into judgments that import_annotations reads.

    .venv/bin/python docs/recipes/pandalm.py testset-v1.json > pandalm.jsonl

Its annotators say 1 or 2 for the better response and 0 for a tie. Some responses are JSON booleans: they are taken as
the words the models wrote.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

PREFERENCES = {0: "tie", 1: "A", 2: "B"}


def judgments(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        models = item["cmp_key"].split("_")
        for number in (1, 2, 3):
            yield {
                "prompt": "\n\n".join(part for part in (item["instruction"], item["input"]) if part),
                "source": item["motivation_app"],
                "responses": [
                    {"model": models[0], "text": str(item["response1"])},
                    {"model": models[1], "text": str(item["response2"])},
                ],
                "annotator": f"annotator{number}",
                "preference": PREFERENCES[item[f"annotator{number}"]],
            }


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        for judgment in judgments(json.load(file)):
            print(json.dumps(judgment, ensure_ascii=False))
