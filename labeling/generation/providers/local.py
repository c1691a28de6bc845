"""Models run by transformers in this process, on a GPU where there is one.

Each row of a batch is drawn by a generator of its own, so a candidate depends on its seed alone: not on how many
samples were asked for, nor on what it was batched with (exactly so in fp32; bf16 rounds by batch shape).
"""

import os
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from labeling.generation.providers.base import Ask, Failure, Messages, ModelUnavailable, Reply
from labeling.generation.sampling import MODEL_NAME, Sampling

if TYPE_CHECKING:
    import torch

CPU_BATCH, CUDA_BATCH = 8, 64


def local_models() -> list[str]:
    """The models under var/models that can be opened, by name."""
    return sorted(config.parent.name for config in settings.FOLDERS.models.glob("*/config.json"))


def open_local(model: str) -> "LocalModel":
    if not re.match(MODEL_NAME, model):
        raise ModelUnavailable(_("“%(model)s” is not a model's name.") % {"model": model})
    folder: Path = settings.FOLDERS.models / model
    return load(str(folder) if (folder / "config.json").exists() else model)


@lru_cache(maxsize=1)
def load(place: str) -> "LocalModel":
    """The model in a folder or at the hub. The last one opened stays in memory."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: spinning threads starve a busy machine
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
        network: Any = AutoModelForCausalLM.from_pretrained(
            place, dtype=torch.bfloat16, use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError) as wrong:
        why = str(wrong).strip().partition("\n")[0]
        raise ModelUnavailable(
            _("The model %(model)s could not be loaded: %(why)s") % {"model": place, "why": why}
        ) from wrong
    if tokenizer.chat_template is None:
        raise ModelUnavailable(_("The model %(model)s has no chat template, so it cannot be asked.") % {"model": place})
    return LocalModel(network.to(device).eval(), tokenizer)


class LocalModel:
    def __init__(self, network: Any, tokenizer: Any) -> None:
        self.network = network
        self.tokenizer = tokenizer
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        tokenizer.padding_side = "left"
        self.batch_size = CUDA_BATCH if network.device.type == "cuda" else CPU_BATCH
        self.context: int = min(network.config.max_position_embeddings, tokenizer.model_max_length)
        ends = network.generation_config.eos_token_id
        self.ends: list[int] = ends if isinstance(ends, list) else [ends]
        self.specials = re.compile("|".join(map(re.escape, tokenizer.all_special_tokens)) or "(?!)")

    def generate(self, asks: Sequence[Ask], sampling: Sampling, alive: Callable[[], None]) -> list[Reply | Failure]:
        texts = [self._prompt_text(ask.messages) for ask in asks]
        lengths = [len(ids) for ids in self.tokenizer(texts, add_special_tokens=False)["input_ids"]]
        answers: dict[int, Reply | Failure] = {
            row: self._too_long(length, sampling)
            for row, length in enumerate(lengths)
            if length + sampling.max_new_tokens > self.context
        }
        fitting = [row for row in range(len(asks)) if row not in answers]
        replies = self._within_memory(
            [texts[row] for row in fitting], [asks[row].seed for row in fitting], sampling, alive
        )
        answers.update(zip(fitting, replies, strict=True))
        return [answers[row] for row in range(len(asks))]

    def _prompt_text(self, messages: Messages) -> str:
        """The conversation in the model's own markup. Markup inside what people wrote is left out of it."""
        clean = [{**message, "content": self.specials.sub("", message["content"])} for message in messages]
        rendered = self.tokenizer.apply_chat_template(clean, tokenize=False, add_generation_prompt=True)
        assert isinstance(rendered, str)
        return rendered

    def _too_long(self, length: int, sampling: Sampling) -> Failure:
        return Failure(
            _("The prompt has %(n)d tokens; with %(m)d more for the response it exceeds the model's %(context)d.")
            % {"n": length, "m": sampling.max_new_tokens, "context": self.context}
        )

    def _within_memory(
        self, texts: list[str], seeds: list[int], sampling: Sampling, alive: Callable[[], None]
    ) -> list[Reply | Failure]:
        """Generate in one batch, or in halves of it as small as the device's memory demands."""
        import torch

        if not texts:
            return []
        try:
            return list(self._generate(texts, seeds, sampling, alive))
        except torch.OutOfMemoryError:
            pass  # recover below, where the traceback no longer holds on to the tensors
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if len(texts) == 1:
            return [Failure(_("The device ran out of memory on this prompt alone."))]
        half = len(texts) // 2
        return [
            *self._within_memory(texts[:half], seeds[:half], sampling, alive),
            *self._within_memory(texts[half:], seeds[half:], sampling, alive),
        ]

    def _generate(
        self, texts: list[str], seeds: list[int], sampling: Sampling, alive: Callable[[], None]
    ) -> list[Reply]:
        import torch
        from transformers import GenerationConfig

        inputs = self.tokenizer(texts, add_special_tokens=False, padding=True, return_tensors="pt").to(
            self.network.device
        )
        draw = Draw(seeds, sampling, self.network.device, alive)
        with torch.inference_mode():
            output = self.network.generate(
                **inputs,
                logits_processor=[draw],
                generation_config=GenerationConfig(
                    do_sample=False,
                    max_new_tokens=sampling.max_new_tokens,
                    eos_token_id=self.ends,
                    pad_token_id=self.tokenizer.pad_token_id,
                ),
            )
        drawn = output[:, inputs["input_ids"].shape[1] :].tolist()
        n_prompt_tokens = inputs["attention_mask"].sum(dim=1).tolist()
        return [
            self._reply(ids, n, draw.logprobs(row))
            for row, (ids, n) in enumerate(zip(drawn, n_prompt_tokens, strict=True))
        ]

    def _reply(self, ids: list[int], n_prompt_tokens: int, logprobs: list[float]) -> Reply:
        end = next((place for place, token in enumerate(ids) if token in self.ends), None)
        n_tokens = len(ids) if end is None else end + 1
        text = self.tokenizer.decode(ids[:n_tokens], skip_special_tokens=True)
        return Reply(
            text=storable(text).strip(),
            finish_reason="length" if end is None else "stop",
            n_prompt_tokens=n_prompt_tokens,
            n_tokens=n_tokens,
            logprob=sum(logprobs[:n_tokens]),
        )


