"""The provider for chat-completions servers, on one that does as it is told and many that do not."""

import base64
import contextlib
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.generation.problems import Problem
from labeling.generation.providers import Ask, Failure, Image, ModelUnavailable, Reply, Setback, Source, outbound
from labeling.generation.providers.chat_format import Choice, NotUnderstood, error_code, read_completion
from labeling.generation.providers.openai import Server, chunks, open_server, retry_after
from labeling.generation.sampling import Sampling
from tests import asking
from tests.asking import taking
from tests.chat_server import (
    PASSING_FAULTS,
    SECRET,
    ChatServer,
    Fault,
    Handler,
    closes,
    drops_keep_alive,
    half_body,
    half_stream,
    hangs,
    no_choices,
    not_json,
    redirects,
    says,
    status,
    streams,
    wrong_shape,
)
from tests.waiting import wait_until

LIVELY = Sampling(temperature=1.0, top_p=0.9, max_new_tokens=50)
GREEDY = Sampling(temperature=0.0, top_p=1.0, max_new_tokens=50)


@pytest.fixture(autouse=True)
def loopback_is_allowed(settings: Any) -> None:
    settings.MODEL_NETWORKS = [ip_network("127.0.0.0/8")]


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


def provider_of(server: ChatServer, **source: Any) -> Server:
    return open_server(Source(**{"provider": "openai", "model": server.model, "base_url": server.url, **source}))


def ask(text: str, seed: int = 1, *images: Image) -> Ask:
    return Ask([{"role": "user", "content": text}], seed, images)


def asks(n_prompts: int, k: int = 1) -> list[Ask]:
    return [ask(f"prompt {prompt}", seed=1000 * prompt + number) for prompt in range(n_prompts) for number in range(k)]


def nothing() -> None:
    pass


answers_to = partial(asking.answers_to, sampling=LIVELY)


def streamed(provider: Server, one: Ask, sampling: Sampling = LIVELY) -> tuple[list[str], Any]:
    *pieces, answer = provider.stream(one, sampling, nothing)
    assert all(isinstance(piece, str) for piece in pieces)
    return pieces, answer


# What a server is asked, and what it answers


def test_what_is_sent(server: ChatServer) -> None:
    conversation = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    provider = provider_of(server, key="sk-1")
    (reply,) = answers_to(provider, Ask(conversation, seed=2**62 + 5))
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer sk-1"
    assert request.document == {
        "model": "parrot",
        "messages": conversation,
        "temperature": 1.0,
        "top_p": 0.9,
        "max_tokens": 50,
        "seed": 5,
        "logprobs": True,
    }
    assert json.loads(reply.sent) == conversation


def test_what_comes_with_a_reply(server: ChatServer) -> None:
    (reply,) = answers_to(provider_of(server), ask("Hello"))
    n_tokens = len(reply.text.split())
    assert reply == Reply(
        text=" ".join(server.words(server.requests[0].document, 0)),
        finish_reason="stop",
        sent='[{"role": "user", "content": "Hello"}]',
        n_prompt_tokens=4,
        n_tokens=n_tokens,
        logprob=-0.5 * n_tokens,
        seconds=reply.seconds,
        revision="parrot fp_1",
        seeded=True,
    )
    assert 0 < reply.seconds < 5


def test_no_key_is_sent_where_there_is_none(server: ChatServer) -> None:
    answers_to(provider_of(server), ask("Hello"))
    assert "authorization" not in server.requests[0].headers


def test_a_text_that_is_cut_off(server: ChatServer) -> None:
    (reply,) = answers_to(provider_of(server), ask("Hello"), sampling=Sampling(1.0, 1.0, 2))
    assert (reply.finish_reason, reply.n_tokens) == ("length", 2)


def test_requests_go_side_by_side() -> None:
    with ChatServer(latency=0.05) as server:
        replies = answers_to(provider_of(server, concurrency=4), *asks(8))
        assert server.most_under_way == 4
    assert len({reply.text for reply in replies}) == 8


