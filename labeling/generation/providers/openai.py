"""Models behind a chat-completions server: vLLM, SGLang, llama.cpp, `transformers serve`, hosted ones.

Servers honour different parts of the format, and tell so by refusing a request, or not at all. What one refuses is
left out and remembered. Seeds are sent as 31 bits, which no server is known to refuse; whether they are honoured
cannot be told from outside, but for twins: two equal texts for one prompt. Whether log-probabilities are those before
temperature and top-p is up to the server; vLLM's and OpenAI's are.
"""

import hashlib
import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Generator, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import httpcore2
import httpx2

from labeling.generation.problems import Problem, Trouble
from labeling.generation.providers.base import (
    Alive,
    Answer,
    Ask,
    Failure,
    ModelUnavailable,
    Reply,
    Setback,
    Take,
)
from labeling.generation.providers.chat_format import (
    Choice,
    Completion,
    NotUnderstood,
    Pictures,
    choices_in,
    data_note,
    data_url,
    error_code,
    messages_to,
    parse,
    read_completion,
)
from labeling.generation.providers.crew import Crew
from labeling.generation.providers.outbound import Answered, Client, NoAnswer, parse_address, setback
from labeling.generation.sampling import Sampling, Source

AHEAD = 16
"""Asks that are taken beyond those that can be sent at once, so that several responses to one prompt come together."""

MOST_DRAWN_AGAIN = 2
LONGEST_RETRY_AFTER = 3600.0
PASSING = {408, 409, 425, 429}
KEY = re.compile(r"[\x21-\x7e]*")


def open_server(source: Source) -> "Server":
    """Nothing is sent yet. Raises ModelUnavailable where the address or the key cannot be one."""
    if not KEY.fullmatch(source.key):
        raise ModelUnavailable(Problem.NOT_A_KEY)
    return Server(source, parse_address(source.base_url))


@dataclass(frozen=True)
class Job:
    """One request."""

    asks: tuple[Ask, ...]
    """What it is to answer, all of one prompt."""
    seed: int
    n_before: int = 0
    """How often its ask was answered with a twin."""


Outcome = Sequence[Reply] | Failure | Setback


