"""A chat-completions server on loopback, with whatever faults a test wants of it.

A text depends on the messages and the seed alone, so whoever asks twice gets it twice:

    with ChatServer() as server:
        server.script(status(429, retry_after="7"), None, half_body)  # the second of three is answered
        ...
        server.requests  # what was asked
"""

import hashlib
import json
import random
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Document = dict[str, Any]
Fault = Callable[["Handler", Document], None]
"""What happens instead of an answer."""

WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "jetty", "knoll", "larch"]


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    """With names in lower case."""
    document: Document
    connection: int
    """The client's port: requests of one connection have the same."""


class ChatServer:
    def __init__(
        self,
        *,
        model: str = "parrot",
        key: str = "",
        context: int = 4096,
        ignores: Collection[str] = (),
        refuses: Collection[str] = (),
        faults: Sequence[Fault] = (),
        fault_rate: float = 0.0,
        fault_seed: int = 0,
        latency: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """
        ignores: of "n", "seed" (the text is the same whatever it is), "logprobs", "stream_options".
        refuses: fields that are answered with 400; "max_tokens" with a hint at max_completion_tokens.
        context: the most words of a prompt; 400 beyond it.
        fault_rate: the share of requests that get one of `faults`, drawn by a generator seeded with `fault_seed`.
        latency: seconds that every answer takes.
        """
        self.model, self.key, self.context, self.latency = model, key, context, latency
        self.ignores, self.refuses = set(ignores), set(refuses)
        self.requests: list[Request] = []
        self.most_under_way = 0
        self.stopping = threading.Event()
        self._under_way = 0
        self._faults, self._fault_rate, self._random = list(faults), fault_rate, random.Random(fault_seed)
        self._script: deque[Fault | None] = deque()
        self._lock = threading.Lock()
        self._server = Loopback(("127.0.0.1", 0), Handler)
        self._server.chat = self
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def script(self, *faults: Fault | None) -> None:
        """For the next requests, one each; None is an answer."""
        with self._lock:
            self._script.extend(faults)

    def took(self, request: Request) -> Fault | None:
        with self._lock:
            self.requests.append(request)
            if self._script:
                return self._script.popleft()
            if self._faults and self._random.random() < self._fault_rate:
                return self._random.choice(self._faults)
            return None

    def under_way(self, change: int) -> None:
        with self._lock:
            self._under_way += change
            self.most_under_way = max(self.most_under_way, self._under_way)

    def words(self, document: Document, place: int) -> list[str]:
        """The words of a choice. The first one is a name for prompt and seed."""
        seed = 0 if "seed" in self.ignores or document.get("temperature") == 0 else document.get("seed", 0) + place
        drawn = random.Random(f"{seed}:{json.dumps(document['messages'])}")
        name = hashlib.sha256(f"{seed}:{json.dumps(document['messages'])}".encode()).hexdigest()[:12]
        return [name, *drawn.choices(WORDS, k=drawn.randrange(3, 30))]


class Loopback(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    chat: ChatServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Loopback

    def log_message(self, *_arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.send_json(200, {"object": "list", "data": [{"id": self.server.chat.model, "object": "model"}]})

    def do_POST(self) -> None:
        chat = self.server.chat
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = chat.took(Request(self.path, headers, document, self.client_address[1]))
        chat.under_way(+1)
        try:
            time.sleep(chat.latency)
            if fault:
                fault(self, document)
            else:
                self.answer(document)
        finally:
            chat.under_way(-1)

    def answer(self, document: Document) -> None:
        chat = self.server.chat
        refused = sorted(chat.refuses & document.keys())
        if chat.key and self.headers["Authorization"] != f"Bearer {chat.key}":
            self.send_error_object(401, "invalid_api_key")
        elif document["model"] != chat.model or self.path != "/v1/chat/completions":
            self.send_error_object(404, "model_not_found")
        elif "max_tokens" in refused:
            self.send_error_object(400, "unsupported_parameter", "Use 'max_completion_tokens' instead.")
        elif refused:
            self.send_error_object(400, "unsupported_parameter", f"{refused} not supported")
        elif len(json.dumps(document["messages"]).split()) > chat.context:
            self.send_error_object(400, "context_length_exceeded")
        elif document.get("stream"):
            self.send_stream(self.stream_events(document))
        else:
            self.send_json(200, self.completion(document))

    def completion(self, document: Document) -> Document:
        n = 1 if "n" in self.server.chat.ignores else document.get("n", 1)
        choices = []
        for place in range(n):
            words, reason, logprobs = self.drawn(document, place)
            message = {"role": "assistant", "content": " ".join(words)}
            choices.append({"index": place, "message": message, "finish_reason": reason, "logprobs": logprobs})
        total = sum(len(choice["message"]["content"].split()) for choice in choices)
        return {
            "id": "c",
            "object": "chat.completion",
            "model": document["model"],
            "system_fingerprint": "fp_1",
            "choices": choices,
            "usage": self.usage(document, total),
        }

    def drawn(self, document: Document, place: int) -> tuple[list[str], str, Document | None]:
        words = self.server.chat.words(document, place)
        limit: int = document.get("max_tokens") or document["max_completion_tokens"]
        reason = "length" if len(words) > limit else "stop"
        wanted = document.get("logprobs") and "logprobs" not in self.server.chat.ignores
        words = words[:limit]
        return words, reason, {"content": [{"token": word, "logprob": -0.5} for word in words]} if wanted else None

    def usage(self, document: Document, n_tokens: int) -> Document:
        n_prompt = len(json.dumps(document["messages"]).split())
        return {"prompt_tokens": n_prompt, "completion_tokens": n_tokens, "total_tokens": n_prompt + n_tokens}

    def stream_events(self, document: Document) -> list[bytes]:
        words, reason, logprobs = self.drawn(document, 0)
        head = {"id": "c", "object": "chat.completion.chunk", "model": document["model"], "system_fingerprint": "fp_1"}
        deltas: list[Document] = [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]
        for place, word in enumerate(words):
            delta = {"content": word if place == 0 else f" {word}"}
            said = {"content": [logprobs["content"][place]]} if logprobs else None
            deltas.append({"index": 0, "delta": delta, "finish_reason": None, "logprobs": said})
        deltas.append({"index": 0, "delta": {}, "finish_reason": reason})
        events: list[Document] = [{**head, "choices": [delta]} for delta in deltas]
        if document.get("stream_options", {}).get("include_usage") and "stream_options" not in self.server.chat.ignores:
            events.append({**head, "choices": [], "usage": self.usage(document, len(words))})
        return [*(f"data: {json.dumps(event)}\n\n".encode() for event in events), b"data: [DONE]\n\n"]

    def send_error_object(self, code: int, kind: str, message: str = "") -> None:
        self.send_json(code, {"error": {"message": message or SECRET, "type": "invalid_request_error", "code": kind}})

    def send_json(self, code: int, document: Any, **headers: str) -> None:
        self.send_bytes(code, json.dumps(document).encode(), **headers)

    def send_bytes(self, code: int, body: bytes, n_promised: int | None = None, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if n_promised is None else n_promised))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self._headers_buffer.append(b"\r\n" + body)  # type: ignore[attr-defined]
        self.flush_headers()

    def send_stream(self, pieces: Sequence[bytes], whole: bool = True) -> None:
        """In chunks. Where it is not whole, the connection ends after them."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if whole:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = not whole


SECRET = "the body of an error, which nobody is to see"


def status(code: int, *, kind: str = "", retry_after: str = "") -> Fault:
    def fault(handler: Handler, _document: Document) -> None:
        headers = {"Retry_After": retry_after} if retry_after else {}
        handler.send_json(code, {"error": {"message": SECRET, "type": kind, "code": None}}, **headers)

    return fault


def says(body: bytes) -> Fault:
    """200 with this body."""
    return lambda handler, _document: handler.send_bytes(200, body)


def streams(*pieces: bytes, whole: bool = True) -> Fault:
    return lambda handler, _document: handler.send_stream(pieces, whole)


def redirects(to: str) -> Fault:
    return lambda handler, _document: handler.send_bytes(307, SECRET.encode(), Location=to)


def closes(handler: Handler, _document: Document) -> None:
    handler.close_connection = True


def half_body(handler: Handler, document: Document) -> None:
    body = json.dumps(handler.completion(document)).encode()
    handler.send_bytes(200, body[: len(body) // 2], n_promised=len(body))
    handler.close_connection = True


def half_stream(handler: Handler, document: Document) -> None:
    handler.send_stream(handler.stream_events(document)[:3], whole=False)


def drops_keep_alive(handler: Handler, document: Document) -> None:
    """Answers, and then closes the connection although it promised not to."""
    handler.answer(document)
    handler.close_connection = True


def hangs(handler: Handler, _document: Document) -> None:
    """Says nothing until the server stops."""
    handler.server.chat.stopping.wait()
    handler.close_connection = True


not_json = says(SECRET.encode())
wrong_shape = says(json.dumps({"choices": [{"text": SECRET}]}).encode())
no_choices = says(b'{"choices": []}')

PASSING_FAULTS = (status(500), status(502), closes, half_body, not_json, wrong_shape)
"""Such as go by when the same is asked again."""