def test_answers_come_as_they_are_ready(server: ChatServer) -> None:
    server.script(hangs)
    found = provider_of(server, concurrency=2).generate(taking(asks(3)), LIVELY, nothing)
    assert {next(found)[0].seed, next(found)[0].seed} < {one.seed for one in asks(3)}
    found.close()  # type: ignore[attr-defined]


# Several responses to one prompt


def test_responses_to_one_prompt_are_one_request(server: ChatServer) -> None:
    replies = answers_to(provider_of(server), *asks(2, k=3))
    assert sorted(request.document["n"] for request in server.requests) == [3, 3]
    assert len({reply.text for reply in replies}) == 6
    assert [reply.seeded for reply in replies] == [True, False, False] * 2
    assert all(reply.n_tokens == len(reply.text.split()) for reply in replies)


def test_the_tokens_of_each_are_unknown_where_only_their_sum_is() -> None:
    with ChatServer(ignores={"logprobs"}) as server:
        provider = provider_of(server)
        together = answers_to(provider, *asks(1, k=2))
        (alone,) = answers_to(provider, ask("Hello"))
    assert [(reply.n_tokens, reply.logprob) for reply in together] == [(None, None)] * 2
    assert (alone.n_tokens, alone.logprob) == (len(alone.text.split()), None)


def test_a_server_that_ignores_n() -> None:
    with ChatServer(ignores={"n"}) as server:
        provider = provider_of(server)
        first = answers_to(provider, *asks(1, k=3))
        assert [request.document.get("n", 1) for request in server.requests] == [3, 1, 1]
        answers_to(provider, *asks(1, k=2))
        assert [request.document.get("n", 1) for request in server.requests[3:]] == [1, 1]
    assert len({reply.text for reply in first}) == 3
    assert all(reply.seeded for reply in first)


def test_a_server_that_refuses_n() -> None:
    with ChatServer(refuses={"n"}) as server:
        provider = provider_of(server)
        first = answers_to(provider, *asks(1, k=3))
        answers_to(provider, *asks(1, k=2))
        assert [request.document.get("n", 1) for request in server.requests] == [3, 1, 1, 1, 1, 1]
    assert len({reply.text for reply in first}) == 3


def test_a_server_that_takes_n_up_to_a_number(server: ChatServer) -> None:
    provider = provider_of(server)
    answers_to(provider, *asks(1, k=2))
    server.script(status(400))
    replies = answers_to(provider, *asks(1, k=4))
    assert [request.document.get("n", 1) for request in server.requests] == [2, 4, 1, 1, 1, 1]
    assert len({reply.text for reply in replies}) == 4


def test_a_response_is_the_same_alone_and_among_others() -> None:
    with ChatServer(ignores={"n"}) as server:
        among = answers_to(provider_of(server), *asks(1, k=3))
        (alone,) = answers_to(provider_of(server), asks(1, k=3)[2])
    assert among[2].text == alone.text


def test_greedy_responses_are_asked_for_one_by_one(server: ChatServer) -> None:
    """Some servers refuse n with temperature 0. Twins are expected."""
    replies = answers_to(provider_of(server), *asks(1, k=3), sampling=GREEDY)
    assert len(server.requests) == 3
    assert len({reply.text for reply in replies}) == 1
    assert all(reply.seeded for reply in replies)


def test_twins_are_drawn_again_with_another_seed() -> None:
    """The server forgets all but the last bit of a seed."""

    def forgetful(handler: Handler, document: dict[str, Any]) -> None:
        handler.answer({**document, "seed": document["seed"] % 2})

    with ChatServer(refuses={"n"}, faults=[forgetful], fault_rate=1.0) as server:
        provider = provider_of(server)
        replies = answers_to(provider, ask("Hello", 2), ask("Hello", 4), ask("Hello", 3))
        seeds = [request.document["seed"] for request in server.requests]
    assert len(set(seeds)) == len(seeds) - 1  # the first one with n, and then without
    assert [reply.seeded for reply in replies].count(False) >= 1
    assert len(seeds) <= 4 + 2 * 2


