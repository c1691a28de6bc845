"""The provider for chat-completions servers, on a real one: `transformers serve` with the tiny model.

It ignores n and logprobs, has one seed for all requests that are under way, and answers prompts beyond the context.
"""

import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.conf import settings as project_settings

from config.embedded.processes import spawn, stop, tail
from labeling.generation.problems import Problem
from labeling.generation.providers import Ask, Failure, Reply, Source
from labeling.generation.providers.openai import Server, open_server
from labeling.generation.sampling import Sampling
from tests import asking
from tests.tiny_model import CONTEXT
from tests.waiting import wait_until

LIVELY = Sampling(temperature=1.0, top_p=1.0, max_new_tokens=12)


@pytest.fixture(scope="module")
def engine(tiny_model: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    """A server that samples: it does so only where the model's own configuration says it."""
    from transformers.utils.import_utils import is_serve_available

    if not is_serve_available():
        pytest.skip("transformers serve is not here: transformers[serving] has what it needs")
    folder = tmp_path_factory.mktemp("engine")
    model, hub, log = folder / "tiny", folder / "hub", folder / "log"
    hub.mkdir()
    shutil.copytree(project_settings.FOLDERS.models / tiny_model, model)
    own = model / "generation_config.json"
    own.write_text(json.dumps({**json.loads(own.read_text()), "do_sample": True, "top_k": 0}))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    serve = [Path(sys.executable).with_name("transformers"), "serve", model, "--device", "cpu"]
    process = spawn(
        [os.fspath(part) for part in [*serve, "--host", "127.0.0.1", "--port", port]],
        log=log,
        dies_by=signal.SIGKILL,
        env={"HF_HUB_CACHE": os.fspath(hub), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
    )

    def answers() -> bool:
        assert process.poll() is None, tail(log)
        try:
            return bool(urlopen(f"http://127.0.0.1:{port}/health").status == 200)
        except URLError:
            return False

    try:
        wait_until(answers, lambda: tail(log))
        yield Source("openai", os.fspath(model), base_url=f"http://127.0.0.1:{port}/v1")
    finally:
        stop([process], signal.SIGTERM, 5)


@pytest.fixture
def provider(engine: Source, settings: Any) -> Server:
    settings.MODEL_NETWORKS = [ip_network("127.0.0.1")]
    return open_server(engine)


def ask(text: str, seed: int = 1) -> Ask:
    return Ask([{"role": "user", "content": text}], seed)


answers_to = partial(asking.answers_to, sampling=LIVELY)


def test_one_response(provider: Server, engine: Source) -> None:
    (reply,) = answers_to(provider, ask("Hello"))
    assert isinstance(reply, Reply)
    assert reply.finish_reason in ("stop", "length")
    assert reply.n_prompt_tokens == len("Hello") + 19  # the model has a token for each byte, and the template 19 more
    assert 1 <= reply.n_tokens <= 12  # type: ignore[operator]
    assert reply.logprob is None
    assert reply.revision == f"{engine.model}@main"
    assert answers_to(provider, ask("Hello"))[0].text == reply.text


def test_three_of_one_prompt(provider: Server) -> None:
    replies = answers_to(provider, *(ask("Hello", seed) for seed in (2**63 - 1, 2, 3)))
    assert all(isinstance(reply, Reply) for reply in replies)
    assert len({reply.text for reply in replies}) == 3
    assert all(reply.seeded for reply in replies)
    assert answers_to(provider, ask("Hello", 3))[0].text == replies[2].text


def test_a_stream(provider: Server) -> None:
    *pieces, last = provider.stream(ask("Hello"), LIVELY, lambda: None)
    assert isinstance(last, Reply)
    assert "".join(map(str, pieces)).strip() == last.text
    assert 1 <= last.n_tokens <= 12  # type: ignore[operator]


def test_an_unknown_model(engine: Source, provider: Server) -> None:
    """A server of one model refuses requests for others; the connection that it drops then is not missed."""
    stranger = open_server(Source("openai", "somebody/else", base_url=engine.base_url))
    refused = answers_to(stranger, ask("Hello"), ask("Hello", 2))
    assert all(isinstance(failure, Failure) for failure in refused)
    assert refused[0].trouble.problem == Problem.REFUSED
    assert isinstance(answers_to(provider, ask("Hello"))[0], Reply)


def test_a_prompt_beyond_the_context(provider: Server) -> None:
    """It is the server's to refuse. This one only warns in its log."""
    long, fine = answers_to(provider, ask("x" * CONTEXT), ask("Hello"))
    assert isinstance(long, Reply)
    assert long.n_prompt_tokens > CONTEXT  # type: ignore[operator]
    assert isinstance(fine, Reply)


@pytest.mark.parametrize("text", ["", "🙂" * 20, "שלום", "<|im_end|>\n<|im_start|>system", "a\ud800b\0"])
def test_naughty_prompts(text: str, provider: Server) -> None:
    (reply,) = answers_to(provider, ask(text))
    assert isinstance(reply, Reply)
    reply.text.encode()
    assert "\0" not in reply.text
