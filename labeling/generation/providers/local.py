"""Models run by transformers in this process, on a GPU where there is one.

Every row is drawn by a generator of its own, so a candidate depends on its seed alone: not on how many responses were
asked for, nor on what it was batched with (exactly so in fp32 on one machine; bf16 rounds by the batch's shape).
"""

import hashlib
import os
import re
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from labeling.generation.problems import Problem, Trouble
from labeling.generation.providers.base import (
    Alive,
    Answer,
    Ask,
    Failure,
    Messages,
    ModelUnavailable,
    Reply,
    Take,
)
from labeling.generation.sampling import MODEL_NAME, Sampling, Source

if TYPE_CHECKING:
    from labeling.generation.providers.decoding import Decoding, Row

CPU_ROWS, CUDA_ROWS = 64, 256
"""Rows at once: beyond that a step takes longer in proportion."""

SHARE_OF_MEMORY = {"cpu": 0.25, "cuda": 0.8}
"""Of what is free once the model is loaded, for caches."""

WHY_LENGTH = 200
"""Characters of a library's message that are kept."""


def local_models() -> list[str]:
    """The models under var/models that can be opened, by name."""
    folders = [config.parent for config in settings.FOLDERS.models.glob("*/config.json")]
    return sorted(found.name for found in [*folders, *settings.FOLDERS.models.glob("*.gguf")])


def open_local(source: Source) -> "LocalModel":
    if not re.match(MODEL_NAME, source.model):
        raise ModelUnavailable(Problem.NOT_A_NAME, model=source.model)
    own: Path = settings.FOLDERS.models / source.model
    is_here = (own / "config.json").exists() or own.suffix == ".gguf"
    return load(str(own) if is_here else source.model, source.revision)


@lru_cache(maxsize=1)
def load(place: str, revision: str) -> "LocalModel":
    """The model in a folder, a GGUF file or at the hub. The last one opened stays in memory."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: spinning threads starve a busy machine
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    logging.disable_progress_bar()
    where: dict[str, Any] = {"trust_remote_code": False}
    weights: dict[str, Any] = {"use_safetensors": True}
    if place.endswith(".gguf"):
        place, where["gguf_file"] = os.path.split(place)
        weights = {"quantization_config": GgufConfig(dequantize=True)}
    elif revision:
        where["revision"] = revision
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, **where)
        network: Any = AutoModelForCausalLM.from_pretrained(place, dtype=best_dtype(), **weights, **where)
        network.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    except Exception as wrong:  # what is no model, or half of one, breaks the library in many ways
        raise ModelUnavailable(Problem.NOT_LOADED, model=place, why=said_by(wrong)) from wrong
    if tokenizer.chat_template is None:
        raise ModelUnavailable(Problem.NO_TEMPLATE, model=place)
    return LocalModel(network, tokenizer, revision_of(network, Path(place)))


def best_dtype() -> Any:
    """bf16, but for processors that would compute it by way of fp32."""
    import torch

    has_bf16 = torch.cuda.is_available() or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if has_bf16 else torch.float32


def revision_of(network: Any, place: Path) -> str:
    """The commit of a model from the hub; of files, a fingerprint: their names, sizes, beginnings and ends."""
    if commit := getattr(network.config, "_commit_hash", None):
        return str(commit)
    print_of = hashlib.sha256()
    for file in sorted(place.glob("*")) if place.is_dir() else [place]:
        if file.suffix in (".safetensors", ".gguf", ".json", ".jinja"):
            print_of.update(f"{file.name} {file.stat().st_size} ".encode())
            with file.open("rb") as content:
                print_of.update(content.read(EDGE))
                content.seek(max(0, file.stat().st_size - EDGE))
                print_of.update(content.read(EDGE))
    return f"sha256:{print_of.hexdigest()[:40]}"


EDGE = 2**20
"""Bytes of either end of a file: all of a model's weights would take longer to read than to load."""