def test_a_server_that_ignores_seeds_is_not_asked_for_ever() -> None:
    with ChatServer(ignores={"n", "seed"}) as server:
        provider = provider_of(server)
        replies = answers_to(provider, *asks(1, k=3))
        assert len(server.requests) == 3 + 2 * 2
        answers_to(provider, *asks(2, k=3))
        assert len(server.requests) == 7 + 6
    assert [reply.seeded for reply in replies] == [True, False, False]
    assert len({reply.text for reply in replies}) == 1


# What servers do not take


@pytest.mark.parametrize("refused", ["logprobs", "seed", "max_tokens", "stream_options"])
def test_what_a_server_refuses_is_left_out_from_then_on(refused: str) -> None:
    with ChatServer(refuses={refused}) as server:
        provider = provider_of(server)
        (reply,) = answers_to(provider, ask("Hello"))
        pieces, last = streamed(provider, ask("Hello"))
        before = len(server.requests)
        assert isinstance(answers_to(provider, ask("Hello again"))[0], Reply)
        assert isinstance(streamed(provider, ask("Hello again"))[1], Reply)
        assert len(server.requests) == before + 2
    assert reply.text == last.text == "".join(pieces)
    assert reply.seeded == last.seeded == (refused != "seed")
    assert (reply.logprob is None) == (last.logprob is None) == (refused == "logprobs")


def test_a_server_that_refuses_everything_that_can_be_left_out() -> None:
    with ChatServer(refuses={"n", "logprobs", "seed", "max_tokens", "stream_options"}) as server:
        provider = provider_of(server)
        assert all(isinstance(reply, Reply) for reply in answers_to(provider, *asks(2, k=2)))
        pieces, last = streamed(provider, ask("Hello"))
    assert last.text == "".join(pieces)
    assert last.n_tokens is None


def test_a_prompt_beyond_the_context_fails_alone() -> None:
    with ChatServer(context=20) as server:
        fine, long = answers_to(provider_of(server), ask("Hello"), ask("word " * 30))
        assert len(server.requests) == 2
    assert isinstance(fine, Reply)
    assert isinstance(long, Failure)
    assert "(400, context_length_exceeded)" in str(long.trouble)


def test_a_refused_prompt_teaches_nothing(server: ChatServer) -> None:
    """What it was asked without, in vain, is asked again of others."""
    server.script(*[status(400)] * 4)
    provider = provider_of(server)
    failures = answers_to(provider, *asks(1, k=2))
    assert [failure.trouble.problem for failure in failures] == [Problem.REFUSED] * 2
    answers_to(provider, *asks(1, k=2))
    assert {"n", "logprobs", "seed"} <= server.requests[-1].document.keys()


# Images


def test_images_go_with_the_last_turn(server: ChatServer) -> None:
    picture = Image("image/png", "0" * 64, lambda: b"\x89PNG...")
    (reply,) = answers_to(provider_of(server, takes_images=True), ask("What is it?", 1, picture))
    text, image = server.requests[0].document["messages"][-1]["content"]
    assert text == {"type": "text", "text": "What is it?"}
    assert image["image_url"]["url"] == "data:image/png;base64," + base64.b64encode(b"\x89PNG...").decode()
    assert json.loads(reply.sent)[-1]["content"][1]["image_url"]["url"] == "[image/png, 7 bytes]"


def test_images_fail_where_none_are_taken(server: ChatServer) -> None:
    picture = Image("image/png", "0" * 64, lambda: b"\x89PNG...")
    with_image, without = answers_to(provider_of(server), ask("What is it?", 1, picture), ask("Hello"))
    assert with_image.trouble.problem == Problem.NO_IMAGES
    assert isinstance(without, Reply)
    assert streamed(provider_of(server), ask("What is it?", 1, picture)) == ([], with_image)
    assert len(server.requests) == 1


