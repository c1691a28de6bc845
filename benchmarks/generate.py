"""How fast does the local provider draw, against `generate` one by one and in plain batches of a fixed size?

With SmolLM2, as `make setup` fetches it, or with random weights in the shape of a Llama. One by one is what somebody
would write first: fp32 on a CPU, bf16 on a GPU. Plain batches are `generate` too, padded on the left, in the order in
which the prompts come. The floor is what the memory allows: every step reads all weights and the rows' caches once.

    .venv/bin/python -m benchmarks.generate
    .venv/bin/python -m benchmarks.generate --shape 1b     (on a GPU; also 8b)
"""

import argparse
import copy
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import django
from django.conf import settings

django.setup()

# isort: split
import torch  # noqa: E402
from transformers import AutoTokenizer, GenerationConfig, LlamaConfig, LlamaForCausalLM  # noqa: E402

from benchmarks.table import Row, show  # noqa: E402
from labeling.generation.demo_model import NAME as SMOLLM2  # noqa: E402
from labeling.generation.providers import Ask, Reply  # noqa: E402
from labeling.generation.providers.local import LocalModel, open_local  # noqa: E402
from labeling.generation.sampling import Sampling, Source  # noqa: E402

SHAPES: dict[str, dict[str, Any]] = {
    "tiny": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4},
    "1b": {
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_hidden_layers": 16,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 64,
        "vocab_size": 128256,
    },
    "8b": {
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "vocab_size": 128256,
    },
}
"""Llama 3.2 1B and Llama 3.1 8B, by their published configurations; the weights are random."""

Draw = Callable[[Sequence[str]], int]
"""Answers prompts; how many tokens it drew."""


@dataclass(frozen=True)
class Setting:
    prompts: int
    samples: int
    tokens: int
    """Most new ones."""
    one_by_one: int
    """Responses that are drawn one by one: more would take long, and tell no more."""
    batch: int
    rounds: int
    long_prompt: int
    """Tokens of the prompt that is asked for eight responses."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, help="random weights in this shape, instead of SmolLM2")
    parser.add_argument("--prompts", type=int, default=24)
    parser.add_argument("--samples", type=int, default=4, help="responses to a prompt")
    parser.add_argument("--tokens", type=int, default=96, help="most new tokens")
    parser.add_argument("--one-by-one", type=int, default=6, help="responses drawn one by one in a round")
    parser.add_argument("--batch", type=int, default=16, help="rows of the plain batches")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long-prompt", type=int, default=1500, help="its tokens")
    parser.add_argument("--json", action="store_true")
    given = vars(parser.parse_args())
    shape, as_json = given.pop("shape"), given.pop("json")
    setting = Setting(**given)
    model = open_local(Source("local", SMOLLM2)) if shape is None else shaped(shape)
    show([*throughput(model, setting), *sharing(model, setting)], as_json=as_json)


def shaped(shape: str) -> LocalModel:
    """With the tokenizer of SmolLM2, and no token that ends a text."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    config = LlamaConfig(**{"vocab_size": 49152, **SHAPES[shape]}, max_position_embeddings=8192)
    with torch.device(device):
        network = LlamaForCausalLM._from_config(config, dtype=torch.bfloat16)
    model = LocalModel(network.eval(), AutoTokenizer.from_pretrained(settings.FOLDERS.models / SMOLLM2))
    model.ends = []
    return model


def throughput(model: LocalModel, setting: Setting) -> Iterator[Row]:
    """Tokens that were asked for a second, prompts read included; in rounds, one way after the other."""
    draw = random.Random(0)
    sampling = Sampling(1.0, 1.0, setting.tokens)
    plain = model if model.network.device.type == "cuda" else in_fp32(model)
    ways: dict[str, tuple[Draw, int]] = {
        "one by one": (lambda prompts: plainly(plain, prompts, sampling, 1), setting.one_by_one),
        f"plain batches of {setting.batch}": (
            lambda prompts: plainly(model, prompts, sampling, setting.batch),
            setting.prompts * setting.samples,
        ),
        "Concord": (
            lambda prompts: ours(model, prompts, sampling, 0),
            setting.prompts * setting.samples,
        ),
    }
    found: dict[str, list[float]] = {way: [] for way in ways}
    for answer, _n in ways.values():
        answer(drawn_prompts(2, draw))  # a GPU loads its programs when they are first run
    for number in range(setting.rounds):
        prompts = [text for text in drawn_prompts(setting.prompts, draw) for _sample in range(setting.samples)]
        draw.shuffle(prompts)
        for way, (answer, n) in ways.items():
            asked = draw.sample(prompts, n) if n < len(prompts) else prompts
            if way == "Concord":
                asked = sorted(asked, key=lambda text: (len(text), text))  # as they are claimed
            began = time.monotonic()
            tokens = answer(asked)
            synchronize()
            found[way].append(tokens / (time.monotonic() - began))
        print(f"round {number + 1}: " + ", ".join(f"{way} {rates[-1]:.1f}" for way, rates in found.items()), flush=True)
    medians = {way: statistics.median(rates) for way, rates in found.items()}
    case = f"{setting.prompts} prompts × {setting.samples}"
    first, second, third = medians
    yield Row(case, first, medians[first], "tok/s")
    yield Row(case, second, medians[second], "tok/s", first, medians[second] / medians[first])
    yield Row(case, third, medians[third], "tok/s", first, medians[third] / medians[first])
    yield Row(case, third, medians[third], "tok/s", second, medians[third] / medians[second])
    bound = floor(model, statistics.mean(lengths(model, prompts)) + setting.tokens / 2)
    yield Row(case, f"{third}, {model.room.rows} rows", medians[third], "tok/s", "memory floor", medians[third] / bound)


