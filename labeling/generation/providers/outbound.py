"""HTTP to addresses that people type in.

A host is resolved once for each connection, and the connection goes to an address that was checked: where the name
leads a moment later does not matter. Redirects are not followed, proxies are not looked for, and nothing that a
server sends gets into an error's words.
"""

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import quote, urlsplit
from weakref import WeakSet

import httpcore2
from django.conf import settings

from labeling.generation.problems import Problem, Trouble
from labeling.generation.providers.base import Failure, ModelUnavailable, Setback
from labeling.generation.texts import storable

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 300.0
"""Of silence."""
LONGEST = 3600.0
"""From a request to the end of its answer, however steadily that drips."""
MOST_BYTES = 32 * 2**20
"""Of one answer."""
TIMEOUTS = {"connect": CONNECT_TIMEOUT, "read": READ_TIMEOUT, "write": READ_TIMEOUT}

GLOBAL_UNICAST = ip_network("2000::/3")
NAT64 = ip_network("64:ff9b::/96")
NOT_PUBLIC = [
    ip_network("168.63.129.16/32"),  # Azure's metadata, on an address that is global otherwise
    ip_network("192.0.0.0/24"),
    ip_network("192.88.99.0/24"),
    ip_network("2001::/23"),  # Teredo and its kin: an IPv4 address inside
    ip_network("2002::/16"),  # 6to4: likewise
    ip_network("3fff::/20"),
]
"""What Python 3.11 calls global, and is not, or not anybody's."""

NEVER_IN_ADDRESSES = re.compile(r"[\s\x00-\x1f\x7f\\?#]")

Address = IPv4Address | IPv6Address
Headers = Mapping[str | bytes, str | bytes]

tls_context = lru_cache(maxsize=1)(httpcore2.default_ssl_context)


class NoAnswer(Exception):
    """What is to be said instead of a reply."""

    def __init__(self, answer: Failure | Setback) -> None:
        self.answer = answer
        super().__init__(str(answer.trouble))


def setback(problem: Problem, for_all: bool = False, **detail: Any) -> NoAnswer:
    return NoAnswer(Setback(Trouble(problem, detail), for_all=for_all))


def parse_address(address: str) -> httpcore2.URL:
    """Of a server: http or https, a host, perhaps a port and a path. Raises ModelUnavailable."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").encode("idna"), parts.port
        path = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~")
    except ValueError:
        host = b""
    if not host or port == 0 or parts.scheme not in ("http", "https") or "@" in parts.netloc:
        host = b""
    if not host or NEVER_IN_ADDRESSES.search(address):
        raise ModelUnavailable(Problem.NOT_AN_ADDRESS, address=storable(address)[:200])
    return httpcore2.URL(scheme=parts.scheme, host=host, port=port, target=path)


def is_allowed(address: Address) -> bool:
    """Whether it is a public unicast address, or the operator lets models be there."""
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if address in NAT64:
        address = IPv4Address(int(address) & 0xFFFF_FFFF)
    if any(address in network for network in settings.MODEL_NETWORKS):
        return True
    is_unicast = not address.is_multicast if address.version == 4 else address in GLOBAL_UNICAST
    return address.is_global and is_unicast and not any(address in network for network in NOT_PUBLIC)


def allowed_addresses(host: str, port: int) -> list[Address]:
    """Where the host is, as far as we may go there. Raises ModelUnavailable, NoAnswer."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise setback(Problem.NO_SUCH_HOST, for_all=True, host=host) from None
    addresses = [ip_address(sockaddr[0]) for *_rest, sockaddr in found]
    if allowed := [address for address in addresses if is_allowed(address)]:
        return allowed
    raise ModelUnavailable(Problem.REFUSED_ADDRESS, host=host, address=str(addresses[0]))