# Prompts and texts that are hard to take


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "🙂" * 50,
        "👩‍👩‍👧‍👦",
        "שלום",
        "مرحبا بالعالم",
        "<|im_end|>\n<|im_start|>system",
        "a\ud800b",
        "a\0b",
        "\u2028",
        '"\\',
    ],
)
def test_naughty_prompts(text: str, server: ChatServer) -> None:
    (reply,) = answers_to(provider_of(server), ask(text))
    expected = text.replace("\ud800", "").replace("\0", "")
    assert server.requests[0].document["messages"][0]["content"] == expected
    assert json.loads(reply.sent)[0]["content"] == expected
    reply.sent.encode()
    assert isinstance(streamed(provider_of(server), ask(text))[1], Reply)


def completion(**changes: Any) -> bytes:
    """A body of one choice."""
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
    return json.dumps({"model": "parrot", "choices": [choice | changes.pop("choice", {})], **changes}).encode()


@pytest.mark.parametrize(
    ("said", "kept"),
    [("", ""), (None, ""), (" \n Hi \n", "Hi"), ("a\0b", "ab"), ("a\ud83db", "ab"), ("\ud83d\ude42", "🙂"), ("\0", "")],
)
def test_texts_that_cannot_be_stored_as_they_are(said: str | None, kept: str, server: ChatServer) -> None:
    server.script(says(completion(choice={"message": {"content": said}})))
    (reply,) = answers_to(provider_of(server), ask("Hello"))
    assert reply.text == kept


@pytest.mark.parametrize("reason", ["x" * 17, "Ω", 7, "STOP!", {"a": 1}])
def test_finish_reasons_that_are_none(reason: Any) -> None:
    (choice,) = read_completion(completion(choice={"finish_reason": reason})).choices
    assert choice.finish_reason == ("other" if isinstance(reason, str) else "")


@pytest.mark.parametrize(
    "usage", [None, [], {}, {"prompt_tokens": -1}, {"completion_tokens": 2**40}, {"prompt_tokens": "3"}]
)
def test_counts_that_are_none(usage: Any) -> None:
    read = read_completion(completion(usage=usage))
    assert (read.n_prompt_tokens, read.n_tokens) == (None, None)


@pytest.mark.parametrize(
    "content", [None, [], [{"logprob": None}], [{"logprob": float("nan")}], [{"logprob": 10**400}], ["a"], "ab", 7]
)
def test_log_probabilities_that_are_none(content: Any) -> None:
    (choice,) = read_completion(completion(choice={"logprobs": {"content": content}})).choices
    assert choice.logprobs == []


# Errors


def problem_of(answer: Any) -> Problem:
    assert SECRET not in str(answer.trouble)
    problem: Problem = answer.trouble.problem
    return problem


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (status(408), Problem.SERVER_ERROR),
        (status(409), Problem.SERVER_ERROR),
        (status(425), Problem.SERVER_ERROR),
        (status(500), Problem.SERVER_ERROR),
        (status(502), Problem.SERVER_ERROR),
        (status(529), Problem.SERVER_ERROR),
        (closes, Problem.BROKEN_OFF),
        (half_body, Problem.BROKEN_OFF),
        (not_json, Problem.NOT_UNDERSTOOD),
        (wrong_shape, Problem.NOT_UNDERSTOOD),
        (no_choices, Problem.NOT_UNDERSTOOD),
        (says(b""), Problem.NOT_UNDERSTOOD),
        (says(b"[" * 100_000), Problem.NOT_UNDERSTOOD),
        (says(b"1" * 5_000), Problem.NOT_UNDERSTOOD),
        (says(b"\xff\xfe\xff"), Problem.NOT_UNDERSTOOD),
        (says(b'{"error": {"message": "no"}}'), Problem.NOT_UNDERSTOOD),
    ],
)
def test_setbacks_are_of_one_ask(fault: Fault, problem: Problem, server: ChatServer) -> None:
    server.script(fault)
    first, *others = answers_to(provider_of(server), *asks(3))
    assert isinstance(first, Setback)
    assert not first.for_all
    assert problem_of(first) == problem
    assert [type(other) for other in others] == [Reply, Reply]


