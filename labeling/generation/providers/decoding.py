"""Continuous batching: rows that are drawn together, each of which comes and goes by itself.

All rows share one key-value cache, padded on the left. A prompt asked for K responses is run through the model once,
and its cache repeated K times. A row that has ended makes room for another, rather than waiting for the longest.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import torch
from torch.nn.functional import pad
from transformers.cache_utils import DynamicCache, DynamicLayer

from labeling.generation.providers.base import Ask
from labeling.generation.sampling import Sampling

SPARE = 128
"""Tokens that a cache grows by at once."""

NUCLEUS = 512
"""Likeliest tokens looked at for top-p before all are sorted, which takes ten times as long."""

BELOW_ONE = 1 - 2**-24
"""The largest float32 below 1."""

EMPTY_SHARE = 8
"""Rows that ended are carried along until they are one in so many: taking them out copies the cache."""


@dataclass
class Row:
    """One response being drawn."""

    ask: Ask
    sent: str
    """The prompt as the model gets it."""
    prompt: Sequence[int]
    """The same as token ids."""
    drawn: list[int] = field(default_factory=list)
    logprob: float = 0.0
    """Nats, under the model's own distribution."""
    ended: bool = False
    """By itself: the last token drawn ends the text."""
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.random = Random(self.ask.seed)  # noqa: S311  (draws are to be repeatable, not secret)