class Server:
    """Remembers what its server takes."""

    def __init__(self, source: Source, url: httpcore2.URL) -> None:
        self._source = source
        self._url = url
        self._limit = "max_tokens"
        self._lacks: set[str] = set()
        self._takes: set[str] = set()
        self._has_answered = False
        self._repeats = False
        """Whether it was seen to answer with the same text whatever the seed."""

    def generate(self, take: Take, sampling: Sampling, alive: Alive) -> Generator[tuple[Ask, Answer], None, None]:
        halted = threading.Event()
        texts: defaultdict[Hashable, set[str]] = defaultdict(set)

        def work(job: Job, client: Client) -> Iterator[tuple[Job, Outcome]]:
            if halted.is_set():
                return
            outcome = self._answers(job.asks[0], len(job.asks), job.seed, sampling, client)
            if isinstance(outcome, Setback) and outcome.for_all:
                halted.set()
            yield job, outcome

        with Crew[tuple[Job, Outcome]](self._url, self._source.concurrency) as crew:

            def begin_more() -> None:
                if crew.n_idle and not halted.is_set():
                    for job in self._jobs(take(crew.n_idle + AHEAD), sampling):
                        crew.begin(partial(work, job))

            begin_more()
            for job, outcome in crew.found(alive):
                begin_more()
                if isinstance(outcome, Failure | Setback):
                    yield from ((ask, outcome) for ask in job.asks)
                    continue
                if len(outcome) < len(job.asks):
                    self._lacks.add("n")
                for ask in job.asks[len(outcome) :]:
                    crew.begin(partial(work, Job((ask,), ask.seed)))
                seen = texts[prompt_of(job.asks[0])]
                for ask, reply in zip(job.asks, outcome, strict=False):
                    is_twin = len(job.asks) == 1 and sampling.temperature > 0 and reply.text in seen
                    seen.add(reply.text)
                    if is_twin and job.n_before < MOST_DRAWN_AGAIN and not self._repeats:
                        crew.begin(partial(work, drawn_again(job, ask)))
                        continue
                    self._repeats |= is_twin
                    yield ask, replace(reply, seeded=reply.seeded and not is_twin and not job.n_before)

    def stream(self, ask: Ask, sampling: Sampling, alive: Alive) -> Iterator[str | Answer]:
        with Crew[str | Answer](self._url, 1) as crew:
            crew.begin(partial(self._pieces, ask, sampling))
            yield from crew.found(alive)

    def _jobs(self, asks: Sequence[Ask], sampling: Sampling) -> Iterable[Job]:
        """One for each prompt, as long as the server may take `n`. Where sampling is greedy, some refuse that."""
        if sampling.temperature == 0 or "n" in self._lacks:
            return [Job((ask,), ask.seed) for ask in asks]
        together: defaultdict[Hashable, list[Ask]] = defaultdict(list)
        for ask in asks:
            together[prompt_of(ask)].append(ask)
        return [Job(tuple(same), same[0].seed) for same in together.values()]

    def _answers(self, ask: Ask, n: int, seed: int, sampling: Sampling, client: Client) -> Outcome:
        """Up to n replies."""
        optional = {"n": n, "logprobs": True, "seed": wire_seed(seed)}
        if n == 1:
            del optional["n"]
        began = time.monotonic()
        try:
            pictures = self._pictures(ask)
            with self._post(self._request(ask, pictures, sampling), optional, client) as (answered, accepted):
                completion = read_completion(answered.read())
        except NoAnswer as instead:
            return instead.answer
        seconds = time.monotonic() - began
        is_seeded = sampling.temperature == 0 or "seed" in accepted
        sent = sent_text(ask, pictures)
        return [
            replace(completion.reply(choice, sent, seconds, is_seeded and place == 0), pays_prompt=place == 0)
            for place, choice in enumerate(completion.choices[:n])
        ]

    def _pieces(self, ask: Ask, sampling: Sampling, client: Client) -> Iterator[str | Answer]:
        optional = {"stream_options": {"include_usage": True}, "logprobs": True, "seed": wire_seed(ask.seed)}
        choice = Choice()
        completion = Completion([choice])
        began = time.monotonic()
        try:
            pictures = self._pictures(ask)
            request = {**self._request(ask, pictures, sampling), "stream": True}
            with self._post(request, optional, client) as (answered, accepted):
                for chunk in chunks(answered):
                    if error := chunk.get("error"):
                        raise NoAnswer(self._error_in_stream(error, client.host))
                    completion.add(chunk)
                    for part in choices_in(chunk):
                        if piece := choice.add(part, "delta"):
                            yield piece
            if not choice.finish_reason:
                raise setback(Problem.BROKEN_OFF, host=client.host)
        except NoAnswer as instead:
            yield instead.answer
        else:
            is_seeded = sampling.temperature == 0 or "seed" in accepted
            yield completion.reply(choice, sent_text(ask, pictures), time.monotonic() - began, is_seeded)

    def _pictures(self, ask: Ask) -> Pictures:
        if ask.images and not self._source.takes_images:
            raise NoAnswer(Failure(Trouble(Problem.NO_IMAGES)))
        return [(image.media_type, image.read()) for image in ask.images]

    def _request(self, ask: Ask, pictures: Pictures, sampling: Sampling) -> dict[str, Any]:
        return {
            "model": self._source.model,
            "messages": messages_to(ask, pictures, data_url),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_new_tokens,
        }

    @contextmanager
    def _post(
        self, request: Mapping[str, Any], optional: Mapping[str, Any], client: Client
    ) -> Iterator[tuple[Answered, dict[str, Any]]]:
        """The answer to the request, and as much of its optional part as the server took.

        Raises NoAnswer where it refuses all the same, and where the block does not understand it.
        """
        limit = self._limit
        left = {name: value for name, value in optional.items() if name not in self._lacks}
        headers: dict[str | bytes, str | bytes] = {"Content-Type": "application/json"}
        if self._source.key:
            headers["Authorization"] = f"Bearer {self._source.key}"
        while True:
            document = {**request, **left}
            document[limit] = document.pop("max_tokens")
            with client.post("/chat/completions", json.dumps(document).encode(), headers) as answered:
                if answered.status < 300:
                    self._limit = limit
                    self._has_answered = True
                    self._takes |= left.keys() - {"n"}  # some take it only up to a number
                    self._lacks |= optional.keys() - left.keys()
                    try:
                        yield answered, left
                    except NotUnderstood:
                        raise setback(Problem.NOT_UNDERSTOOD, host=client.host) from None
                    return
                body = answered.read()
            doubtful = [name for name in left if name not in self._takes]
            if answered.status not in (400, 422) or error_code(body) == "context_length_exceeded":
                doubtful = []
            elif limit == "max_tokens" and b"max_completion_tokens" in body:
                limit = "max_completion_tokens"
                continue
            if not doubtful:
                raise NoAnswer(self._refusal(answered.status, error_code(body), answered.headers, client.host))
            named = (name for name in doubtful if re.search(rf"\b{name}\b".encode(), body))
            del left[next(named, doubtful[0])]

    def _refusal(self, status: int, code: str, headers: Mapping[str, str], host: str) -> Failure | Setback:
        """What an error of the server means for the ask. Raises ModelUnavailable where it is meant for all."""
        no_access = Trouble(Problem.NO_ACCESS, {"host": host, "status": status})
        if status in (401, 402) and self._has_answered:
            return Setback(no_access, for_all=True)
        if status == 403:
            return Failure(no_access)  # some refuse one prompt like that
        if status in (401, 402):
            raise ModelUnavailable(no_access.problem, **no_access.detail)
        if status == 404 and not self._has_answered:
            raise ModelUnavailable(Problem.NO_SUCH_MODEL, host=host, model=self._source.model)
        if status in PASSING or status >= 500:
            problem = Problem.THROTTLED if status == 429 else Problem.SERVER_ERROR
            wait = retry_after(headers.get("retry-after", ""))
            return Setback(Trouble(problem, {"host": host, "status": status}), wait, for_all=status in (429, 503))
        return Failure(Trouble(Problem.REFUSED, {"host": host, "status": status, "code": code and f", {code}"}))

    def _error_in_stream(self, error: Any, host: str) -> Failure | Setback:
        status = error.get("code") if isinstance(error, dict) else None
        if isinstance(status, int) and 400 <= status < 600:
            return self._refusal(status, "", {}, host)
        return setback(Problem.BROKEN_OFF, host=host).answer