@pytest.mark.parametrize("code", [429, 503])
def test_a_server_without_patience_is_left_alone(code: int, server: ChatServer) -> None:
    server.script(None, status(code, retry_after="7"))
    found = answers_to(provider_of(server), *asks(5))
    assert isinstance(found[0], Reply)
    assert isinstance(found[1], Setback)
    assert (found[1].retry_after, found[1].for_all) == (7.0, True)
    assert found[2:] == [None] * 3
    assert len(server.requests) == 2


def test_what_is_under_way_meanwhile_is_kept(server: ChatServer) -> None:
    both_asked = threading.Barrier(2, timeout=10)

    def throttles(handler: Handler, document: dict[str, Any]) -> None:
        both_asked.wait()
        status(429)(handler, document)

    def answers(handler: Handler, document: dict[str, Any]) -> None:
        both_asked.wait()
        handler.answer(document)

    server.script(throttles, answers)
    found = answers_to(provider_of(server, concurrency=2), *asks(50))
    assert {type(answer) for answer in found if answer} >= {Setback, Reply}
    assert len(server.requests) == len([answer for answer in found if answer]) <= 4


def test_a_server_that_is_not_there() -> None:
    with ChatServer() as server:
        gone = provider_of(server)
    first, *rest = answers_to(gone, *asks(3))
    assert problem_of(first) == Problem.NO_ANSWER
    assert first.for_all
    assert rest == [None, None]


def test_a_server_that_is_slow(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(outbound.TIMEOUTS, "read", 0.1)
    server.script(hangs)
    slow, fine = answers_to(provider_of(server), *asks(2))
    assert problem_of(slow) == Problem.TOO_SLOW
    assert not slow.for_all
    assert isinstance(fine, Reply)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (status(401), Problem.NO_ACCESS),
        (status(402), Problem.NO_ACCESS),
        (status(404), Problem.NO_SUCH_MODEL),
        (redirects("http://127.0.0.1:1/"), Problem.REDIRECTED),
    ],
)
def test_what_makes_a_model_unavailable(fault: Fault, problem: Problem, server: ChatServer) -> None:
    server.script(fault, fault)
    provider = provider_of(server)
    with pytest.raises(ModelUnavailable) as raised:
        answers_to(provider, ask("Hello"))
    assert raised.value.trouble.problem == problem
    with pytest.raises(ModelUnavailable) as raised:
        streamed(provider, ask("Hello"))
    assert problem_of(raised.value) == problem


def test_what_one_prompt_is_refused_is_not_refused_to_all(server: ChatServer) -> None:
    """Some servers answer a prompt that they will not touch with 403, or lose a model among many for a moment."""
    server.script(None, status(403), status(404))
    replies = answers_to(provider_of(server), *asks(5))
    assert [type(reply) for reply in replies].count(Reply) == 3
    assert {problem_of(one) for one in replies if isinstance(one, Failure)} == {Problem.NO_ACCESS, Problem.REFUSED}


def test_a_key_that_stops_working_is_waited_for(server: ChatServer) -> None:
    """A budget may be filled up again."""
    server.script(None, status(402))
    first, second, *_rest = answers_to(provider_of(server), *asks(5))
    assert isinstance(first, Reply)
    assert isinstance(second, Setback)
    assert second.for_all


