"""How fast data sets come in and go out, beside a bare COPY of the same values.

    .venv/bin/python -m benchmarks.exchange --size 100000 --rounds 3

One function a case. Each round makes every case once, in a database of its own that is dropped at the end.
"""

import argparse
import io
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import psutil
import psycopg

from benchmarks.table import Row, show

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
WORDS = "time year people way day man thing woman life child world school state family student group country".split()
PROMPT, RESPONSE = 450, 780
"""Characters: 100,000 prompts with two responses each are 216 MB, as tools for labeling take them."""


def text(draw: random.Random, length: int) -> str:
    return " ".join(draw.choices(WORDS, k=length // 5))[:length]


def answered(size: int) -> Iterator[dict[str, object]]:
    """Prompts with two responses each."""
    draw = random.Random(1)
    for number in range(size):
        yield {
            "prompt": f"{number} {text(draw, PROMPT)}",
            "source": "benchmark",
            "responses": [{"model": name, "text": text(draw, RESPONSE)} for name in ("one", "two")],
        }


def judged(size: int) -> Iterator[dict[str, object]]:
    """The same, each judged by one of ten people."""
    draw = random.Random(2)
    for row in answered(size):
        yield {**row, "annotator": f"person {draw.randrange(10)}", "preference": draw.choice(["A", "B", "tie"])}