def in_fp32(model: LocalModel) -> LocalModel:
    return LocalModel(copy.deepcopy(model.network).float(), model.tokenizer)


def drawn_prompts(n: int, draw: random.Random) -> list[str]:
    """Those of the demo, English ones, as often as they are needed."""
    rows = map(json.loads, (settings.BASE_DIR / "config/demo/prompts.en.jsonl").read_text().splitlines())
    texts = [row["prompt"] for row in rows if isinstance(row.get("prompt"), str)]
    return [draw.choice(texts) if n > len(texts) else text for text in (texts * (n // len(texts) + 1))[:n]]


def lengths(model: LocalModel, prompts: Sequence[str]) -> list[int]:
    return [len(model.tokenizer(model.rendered(conversation(text)))["input_ids"]) for text in prompts]


def conversation(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def plainly(model: LocalModel, prompts: Sequence[str], sampling: Sampling, size: int) -> int:
    """`generate` on batches of a fixed size, as they come."""
    tokens = 0
    for start in range(0, len(prompts), size):
        texts = [model.rendered(conversation(text)) for text in prompts[start : start + size]]
        inputs = model.tokenizer(
            texts, padding=True, padding_side="left", return_tensors="pt", add_special_tokens=False
        )
        inputs = inputs.to(model.network.device)
        with torch.inference_mode():
            output = model.network.generate(**inputs, generation_config=configured(model, sampling))
        drawn = output[:, inputs["input_ids"].shape[1] :].tolist()
        tokens += sum(useful(model, ids) for ids in drawn)
    return tokens


def configured(model: LocalModel, sampling: Sampling, **more: Any) -> GenerationConfig:
    return GenerationConfig(
        do_sample=True,
        temperature=sampling.temperature,
        top_k=0,
        max_new_tokens=sampling.max_new_tokens,
        eos_token_id=model.ends or None,
        pad_token_id=model.tokenizer.pad_token_id,
        **more,
    )


def useful(model: LocalModel, ids: Sequence[int]) -> int:
    """Tokens up to the one that ends the text: what comes behind is padding."""
    return next((place + 1 for place, token in enumerate(ids) if token in model.ends), len(ids))


def ours(model: LocalModel, prompts: Sequence[str], sampling: Sampling, seed: int) -> int:
    left = [Ask(conversation(text), seed + number) for number, text in enumerate(prompts)]

    def take(most: int) -> list[Ask]:
        taken = left[:most]
        del left[:most]
        return taken

    replies = [answer for _ask, answer in model.generate(take, sampling, lambda: None)]
    return sum(reply.n_tokens or 0 for reply in replies if isinstance(reply, Reply))


def sharing(model: LocalModel, setting: Setting) -> Iterator[Row]:
    """Eight responses to a long prompt: `num_return_sequences` reads it eight times."""
    word = " together"
    n_words = setting.long_prompt // len(model.tokenizer(word, add_special_tokens=False)["input_ids"])
    prompt, k = word * n_words, 8
    sampling = Sampling(1.0, 1.0, 32)
    found: dict[str, list[float]] = {"num_return_sequences": [], "Concord": []}
    for _round in range(setting.rounds):
        inputs = model.tokenizer(
            model.rendered(conversation(prompt)), return_tensors="pt", add_special_tokens=False
        ).to(model.network.device)
        began = time.monotonic()
        with torch.inference_mode():
            model.network.generate(**inputs, generation_config=configured(model, sampling, num_return_sequences=k))
        synchronize()
        found["num_return_sequences"].append(time.monotonic() - began)
        began = time.monotonic()
        ours(model, [prompt] * k, sampling, 100)
        synchronize()
        found["Concord"].append(time.monotonic() - began)
    case = f"{k} responses of 32 tokens to {setting.long_prompt}"
    theirs, mine = (statistics.median(seconds) for seconds in found.values())
    yield Row(case, "num_return_sequences", theirs, "s")
    yield Row(case, "Concord", mine, "s", "its time", mine / theirs)


def floor(model: LocalModel, context: float) -> float:
    """Tokens a second that the memory's bandwidth allows with all rows under way, `context` tokens in each cache."""
    network = model.network
    weights = sum(parameter.numel() * parameter.element_size() for parameter in network.parameters())
    config = network.config
    heads = config.num_key_value_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    cache = 2 * config.num_hidden_layers * heads * width * network.dtype.itemsize * context
    return model.room.rows / ((weights + model.room.rows * cache) / bandwidth(network.device))


def bandwidth(device: torch.device) -> float:
    """Bytes a second that are read and written when a gigabyte is copied: the best of five."""
    source = torch.ones(2**28, dtype=torch.float32, device=device)
    target = torch.empty_like(source)
    times = []
    for _try in range(5):
        synchronize()
        began = time.monotonic()
        target.copy_(source)
        synchronize()
        times.append(time.monotonic() - began)
    return 2 * source.numel() * source.element_size() / min(times)


def synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