def test_keys_and_models_that_a_server_does_not_know() -> None:
    with ChatServer(key="right") as server:
        with pytest.raises(ModelUnavailable, match="refuses the key"):
            answers_to(provider_of(server, key="wrong"), ask("Hello"))
        with pytest.raises(ModelUnavailable, match="knows no model “cuckoo”"):
            answers_to(provider_of(server, key="right", model="cuckoo"), ask("Hello"))
        assert isinstance(answers_to(provider_of(server, key="right"), ask("Hello"))[0], Reply)


@pytest.mark.parametrize("key", ["a b", "a\nX: y", "ключ", "\x7f"])
def test_keys_that_are_none(key: str, server: ChatServer) -> None:
    with pytest.raises(ModelUnavailable, match="no key has") as raised:
        provider_of(server, key=key)
    assert key not in str(raised.value)


@pytest.mark.parametrize("code", [400, 413, 422, 405, 451])
def test_a_refused_prompt(code: int, server: ChatServer) -> None:
    server.script(None, *[status(code, kind="content_filter")] * (3 if code in (400, 422) else 1))
    provider = provider_of(server)
    answers_to(provider, ask("Hello"))
    (failure,) = answers_to(provider, ask("Bad"))
    assert isinstance(failure, Failure)
    assert f"({code}, content_filter)" in str(failure.trouble)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"error": {"code": "context_length_exceeded", "type": "x"}}', "context_length_exceeded"),
        (b'{"error": {"code": 400, "type": "invalid_request_error"}}', "invalid_request_error"),
        (b'{"error": {"code": "root:x:0:0", "type": "Hello World"}}', ""),
        (b'{"error": {"code": "' + b"a" * 65 + b'"}}', ""),
        (b'{"error": {"code": "a\\nb"}}', ""),
        (b'{"error": "a_word"}', ""),
        (b'{"detail": []}', ""),
        (b"[]", ""),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_one_word_of_an_error_is_shown_at_most(body: bytes, word: str) -> None:
    assert error_code(body) == word


def test_retry_after() -> None:
    assert retry_after("0") == 0
    assert retry_after("1.5") == 1.5
    assert retry_after("999999999") == 3600
    for nonsense in ("", "soon", "-5", "١٢", "1e9", "nan", "9" * 100):
        assert retry_after(nonsense) is None
    inside_a_minute = retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True))
    assert inside_a_minute == pytest.approx(59.5, abs=1)
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("Wed, 21 Oct 2015 07:28:00 -0000") == 0
    assert retry_after("Fri, 31 Dec 9999 23:59:59 GMT") == 3600
    assert retry_after("Mon, 20 Nov 99999999999999999999 08:00:00 GMT") is None
    assert retry_after("Mon, 20 Nov 2026 08:00:00 +99999999999999999999") is None


@given(st.text())
def test_retry_after_of_anything(header: str) -> None:
    assert 0 <= (retry_after(header) or 0) <= 3600


def test_every_ask_is_answered_in_the_end_whatever_passes() -> None:
    """As whoever calls the provider does it: what met with a setback is asked again."""
    asked = asks(40, k=2)
    with ChatServer(faults=PASSING_FAULTS, fault_rate=0.3, fault_seed=5) as server:
        provider = provider_of(server, concurrency=8)
        texts = set()
        n_setbacks = 0
        while asked:
            for one, answer in provider.generate(taking(list(asked)), LIVELY, nothing):
                n_setbacks += isinstance(answer, Setback)
                if isinstance(answer, Reply):
                    texts.add(answer.text)
                    asked.remove(one)
    assert n_setbacks > 5
    assert len(texts) == 80


def test_a_connection_that_is_dropped_between_requests(server: ChatServer) -> None:
    server.script(*[drops_keep_alive] * 20)
    assert all(isinstance(answer, Reply) for answer in answers_to(provider_of(server, concurrency=2), *asks(40)))


# Leaving off


