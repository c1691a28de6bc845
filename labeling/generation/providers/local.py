"""Models run by transformers in this process, on a GPU where there is one.

Every row is drawn by a generator of its own, so a candidate depends on its seed alone: not on how many responses were
asked for, nor on what it was batched with (exactly so in fp32 on one machine; bf16 rounds by the batch's shape).
"""

import gc
import hashlib
import math
import os
import re
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
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
from labeling.generation.texts import said_by, storable

if TYPE_CHECKING:
    from labeling.generation.providers.decoding import Decoding, Row

CPU_ROWS, CUDA_ROWS = 64, 256
"""Rows at once: beyond that a step takes longer in proportion."""

SHARE_OF_MEMORY = {"cpu": 0.25, "cuda": 0.4}
"""Of what is free once the model is loaded, for caches: they are there twice while rows join or leave."""

JOINING = {"cpu": 4096, "cuda": 65536}
"""Prompt tokens that are read at once, however many rows there is room for."""


def local_models() -> list[str]:
    """The models under var/models that can be opened, by name."""
    folders = [config.parent for config in settings.FOLDERS.models.glob("*/config.json")]
    return sorted(found.name for found in [*folders, *settings.FOLDERS.models.glob("*.gguf")])


kept: dict[tuple[str, str], "LocalModel"] = {}
"""The model that was opened last stays in memory."""


def open_local(source: Source) -> "LocalModel":
    asked = (source.model, source.revision)
    if asked not in kept:
        kept.clear()
        free_memory()
        kept[asked] = load(source)
    return kept[asked]


def free_memory() -> None:
    """What the last model had, before the next one is measured against what is free."""
    gc.collect()
    if (torch := sys.modules.get("torch")) and torch.cuda.is_available():
        torch.cuda.empty_cache()


def load(source: Source) -> "LocalModel":
    """The model in a folder or a GGUF file of var/models, or else at the hub. Raises ModelUnavailable."""
    own: Path = settings.FOLDERS.models / source.model
    is_here = (own / "config.json").exists() or own.suffix == ".gguf"
    if not re.match(MODEL_NAME, source.model) or (not is_here and Path(source.model).exists()):
        raise ModelUnavailable(Problem.NOT_A_NAME, model=source.model)
    try:
        return loaded(own if is_here else None, source)
    except ModelUnavailable:
        raise
    except Exception as wrong:  # what is no model, or half of one, breaks the library in many ways
        raise ModelUnavailable(Problem.NOT_LOADED, model=source.model, why=said_by(wrong)) from wrong


def loaded(own: Path | None, source: Source) -> "LocalModel":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: spinning threads starve a busy machine
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    logging.disable_progress_bar()
    place = str(own or source.model)
    where: dict[str, Any] = {"trust_remote_code": False}
    weights: dict[str, Any] = {"use_safetensors": True}
    if own is not None and own.suffix == ".gguf":
        place, where["gguf_file"] = str(own.parent), own.name
        weights = {"quantization_config": GgufConfig(dequantize=True)}
    elif source.revision:
        where["revision"] = source.revision
    tokenizer = AutoTokenizer.from_pretrained(place, **where)
    if tokenizer.chat_template is None:
        raise ModelUnavailable(Problem.NO_TEMPLATE, model=source.model)
    network: Any = AutoModelForCausalLM.from_pretrained(place, dtype=best_dtype(), **weights, **where)
    network.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    return LocalModel(network, tokenizer, revision_of(network, own))


def best_dtype() -> Any:
    """bf16, but for processors that would compute it by way of fp32."""
    import torch

    has_bf16 = torch.cuda.is_available() or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if has_bf16 else torch.float32


EDGE = 2**20
"""Bytes of either end of a file: all of a model's weights would take longer to read than to load."""


def revision_of(network: Any, own: Path | None) -> str:
    """The commit of a model from the hub; of files, a fingerprint: their names, sizes, beginnings and ends."""
    if own is None:
        return str(getattr(network.config, "_commit_hash", None) or "")
    print_of = hashlib.sha256()
    for file in sorted(own.glob("*")) if own.is_dir() else [own]:
        if file.suffix in (".safetensors", ".gguf", ".json", ".jinja"):
            print_of.update(f"{file.name} {file.stat().st_size} ".encode())
            with file.open("rb") as content:
                print_of.update(content.read(EDGE))
                content.seek(max(0, file.stat().st_size - EDGE))
                print_of.update(content.read(EDGE))
    return f"sha256:{print_of.hexdigest()[:40]}"


@dataclass
class Room:
    """How much is drawn at once."""

    rows: int
    tokens: int
    """In the caches of all rows together, with those yet to be drawn."""

    def halve(self, tokens: int) -> None:
        """After so many were too many."""
        self.tokens = min(self.tokens, tokens) // 2