def storable(text: str) -> str:
    """Without what PostgreSQL refuses in text: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


class Draw:
    """The last logits processor of a batch: draws each row's next token by that row's own generator.

    Everything but the drawn token is ruled out, so that generate()'s greedy choice takes it. Drawing the largest of
    p/q with q ~ Exp(1) is drawing from p (the exponential race, equal to the Gumbel-max trick).
    """

    def __init__(self, seeds: list[int], sampling: Sampling, device: "torch.device", alive: Callable[[], None]) -> None:
        import torch
        from transformers import TemperatureLogitsWarper, TopPLogitsWarper

        self.greedy = sampling.temperature == 0
        self.warpers: list[Any] = []
        if not self.greedy:
            self.warpers = [TemperatureLogitsWarper(sampling.temperature), TopPLogitsWarper(sampling.top_p)]
        self.generators = [torch.Generator(device).manual_seed(seed) for seed in seeds]
        self.alive = alive
        self.steps: list[torch.Tensor] = []  # a tensor of rows for each step: raw log-probability of what was drawn

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        import torch

        self.alive()
        raw = scores.float().log_softmax(dim=-1)
        if self.greedy:
            drawn = raw.argmax(dim=-1)
        else:
            warped = scores.float()
            for warp in self.warpers:
                warped = warp(input_ids, warped)
            race = torch.empty_like(warped)
            for row, generator in enumerate(self.generators):
                race[row].exponential_(generator=generator)
            drawn = (warped.softmax(dim=-1) / race).argmax(dim=-1)
        self.steps.append(raw.gather(1, drawn[:, None])[:, 0])
        return torch.full_like(scores, -torch.inf).scatter_(1, drawn[:, None], 0.0)

    def logprobs(self, row: int) -> list[float]:
        return [float(step[row]) for step in self.steps]