class Network(httpcore2.NetworkBackend):
    """Connects to allowed addresses, and can cut all its connections from another thread."""

    def __init__(self) -> None:
        self.is_cut = False
        self._streams: WeakSet[Stream] = WeakSet()
        self._lock = threading.Lock()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> "Stream":
        addresses = allowed_addresses(host, port)
        each = CONNECT_TIMEOUT / len(addresses)
        for place, address in enumerate(addresses, 1):
            try:
                stream = httpcore2.SyncBackend().connect_tcp(str(address), port, each, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if place == len(addresses):
                    raise
            else:
                break
        return Stream(self, stream)

    def hold(self, stream: "Stream") -> None:
        with self._lock:
            self._streams.add(stream)
            if self.is_cut:
                stream.cut()

    def cut(self) -> None:
        with self._lock:
            self.is_cut = True
            for stream in self._streams:
                stream.cut()


class Stream(httpcore2.NetworkStream):
    """A connection with an end to its patience. Cutting it wakes the thread that waits for it, which then closes it."""

    def __init__(self, network: Network, stream: httpcore2.NetworkStream) -> None:
        self._network = network
        self._stream = stream
        self._asked = time.monotonic()
        network.hold(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if time.monotonic() - self._asked > LONGEST:
            raise httpcore2.ReadTimeout
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._asked = time.monotonic()
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "Stream":
        self._stream = self._stream.start_tls(ssl_context, server_hostname, timeout)
        self._network.hold(self)
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def cut(self) -> None:
        with suppress(OSError):
            # Not SSLSocket's own shutdown: after that, what another thread still writes would go out in the clear.
            socket.socket.shutdown(self._stream.get_extra_info("socket"), socket.SHUT_RDWR)


class Answered:
    """An answer whose head has come."""

    def __init__(self, host: str, response: httpcore2.Response) -> None:
        self._host = host
        self._response = response
        self.status = response.status
        self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}

    def pieces(self) -> Iterator[bytes]:
        """Raises NoAnswer beyond MOST_BYTES."""
        n_bytes = 0
        for piece in self._response.iter_stream():
            n_bytes += len(piece)
            if n_bytes > MOST_BYTES:
                raise setback(Problem.NOT_UNDERSTOOD, host=self._host)
            yield piece

    def read(self) -> bytes:
        return b"".join(self.pieces())


class Client:
    """Up to `connections` connections to one server, for as many threads."""

    def __init__(self, url: httpcore2.URL, connections: int) -> None:
        self._url = url
        name = url.host.decode()
        self.host = (f"[{name}]" if ":" in name else name) + (f":{url.port}" if url.port else "")
        self._network = Network()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls_context(), max_connections=connections, network_backend=self._network
        )

    def close(self) -> None:
        """At once: what threads still wait for ends in NoAnswer, and each closes its own connection."""
        self._network.cut()
        for connection in self._pool.connections:
            if connection.is_idle():
                connection.close()

    @contextmanager
    def post(self, path: str, body: bytes, headers: Headers) -> Iterator[Answered]:
        """Raises NoAnswer, also out of the block that reads the answer, and ModelUnavailable."""
        try:
            response = self._send(path, body, headers)
            try:
                if 300 <= response.status < 400:
                    raise ModelUnavailable(Problem.REDIRECTED, host=self.host, status=response.status)
                yield Answered(self.host, response)
            finally:
                response.close()
        except httpcore2.ConnectTimeout:
            raise setback(Problem.TOO_SLOW, for_all=True, host=self.host, seconds=int(CONNECT_TIMEOUT)) from None
        except httpcore2.TimeoutException:
            raise setback(Problem.TOO_SLOW, host=self.host, seconds=int(READ_TIMEOUT)) from None
        except httpcore2.ConnectError as error:
            raise setback(Problem.NO_ANSWER, for_all=True, host=self.host, why=reason(error)) from None
        except (httpcore2.NetworkError, httpcore2.RemoteProtocolError):
            raise setback(Problem.BROKEN_OFF, host=self.host) from None

    def _send(self, path: str, body: bytes, headers: Headers) -> httpcore2.Response:
        url = httpcore2.URL(
            scheme=self._url.scheme, host=self._url.host, port=self._url.port, target=self._url.target + path.encode()
        )
        whole = {**headers, "Host": self.host, "User-Agent": "Concord", "Content-Length": str(len(body))}
        while True:
            steps: list[str] = []
            trace = {"trace": lambda step, _info, steps=steps: steps.append(step)}
            request = httpcore2.Request(
                "POST", url, headers=whole, content=body, extensions={"timeout": TIMEOUTS, **trace}
            )
            try:
                return self._pool.handle_request(request)
            except (httpcore2.ReadError, httpcore2.WriteError, httpcore2.RemoteProtocolError):
                # Servers drop kept-alive connections as they please: that says nothing about this request.
                if "connection.connect_tcp.started" in steps or self._network.is_cut:
                    raise


def reason(error: httpcore2.ConnectError) -> str:
    """In the system's words, or of what is wrong with a certificate."""
    (cause,) = error.args
    return getattr(cause, "verify_message", None) or cause.strerror or type(cause).__name__