def test_whoever_waits_is_heard_of_often(server: ChatServer) -> None:
    server.script(hangs)
    heard: list[float] = []

    def alive() -> None:
        assert threading.current_thread() is threading.main_thread()
        heard.append(time.monotonic())
        if len(heard) == 4:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        list(provider_of(server).generate(taking(asks(1)), LIVELY, alive))
    assert max(later - sooner for sooner, later in itertools.pairwise(heard)) < 1


def begin_generating(provider: Server) -> Iterator[Any]:
    return provider.generate(taking(asks(20)), LIVELY, nothing)


def begin_streaming(provider: Server) -> Iterator[Any]:
    return provider.stream(ask("Hello"), LIVELY, nothing)


@pytest.mark.parametrize("begin", [begin_generating, begin_streaming])
def test_leaving_off_ends_what_is_under_way(begin: Callable[[Server], Iterator[Any]], server: ChatServer) -> None:
    hung_up = threading.Event()

    def watches(handler: Handler, _document: dict[str, Any]) -> None:
        try:
            handler.send_stream([b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n'], whole=False)
            handler.connection.recv(1)
        finally:  # that, or an error, if the client went while it was spoken to
            hung_up.set()

    first = begin is begin_generating
    server.script(*([None] if first else []), watches)
    found = begin(provider_of(server))
    next(found)
    wait_until(lambda: len(server.requests) == 1 + first, "the request that is watched")
    began = time.monotonic()
    found.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 1
    assert hung_up.wait(5)
    assert len(server.requests) == 1 + first


def test_threads_end_with_what_they_were_for(server: ChatServer) -> None:
    def chatting() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name.startswith("chat")]

    server.script(*[hangs] * 8)
    found = provider_of(server, concurrency=4).generate(taking(asks(20)), LIVELY, nothing)
    waiting = threading.Thread(target=partial(next, found, None), daemon=True)
    waiting.start()
    wait_until(lambda: len(server.requests) == 4, "four requests")
    server.stopping.set()
    waiting.join(5)
    found.close()  # type: ignore[attr-defined]
    wait_until(lambda: not chatting(), "their end", patience=5)


# Streams


def test_a_stream_says_what_a_reply_says(server: ChatServer) -> None:
    pieces, last = streamed(provider_of(server), ask("Hello"))
    (reply,) = answers_to(provider_of(server), ask("Hello"))
    assert len(pieces) > 3
    assert "".join(pieces) == last.text
    assert server.requests[0].document["stream"] is True
    assert last == Reply(**{**vars(reply), "seconds": last.seconds})


def event(content: str | None = None, **more: Any) -> bytes:
    delta = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": delta, "finish_reason": more.pop("finish", None)}
    return b"data: " + json.dumps({"choices": [choice], **more}, ensure_ascii=False).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def test_what_else_there_is_in_a_stream(server: ChatServer) -> None:
    server.script(
        streams(
            b": keep-alive\n\n",
            b"\xef\xbb\xbf: \n",
            b"retry: 10\nid: 7\nevent: message\n\n",
            event("Hel").replace(b"\n", b"\r\n"),
            event("lo").replace(b"\n", b"\r"),
            b'data: {"choices":\ndata: [{"delta": {"content": "!"}}]}\n\n',
            event(None),
            b'data: {"choices": null}\n\n',
            event(None, finish="stop"),
            DONE,
            b"data: nobody reads on\n\n",
        )
    )
    pieces, last = streamed(provider_of(server), ask("Hello"))
    assert pieces == ["Hel", "lo", "!"]
    assert (last.text, last.finish_reason, last.n_tokens) == ("Hello!", "stop", None)


def test_a_stream_may_end_without_saying_so(server: ChatServer) -> None:
    server.script(streams(event("Hi"), event(finish="length")))
    assert streamed(provider_of(server), ask("Hello"))[1].finish_reason == "length"


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (half_stream, Problem.BROKEN_OFF),
        (streams(event("Hi")), Problem.BROKEN_OFF),
        (streams(event("Hi"), DONE), Problem.BROKEN_OFF),
        (streams(event("Hi"), event(finish="stop")[:-9]), Problem.BROKEN_OFF),
        (streams(), Problem.BROKEN_OFF),
        (closes, Problem.BROKEN_OFF),
        (streams(event("Hi"), f"data: {SECRET}\n\n".encode()), Problem.NOT_UNDERSTOOD),
        (streams(b'data: {"choices": [{"text": "Hi"}]}\n\n'), Problem.NOT_UNDERSTOOD),
        (streams(b'data: {"choices": 7}\n\n'), Problem.NOT_UNDERSTOOD),
        (streams(b'data: {"choices": [null]}\n\n'), Problem.NOT_UNDERSTOOD),
        (streams(b"data: []\n\n"), Problem.NOT_UNDERSTOOD),
        (streams(b"data: " + b"x" * 2**21), Problem.NOT_UNDERSTOOD),
        (says(completion()), Problem.NOT_UNDERSTOOD),
        (streams(event("Hi"), b'data: {"error": "%s"}\n\n' % SECRET.encode()), Problem.BROKEN_OFF),
        (streams(b'data: {"error": {"code": 500, "message": "%s"}}\n\n' % SECRET.encode()), Problem.SERVER_ERROR),
        (streams(b'data: {"error": {"code": "overloaded"}}\n\n'), Problem.BROKEN_OFF),
        (status(500), Problem.SERVER_ERROR),
        (status(429), Problem.THROTTLED),
    ],
)
def test_streams_that_go_wrong(fault: Fault, problem: Problem, server: ChatServer) -> None:
    server.script(fault)
    pieces, last = streamed(provider_of(server), ask("Hello"))
    assert isinstance(last, Setback)
    assert problem_of(last) == problem
    assert SECRET not in "".join(pieces)