class LocalModel:
    def __init__(self, network: Any, tokenizer: Any, revision: str = "") -> None:
        self.network = network
        self.tokenizer = tokenizer
        self.revision = revision
        self.room = room_beside(network)
        trained = getattr(network.config.get_text_config(), "max_position_embeddings", tokenizer.model_max_length)
        self.context: int = min(trained, tokenizer.model_max_length)
        ends = network.generation_config.eos_token_id
        self.ends: list[int] = ends if isinstance(ends, list) else [ends]
        added = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
        longest_first = sorted({*added, *tokenizer.all_special_tokens}, key=len, reverse=True)
        self.specials = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

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
                decoding.draw()
                decoding.advance()
                text = self.text_of(row)
                if text.startswith(shown) and not text.endswith("\N{REPLACEMENT CHARACTER}"):
                    yield text[len(shown) :]
                    shown = text
        yield self.answer_to(row)

    def decoding(self, sampling: Sampling) -> "Decoding":
        from labeling.generation.providers.decoding import Decoding

        return Decoding(self.network, sampling, self.ends)

    def row_for(self, ask: Ask, sampling: Sampling) -> "Row | Failure":
        from labeling.generation.providers.decoding import Row

        if ask.images:
            return Failure(Trouble(Problem.NO_IMAGES))
        try:
            sent = self.rendered(ask.messages)
            ids = self.tokenizer(sent, add_special_tokens=False)["input_ids"]
        except Exception as wrong:  # a template is a program of the model's makers, and may refuse in any way
            return Failure(Trouble(Problem.TEMPLATE, {"why": said_by(wrong)}))
        if not ids:
            return Failure(Trouble(Problem.TEMPLATE, {"why": "it makes nothing of it"}))
        if len(ids) + sampling.max_new_tokens > self.context:
            detail = {"n": len(ids), "m": sampling.max_new_tokens, "context": self.context}
            return Failure(Trouble(Problem.TOO_LONG, detail))
        return Row(ask, sent, ids)

    def rendered(self, messages: Messages) -> str:
        """The conversation in the model's own markup. Markup inside what people wrote is left out of it."""
        clean = [{**message, "content": self.without_markup(message["content"])} for message in messages]
        rendered = self.tokenizer.apply_chat_template(clean, tokenize=False, add_generation_prompt=True)
        assert isinstance(rendered, str)
        return rendered

    def without_markup(self, text: str) -> str:
        text = storable(text)
        while text != (text := self.specials.sub("", text)):
            pass  # what is left may have closed up to markup again
        return text

    def text_of(self, row: "Row") -> str:
        return storable(self.tokenizer.decode(row.drawn, skip_special_tokens=True)).lstrip()

    def answer_to(self, row: "Row") -> Reply | Failure:
        if not math.isfinite(row.logprob):
            return Failure(Trouble(Problem.BROKE, {"why": "the model's logits are no numbers"}))
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
        ended: list[Row] = []
        why: Exception | None = None
        try:
            joining = self._joining()
            if joining:
                self.decoding.admit(joining)
                joining = []
            ended = self.decoding.draw()
            self.decoding.advance()
        except torch.AcceleratorError:
            os._exit(1)  # the device is lost to this process: whoever starts it again gives its samples to another
        except RuntimeError as broken:
            why = broken.with_traceback(None)
        yield from ((row.ask, self.model.answer_to(row)) for row in ended)
        if why is not None:
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
        most = JOINING[self.model.network.device.type]
        while self.waiting and sum(map(len, {tuple(row.prompt) for row in joining})) < most:
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
        free_memory()
        is_memory = isinstance(why, torch.OutOfMemoryError) or "not enough memory" in str(why)
        if len(lost) == 1:
            trouble = Trouble(Problem.NO_MEMORY) if is_memory else Trouble(Problem.BROKE, {"why": said_by(why)})
            yield lost[0].ask, Failure(trouble)
            return
        again = [type(row)(row.ask, row.sent, row.prompt) for row in lost]
        if is_memory:
            width = max(len(row.prompt) for row in lost) + self.sampling.max_new_tokens
            self.model.room.halve(len(lost) * width)
            self.waiting = again + self.waiting
        else:
            self.suspects += again


def room_beside(network: Any) -> Room:
    """What fits into the memory that the model leaves free."""
    import psutil
    import torch

    config = network.config.get_text_config()
    all_heads = getattr(config, "num_attention_heads", None) or 1
    heads = getattr(config, "num_key_value_heads", None) or all_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // all_heads
    bytes_per_token = 2 * config.num_hidden_layers * heads * width * network.dtype.itemsize
    kind = network.device.type
    free = torch.cuda.mem_get_info()[0] if kind == "cuda" else psutil.virtual_memory().available
    return Room(CUDA_ROWS if kind == "cuda" else CPU_ROWS, int(free * SHARE_OF_MEMORY[kind] / bytes_per_token))