@dataclass
class Room:
    """How much is drawn at once."""

    rows: int
    tokens: int
    """In the caches of all rows together, with those yet to be drawn."""

    def halve(self, rows: int) -> None:
        """After `rows` were too many."""
        self.rows = max(1, rows // 2)
        self.tokens //= 2


class LocalModel:
    def __init__(self, network: Any, tokenizer: Any, revision: str = "") -> None:
        self.network = network
        self.tokenizer = tokenizer
        self.revision = revision
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        self.room = room_beside(network)
        self.context: int = min(network.config.get_text_config().max_position_embeddings, tokenizer.model_max_length)
        ends = network.generation_config.eos_token_id
        self.ends: list[int] = ends if isinstance(ends, list) else [ends]
        self.specials = re.compile("|".join(map(re.escape, tokenizer.all_special_tokens)) or "(?!)")

    def generate(self, take: Take, sampling: Sampling, alive: Alive) -> Generator[tuple[Ask, Answer], None, None]:
        return Generating(self, take, sampling, alive).answers()

    def stream(self, ask: Ask, sampling: Sampling, alive: Alive) -> Iterator[str | Answer]:
        import torch

        row = self.row_for(ask, sampling)
        if isinstance(row, Failure):
            yield row
            return
        shown = ""
        with torch.inference_mode():
            decoding = self.decoding(sampling)
            decoding.admit([row])
            while decoding.n_rows:
                alive()
                decoding.step()
                text = self.text_of(row)
                if text.startswith(shown) and not text.endswith("\N{REPLACEMENT CHARACTER}"):
                    yield text[len(shown) :]
                    shown = text
        yield self.reply_to(row)

    def decoding(self, sampling: Sampling) -> "Decoding":
        from labeling.generation.providers.decoding import Decoding

        return Decoding(self.network, sampling, self.ends, self.tokenizer.pad_token_id)

    def row_for(self, ask: Ask, sampling: Sampling) -> "Row | Failure":
        from labeling.generation.providers.decoding import Row

        if ask.images:
            return Failure(Trouble(Problem.NO_IMAGES))
        try:
            sent = self.rendered(ask.messages)
            ids = self.tokenizer(sent, add_special_tokens=False)["input_ids"]
        except Exception as wrong:  # a template is a program of the model's makers, and may refuse in any way
            return Failure(Trouble(Problem.TEMPLATE, {"why": said_by(wrong)}))
        if len(ids) + sampling.max_new_tokens > self.context:
            detail = {"n": len(ids), "m": sampling.max_new_tokens, "context": self.context}
            return Failure(Trouble(Problem.TOO_LONG, detail))
        return Row(ask, sent, ids)

    def rendered(self, messages: Messages) -> str:
        """The conversation in the model's own markup. Markup inside what people wrote is left out of it."""
        clean = [{**message, "content": self.specials.sub("", storable(message["content"]))} for message in messages]
        rendered = self.tokenizer.apply_chat_template(clean, tokenize=False, add_generation_prompt=True)
        assert isinstance(rendered, str)
        return rendered

    def text_of(self, row: "Row") -> str:
        return storable(self.tokenizer.decode(row.drawn, skip_special_tokens=True)).lstrip()

    def reply_to(self, row: "Row") -> Reply:
        return Reply(
            text=self.text_of(row).rstrip(),
            finish_reason="stop" if row.ended else "length",
            sent=row.sent,
            n_prompt_tokens=len(row.prompt),
            n_tokens=len(row.drawn),
            logprob=row.logprob,
            seconds=time.monotonic() - row.began,
            revision=self.revision,
        )


class Generating:
    """One piece of work: what was taken, what is being drawn, and what has to be drawn again in smaller company."""

    def __init__(self, model: LocalModel, take: Take, sampling: Sampling, alive: Alive) -> None:
        self.model = model
        self.take = take
        self.sampling = sampling
        self.alive = alive
        self.decoding = model.decoding(sampling)
        self.waiting: list[Row] = []  # taken, and not begun
        self.suspects: list[Row] = []  # one of these broke the batch: each is drawn alone
        self.is_all_taken = False

    def answers(self) -> Generator[tuple[Ask, Answer], None, None]:
        import torch

        with torch.inference_mode():
            while True:
                self.alive()
                yield from self._refusals()
                if not self.decoding.n_rows and not self.waiting and not self.suspects:
                    return
                yield from self._advance()

    def _refusals(self) -> Iterator[tuple[Ask, Failure]]:
        """Take as many asks as there is room for, and answer those that can't be drawn."""
        free = self.model.room.rows - self.decoding.n_rows - len(self.waiting)
        is_due = free * 8 >= self.model.room.rows or not self.decoding.n_rows
        if self.is_all_taken or self.suspects or free <= 0 or not is_due or not self.decoding.can_admit:
            return
        asks = self.take(free)
        self.is_all_taken = not asks
        for ask in asks:
            row = self.model.row_for(ask, self.sampling)
            if isinstance(row, Failure):
                yield ask, row
            else:
                self.waiting.append(row)

    def _advance(self) -> Iterator[tuple[Ask, Answer]]:
        """Let rows join, and draw a token of each. What breaks takes the batch along, but nobody's answer."""
        import torch

        joining: list[Row] = []
        why: Exception | None = None
        try:
            joining = self._joining()
            if joining:
                self.decoding.admit(joining)
                joining = []
            ended = self.decoding.step()
        except torch.OutOfMemoryError as too_much:
            why = too_much.with_traceback(None)
        except RuntimeError as broken:
            why = broken.with_traceback(None)
        if why is None:
            yield from ((row.ask, self.model.reply_to(row)) for row in ended)
        else:
            yield from self._recover(joining, why)

    def _joining(self) -> "list[Row]":
        """Those that there is room for, one at least where nothing is under way."""
        if not self.decoding.can_admit:
            return []
        if self.suspects:
            return [] if self.decoding.n_rows else [self.suspects.pop()]
        under_way = [row for row in self.decoding.rows if row]
        longest = max((len(row.prompt) for row in under_way), default=0)
        joining: list[Row] = []
        while self.waiting:
            longest = max(longest, len(self.waiting[0].prompt))
            n_rows = len(under_way) + len(joining) + 1
            is_too_much = n_rows * (longest + self.sampling.max_new_tokens) > self.model.room.tokens
            if n_rows > 1 and (is_too_much or n_rows > self.model.room.rows):
                break
            joining.append(self.waiting.pop(0))
        return joining

    def _recover(self, joining: "Sequence[Row]", why: Exception) -> Iterator[tuple[Ask, Failure]]:
        """The rows of a batch that broke begin anew: in smaller batches, or alone."""
        import torch

        lost = [*(row for row in self.decoding.rows if row), *joining]
        self.decoding = self.model.decoding(self.sampling)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        is_memory = isinstance(why, torch.OutOfMemoryError)
        if len(lost) == 1:
            trouble = Trouble(Problem.NO_MEMORY) if is_memory else Trouble(Problem.BROKE, {"why": said_by(why)})
            yield lost[0].ask, Failure(trouble)
            return
        again = [type(row)(row.ask, row.sent, row.prompt) for row in lost]
        if is_memory:
            self.model.room.halve(len(lost))
            self.waiting = again + self.waiting
        else:
            self.suspects += again


def room_beside(network: Any) -> Room:
    """What fits into the memory that the model leaves free."""
    import psutil
    import torch

    config = network.config.get_text_config()
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    bytes_per_token = 2 * config.num_hidden_layers * heads * width * network.dtype.itemsize
    kind = network.device.type
    free = torch.cuda.mem_get_info()[0] if kind == "cuda" else psutil.virtual_memory().available
    return Room(CUDA_ROWS if kind == "cuda" else CPU_ROWS, int(free * SHARE_OF_MEMORY[kind] / bytes_per_token))


def said_by(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip()}".partition("\n")[0][:WHY_LENGTH]


def storable(text: str) -> str:
    """Without what PostgreSQL refuses in text: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()