class Decoding:
    """The rows under way in one model with one kind of sampling."""

    def __init__(self, network: Any, sampling: Sampling, ends: Sequence[int]) -> None:
        self.network = network
        self.sampling = sampling
        self.ends = frozenset(ends)
        self.rows: list[Row | None] = []  # None where one has ended
        self.cache: Any = DynamicCache()
        self.mask = torch.empty(0)  # (rows, tokens in the cache)
        self.logits = torch.empty(0)  # (rows, vocabulary): what comes next
        self.tokens = torch.empty(0, dtype=torch.long)  # (rows,): what was drawn last

    @property
    def n_rows(self) -> int:
        return sum(row is not None for row in self.rows)

    @property
    def can_admit(self) -> bool:
        """Whether rows can join those under way: only where every layer keeps all it has seen."""
        return not self.n_rows or all(type(layer) is GrowingLayer for layer in self.cache.layers)

    def admit(self, rows: Sequence[Row]) -> None:
        """Run the prompts of `rows` through the model, each different one once, and let the rows join."""
        self._drop_ended(1)
        places: dict[tuple[int, ...], int] = {}
        of_rows = [places.setdefault(tuple(row.prompt), len(places)) for row in rows]
        cache, mask, logits = self._prefill(list(places))
        if len(places) < len(rows):
            repeated = torch.tensor(of_rows, device=mask.device)
            cache.batch_select_indices(repeated)
            mask, logits = mask[repeated], logits[repeated]
        if self.rows:
            width = max(self.mask.shape[1], mask.shape[1])
            merge(self.cache, cache, width)
            mask = torch.cat([widened(self.mask, width), widened(mask, width)])
            logits = torch.cat([self.logits, logits])
        else:
            self.cache = cache
        self.mask, self.logits = mask, logits
        self.tokens = torch.zeros(len(mask), dtype=torch.long, device=mask.device)
        self.rows += rows

    def draw(self) -> list[Row]:
        """Draw the next token of every row; the rows that ended with it, by themselves or because they are full."""
        uniforms = [min(row.random.random(), BELOW_ONE) if row else 0.0 for row in self.rows]
        self.tokens, logprobs = draw(self.logits, torch.tensor(uniforms, device=self.logits.device), self.sampling)
        ended = []
        for place, (token, logprob) in enumerate(zip(self.tokens.tolist(), logprobs.tolist(), strict=True)):
            row = self.rows[place]
            if row is None:
                continue
            row.drawn.append(token)
            row.logprob += logprob
            row.ended = token in self.ends
            if row.ended or len(row.drawn) == self.sampling.max_new_tokens:
                ended.append(row)
                self.rows[place] = None
        return ended

    def advance(self) -> None:
        """Run what was drawn through the model."""
        if not self.n_rows:
            self.rows = []
            return
        self._drop_ended(EMPTY_SHARE)
        self.mask = torch.cat([self.mask, self.mask.new_ones(len(self.rows), 1)], dim=1)
        output = self.network(
            input_ids=self.tokens[:, None],
            attention_mask=self.mask,
            position_ids=self.mask.sum(dim=1, keepdim=True) - 1,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        self.logits = output.logits[:, -1].float()

    def _prefill(self, prompts: Sequence[Sequence[int]]) -> tuple[Any, torch.Tensor, torch.Tensor]:
        device = self.network.device
        longest = max(map(len, prompts))
        ids = [[0] * (longest - len(prompt)) + list(prompt) for prompt in prompts]  # any token: it is masked
        mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device)
        cache: Any = DynamicCache(config=self.network.config)
        cache.layers = [
            GrowingLayer() if type(layer) is DynamicLayer else layer  # type: ignore[no-untyped-call]
            for layer in cache.layers
        ]
        output = self.network(
            input_ids=torch.tensor(ids, device=device),
            attention_mask=mask,
            position_ids=(mask.cumsum(-1) - 1).clamp(min=0),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return cache, mask, output.logits[:, -1].float()

    def _drop_ended(self, share: int) -> None:
        """Take out the rows that ended, where they are one in `share` or more."""
        n_ended = len(self.rows) - self.n_rows
        if not n_ended or n_ended * share < len(self.rows):
            return
        kept = torch.tensor([place for place, row in enumerate(self.rows) if row], device=self.mask.device)
        self.rows = [row for row in self.rows if row]
        if not self.rows:
            return
        self.cache.batch_select_indices(kept)
        self.mask, self.logits, self.tokens = self.mask[kept], self.logits[kept], self.tokens[kept]
        if self.can_admit and (unused := int(self.mask.argmax(dim=1).min())):
            self.mask = self.mask[:, unused:]
            for layer in self.cache.layers:
                layer.keys, layer.values = layer.keys[:, :, unused:], layer.values[:, :, unused:]


class GrowingLayer(DynamicLayer):
    """A layer's cache that has room for the next tokens, where the library's copies all of it at every token."""

    keys: torch.Tensor
    values: torch.Tensor
    room: tuple[torch.Tensor, torch.Tensor] | None = None

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_args: Any, **_kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        length = self.get_seq_length()
        end = length + key_states.shape[-2]
        if self.room is None or self.keys.data_ptr() != self.room[0].data_ptr() or end > self.room[0].shape[-2]:
            self.room = (grown(self.keys, key_states, length, end), grown(self.values, value_states, length, end))
        self.room[0][:, :, length:end] = key_states
        self.room[1][:, :, length:end] = value_states
        self.keys, self.values = self.room[0][:, :, :end], self.room[1][:, :, :end]
        return self.keys, self.values

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        super().batch_select_indices(indices)
        self.room = None


def grown(held: torch.Tensor, like: torch.Tensor, length: int, end: int) -> torch.Tensor:
    """(rows, heads, end + SPARE, width), of which the first `length` tokens are what was held."""
    room = like.new_empty(*like.shape[:2], end + SPARE, like.shape[3])
    if length:
        room[:, :, :length] = held
    return room


def merge(cache: Any, other: Any, width: int) -> None:
    """Put the rows of `other` behind those of `cache`, both padded on the left to `width` tokens."""
    for layer, more in zip(cache.layers, other.layers, strict=True):
        layer.room = None
        layer.keys = torch.cat([deepened(layer.keys, width), deepened(more.keys, width)])
        layer.values = torch.cat([deepened(layer.values, width), deepened(more.values, width)])


def widened(mask: torch.Tensor, width: int) -> torch.Tensor:
    return pad(mask, (width - mask.shape[1], 0))


def deepened(states: torch.Tensor, width: int) -> torch.Tensor:
    """(rows, heads, tokens, …) with zeros on the left of the tokens."""
    return pad(states, (0, 0, width - states.shape[2], 0))


def draw(logits: torch.Tensor, uniforms: torch.Tensor, sampling: Sampling) -> tuple[torch.Tensor, torch.Tensor]:
    """(rows,) tokens, and their log-probabilities in nats before temperature and top-p.

    logits (rows, vocabulary), uniforms (rows,) in [0, 1). A row's token depends on its own uniform alone: it is where
    the cumulative distribution passes it. Temperature 0 is greedy.
    """
    if sampling.temperature == 0:
        tokens = logits.argmax(dim=-1)
    else:
        probabilities = (logits / sampling.temperature).softmax(dim=-1)
        tokens = (
            passed(probabilities, uniforms)
            if sampling.top_p == 1
            else drawn_from_nucleus(probabilities, uniforms, sampling.top_p)
        )
    return tokens, logits.gather(1, tokens[:, None])[:, 0] - logits.logsumexp(dim=-1)


def drawn_from_nucleus(probabilities: torch.Tensor, uniforms: torch.Tensor, top_p: float) -> torch.Tensor:
    """From the smallest set of tokens that has the probability `top_p` (Holtzman et al. 2020, arXiv 1904.09751)."""
    likeliest, tokens = probabilities.topk(min(NUCLEUS, probabilities.shape[1]), dim=-1)
    if bool((likeliest.sum(dim=-1) < top_p).any()):
        likeliest, tokens = probabilities.sort(dim=-1, descending=True)
    before = likeliest.cumsum(dim=-1) - likeliest
    place = passed(likeliest.masked_fill(before >= top_p, 0), uniforms)
    return tokens.gather(1, place[:, None])[:, 0]


def passed(weights: torch.Tensor, uniforms: torch.Tensor) -> torch.Tensor:
    """(rows,) the first place at which the running sum of a row's weights exceeds its uniform's share of the whole."""
    running = weights.cumsum(dim=-1)
    found = torch.searchsorted(running, uniforms[:, None] * running[:, -1:], right=True)
    return found[:, 0].clamp(max=weights.shape[1] - 1)