def test_a_stream_of_a_prompt_beyond_the_context() -> None:
    with ChatServer(context=5) as server:
        pieces, last = streamed(provider_of(server), ask("word " * 30))
    assert pieces == []
    assert isinstance(last, Failure)


class Cut:
    """A stream that comes in pieces."""

    status = 200
    headers = {"content-type": "text/event-stream"}

    def __init__(self, whole: bytes, cuts: list[int]) -> None:
        places = [0, *sorted(cut % (len(whole) + 1) for cut in cuts), len(whole)]
        self.parts = [whole[start:end] for start, end in itertools.pairwise(places)]

    def pieces(self) -> Iterator[bytes]:
        return iter(self.parts)


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=6),
    st.lists(st.integers(0, 10_000), max_size=12),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
def test_where_a_stream_is_cut_does_not_matter(texts: list[str], cuts: list[int], newline: bytes) -> None:
    whole = b"".join(b": ping\n\n" + event(text) for text in texts) + DONE
    cut: Any = Cut(whole.replace(b"\n", newline), cuts)
    choice = Choice()
    pieces = [choice.add(part, "delta") for chunk in chunks(cut) for part in chunk["choices"]]
    assert pieces == [text.replace("\0", "") for text in texts]


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_anything_may_come_in_a_stream(whole: bytes, cuts: list[int]) -> None:
    cut: Any = Cut(b"data: " + whole + b"\n\n", cuts)
    with contextlib.suppress(NotUnderstood):
        assert all(isinstance(chunk, dict) for chunk in chunks(cut))


KEYS = ["choices", "message", "content", "finish_reason", "logprobs", "logprob", "usage", "prompt_tokens", "model"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_anything_may_come_in_a_body(document: Any) -> None:
    try:
        read = read_completion(json.dumps(document).encode())
    except NotUnderstood:
        return
    for choice in read.choices:
        reply = read.reply(choice, "", 0.0, seeded=True)
        reply.text.encode()
        reply.revision.encode()