def chunks(answered: Answered) -> Iterator[dict[str, Any]]:
    """Out of server-sent events, until they say that all is said. Raises NotUnderstood."""
    response = httpx2.Response(
        answered.status,
        headers={"Content-Type": answered.headers.get("content-type", "").partition(";")[0]},
        content=answered.pieces(),
        request=httpx2.Request("POST", "http://unused.invalid"),
    )
    try:
        for event in httpx2.EventSource(response):
            if event.data == "[DONE]":
                return
            if event.data:
                yield parse(event.data)
    except httpx2.SSEError:
        raise NotUnderstood from None


def prompt_of(ask: Ask) -> Hashable:
    return json.dumps([dict(message) for message in ask.messages]), tuple(ask.images)


def sent_text(ask: Ask, pictures: Pictures) -> str:
    return json.dumps(messages_to(ask, pictures, data_note), ensure_ascii=False)


def wire_seed(seed: int) -> int:
    """Such as every server takes."""
    return seed & 0x7FFF_FFFF


def drawn_again(job: Job, ask: Ask) -> Job:
    digest = hashlib.sha256(f"{ask.seed}:{job.n_before + 1}".encode()).digest()
    return replace(job, seed=int.from_bytes(digest[:8]), n_before=job.n_before + 1)


def retry_after(header: str) -> float | None:
    """Seconds, at most an hour, out of seconds or a date."""
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", header, re.ASCII):
        seconds = float(header)
    else:
        try:
            date = parsedate_to_datetime(header)
            seconds = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)
