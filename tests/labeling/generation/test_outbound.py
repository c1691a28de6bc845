"""Where a request may go, and what is said when it does not get there."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import httpcore2
import pytest

from labeling.generation.problems import Problem
from labeling.generation.providers import ModelUnavailable, outbound
from labeling.generation.providers.outbound import Client, NoAnswer, is_allowed, parse_address, tls_context
from tests.chat_server import SECRET, ChatServer, Fault, closes, half_body, hangs, redirects, says, status
from tests.config.test_settings import load
from tests.waiting import wait_until

LOOPBACK = [ip_network("127.0.0.0/8")]

NAMES = {
    "localhost.": ["127.0.0.1"],
    "sub.localhost": ["127.0.0.1", "::1"],
    "ip6-localhost": ["::1"],
    "127.0.0.1.nip.io": ["127.0.0.1"],
    "localtest.me": ["127.0.0.1", "::1"],
    "intranet.example": ["10.1.2.3", "192.168.1.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "metadata": ["169.254.169.254"],
    "instance-data.ec2.internal": ["169.254.169.254", "fd00:ec2::254"],
    "metadata.azure.internal": ["168.63.129.16"],
    "metadata.oraclecloud.com": ["192.0.0.192"],
    "mapped.example": ["::ffff:127.0.0.1"],
}
"""What a resolver would say; numbers are left to the real one, as it knows all their spellings."""

REFUSED = [
    *NAMES,
    "localhost",
    "LOCALHOST",
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7F.1",
    "0177.0.0.1",
    "0177.0.0x0.1",
    "0000177.0.0.1",
    "0.0.0.0",  # noqa: S104
    "0",
    "00000000",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.170.2",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[4000::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
]

real_getaddrinfo = socket.getaddrinfo


def resolve_by(monkeypatch: pytest.MonkeyPatch, table: Callable[[str], list[str] | None]) -> None:
    """Names are what `table` says."""

    def getaddrinfo(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return [
            answer
            for address in table(name) or [name]
            for answer in real_getaddrinfo(address, port, *arguments, **options)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that connections were made to, or tried."""
    made: list[str] = []
    plainly = httpcore2.SyncBackend.connect_tcp

    def connect_tcp(self: Any, host: str, *arguments: Any, **options: Any) -> Any:
        made.append(host)
        if not ip_address(host).is_loopback:
            raise httpcore2.ConnectError(OSError(113, "No route to host"))
        return plainly(self, host, *arguments, **options)

    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", connect_tcp)
    return made


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """On every address of this machine, of both families; it accepts nobody by itself."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        listener.setblocking(False)
        yield listener


def n_connections(listener: socket.socket) -> int:
    n = 0
    while True:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return n
        n += 1


def ask(address: str) -> tuple[int, bytes]:
    client = Client(parse_address(address), 1)
    try:
        with client.post("/chat/completions", b"{}", {}) as answered:
            return answered.status, answered.read()
    finally:
        client.close()


def trouble_with(address: str) -> Any:
    with pytest.raises((NoAnswer, ModelUnavailable)) as raised:
        ask(address)
    error: Any = raised.value
    said = error.trouble if isinstance(error, ModelUnavailable) else error.answer.trouble
    assert SECRET not in str(said)
    return said


@pytest.mark.parametrize("host", REFUSED)
def test_addresses_inside_are_refused(
    host: str, listening: socket.socket, connected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_by(monkeypatch, NAMES.get)
    said = trouble_with(f"http://{host}:{listening.getsockname()[1]}/v1")
    assert said.problem in (Problem.REFUSED_ADDRESS, Problem.NO_SUCH_HOST)
    assert connected == []
    assert n_connections(listening) == 0


def test_the_listener_of_these_tests_would_notice(listening: socket.socket) -> None:
    for host in ("127.0.0.1", "::1", "0.0.0.0", "::ffff:127.0.0.1", "2130706433"):  # noqa: S104
        socket.create_connection((host, listening.getsockname()[1])).close()
    assert n_connections(listening) == 5


def test_most_of_them_are_refused_for_where_they_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than for not being found, which would say little."""
    resolve_by(monkeypatch, NAMES.get)
    problems = [trouble_with(f"http://{host}/v1").problem for host in REFUSED]
    assert len(problems) >= 60
    assert problems.count(Problem.REFUSED_ADDRESS) >= len(problems) - 2


def test_a_refusal_says_where_it_leads_and_what_allows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_by(monkeypatch, NAMES.get)
    said = str(trouble_with("http://metadata.google.internal/v1"))
    assert "metadata.google.internal leads to 169.254.169.254" in said
    assert "CONCORD_MODEL_NETWORKS" in said


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(ip_address(address))


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "fd00::7", "64:ff9b::10.1.2.3"])
def test_the_operator_may_allow_networks(address: str, settings: Any) -> None:
    assert not is_allowed(ip_address(address))
    settings.MODEL_NETWORKS = [ip_network("10.0.0.0/8"), ip_network("fd00::/64")]
    assert is_allowed(ip_address(address))
    assert not is_allowed(ip_address("127.0.0.1"))


def test_a_name_that_leads_elsewhere_the_second_time(
    listening: socket.socket, connected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    resolve_by(monkeypatch, lambda name: next(answers) if name == "rebinding.example" else None)
    address = f"http://rebinding.example:{listening.getsockname()[1]}/v1"
    assert trouble_with(address).problem == Problem.NO_ANSWER
    assert connected == ["8.8.8.8"]
    assert trouble_with(address).problem == Problem.REFUSED_ADDRESS
    assert n_connections(listening) == 0


def test_of_several_addresses_only_allowed_ones_are_tried(
    listening: socket.socket, connected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_by(monkeypatch, {"both.example": ["127.0.0.1", "8.8.8.8", "::1", "9.9.9.9"]}.get)
    said = trouble_with(f"http://both.example:{listening.getsockname()[1]}/v1")
    assert said.problem == Problem.NO_ANSWER
    assert connected == ["8.8.8.8", "9.9.9.9"]
    assert n_connections(listening) == 0


def test_redirects_are_not_followed(listening: socket.socket, settings: Any) -> None:
    settings.MODEL_NETWORKS = LOOPBACK
    to = f"http://127.0.0.1:{listening.getsockname()[1]}/v1/chat/completions"
    with ChatServer() as server:
        server.script(redirects(to), redirects("file:///etc/passwd"))
        assert trouble_with(server.url).problem == Problem.REDIRECTED
        assert trouble_with(server.url).problem == Problem.REDIRECTED
    assert n_connections(listening) == 0


def test_proxies_of_the_environment_are_not_used(
    listening: socket.socket, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MODEL_NETWORKS = LOOPBACK
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{listening.getsockname()[1]}")
    with ChatServer() as server:
        server.script(says(b"here"))
        assert ask(server.url) == (200, b"here")
    assert n_connections(listening) == 0


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.com",
        "//example.com",
        "/v1",
        "ftp://example.com",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "http:example.com",
        "http://",
        "http://:80",
        "http://user@example.com",
        "http://user:word@example.com",
        "http://8.8.8.8:80@127.0.0.1/",
        "http://@example.com",
        "http://example.com/v1?key=1",
        "http://example.com/v1?",
        "http://example.com/v1#top",
        "http://127.0.0.1\\@example.com",
        "http://exam ple.com",
        "http://example.com/v1\r\nX: y",
        " http://example.com",
        "http://example.com\0",
        "http://example.com:0",
        "http://example.com:99999",
        "http://example.com:http",
        "http://[::1",
        "http://[example]",
        "http://a..b",
        f"http://{'a' * 64}.example",
        "http://\ud800.example",
        "http://example.com/\ud800",
    ],
)
def test_what_is_not_an_address(address: str) -> None:
    with pytest.raises(ModelUnavailable) as raised:
        parse_address(address)
    assert raised.value.trouble.problem == Problem.NOT_AN_ADDRESS
    str(raised.value).encode()


@pytest.mark.parametrize(
    ("address", "host", "target"),
    [
        ("http://example.com/v1/", "example.com", b"/v1"),
        ("https://Example.com:8443", "example.com:8443", b""),
        ("http://[::1]:8000/v1", "[::1]:8000", b"/v1"),
        ("http://模型.example/a%20b", "xn--xgs754b.example", b"/a%20b"),
    ],
)
def test_what_is_one(address: str, host: str, target: bytes) -> None:
    url = parse_address(address)
    assert Client(url, 1).host == host
    assert url.target == target


def refuses_connections() -> str:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}/v1"


def test_a_server_that_is_not_there(settings: Any) -> None:
    settings.MODEL_NETWORKS = LOOPBACK
    with pytest.raises(NoAnswer, match="does not answer: Connection refused") as raised:
        ask(refuses_connections())
    assert raised.value.answer.for_all  # type: ignore[union-attr]


def test_a_name_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    resolve_by(monkeypatch, unknown)
    with pytest.raises(NoAnswer, match="no server called nowhere") as raised:
        ask("http://nowhere.example/v1")
    assert raised.value.answer.for_all  # type: ignore[union-attr]


@pytest.mark.parametrize("fault", [closes, half_body])
def test_an_answer_that_breaks_off(fault: Fault, settings: Any) -> None:
    settings.MODEL_NETWORKS = LOOPBACK
    with ChatServer() as server:
        server.script(fault)
        client = Client(parse_address(server.url), 1)
        with pytest.raises(NoAnswer) as raised, client.post("/chat/completions", EMPTY, {}) as answered:
            answered.read()
        client.close()
    assert raised.value.answer.trouble.problem == Problem.BROKEN_OFF
    assert not raised.value.answer.for_all  # type: ignore[union-attr]


EMPTY = b'{"model": "parrot", "messages": [], "max_tokens": 20}'


def test_something_that_speaks_no_http(settings: Any) -> None:
    """What it says instead stays where it is."""
    settings.MODEL_NETWORKS = LOOPBACK
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            with listener.accept()[0] as connection:
                connection.sendall(f"SSH-2.0 {SECRET}\r\n\r\n".encode())
                connection.recv(1000)

        threading.Thread(target=greet, daemon=True).start()
        assert trouble_with(f"http://127.0.0.1:{listener.getsockname()[1]}").problem == Problem.BROKEN_OFF


@pytest.mark.parametrize(("limit", "patience"), [("READ_TIMEOUT", 0.2), ("LONGEST", 0.0)])
def test_silence_and_dripping_have_an_end(
    limit: str, patience: float, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MODEL_NETWORKS = LOOPBACK
    monkeypatch.setattr(outbound, limit, patience)
    monkeypatch.setattr(outbound, "TIMEOUTS", {"read": outbound.READ_TIMEOUT})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        said = trouble_with(f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert said.problem == Problem.TOO_SLOW


def test_an_answer_has_a_largest_size(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MODEL_NETWORKS = LOOPBACK
    monkeypatch.setattr(outbound, "MOST_BYTES", 1000)
    with ChatServer() as server:
        server.script(says(b"x" * 1000), says(b"x" * 1001))
        assert ask(server.url)[0] == 200
        assert trouble_with(server.url).problem == Problem.NOT_UNDERSTOOD


def test_a_dropped_connection_is_made_anew(settings: Any) -> None:
    """The server answers twice on one connection, and closes it when asked for the third time."""
    settings.MODEL_NETWORKS = LOOPBACK
    with ChatServer() as server:
        server.script(says(b"1"), says(b"2"), closes, says(b"3"))
        client = Client(parse_address(server.url), 1)
        for expected in (b"1", b"2", b"3"):
            with client.post("/chat/completions", EMPTY, {}) as answered:
                assert answered.read() == expected
        client.close()
        ports = [request.connection for request in server.requests]
    assert ports[0] == ports[1] == ports[2] != ports[3]


@pytest.fixture
def https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A server on loopback with a certificate for models.example that is trusted here."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "models.example")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("models.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    tls_context.cache_clear()
    resolve_by(monkeypatch, {"models.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]}.get)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    with ChatServer(tls=context) as server:
        yield server
    tls_context.cache_clear()


def test_certificates_are_checked_against_the_name(https: ChatServer, settings: Any) -> None:
    settings.MODEL_NETWORKS = LOOPBACK
    https.script(says(b"here"))
    assert ask(f"https://models.example:{https.port}/v1") == (200, b"here")
    said = str(trouble_with(f"https://other.example:{https.port}/v1"))
    assert "not valid for 'other.example'" in said
    assert len(https.requests) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_closing_wakes_whoever_waits(scheme: str, https: ChatServer, settings: Any) -> None:
    settings.MODEL_NETWORKS = LOOPBACK
    with ChatServer() as http:
        server = https if scheme == "https" else http
        server.script(hangs)
        client = Client(parse_address(f"{scheme}://models.example:{server.port}/v1"), 1)
        waiting = ThreadPoolExecutor().submit(lambda: client.post("/", EMPTY, {}).__enter__())
        wait_until(lambda: server.requests, "the request")
        client.close()
        with pytest.raises(NoAnswer):
            waiting.result(timeout=5)
        with pytest.raises(NoAnswer):
            client.post("/", EMPTY, {}).__enter__()
    assert len(server.requests) == 1


def test_networks_of_the_environment() -> None:
    shown = "print(*settings.MODEL_NETWORKS)"
    assert load(shown).stdout.split() == []
    assert load(shown, CONCORD_MODEL_NETWORKS="127.0.0.1, 10.0.0.0/8,fd00::/8").stdout.split() == [
        "127.0.0.1/32",
        "10.0.0.0/8",
        "fd00::/8",
    ]


@pytest.mark.parametrize("nonsense", ["localhost", "10.0.0.1/8", "*", "127.0.0.1;10.0.0.1", "10.0.0.0/33"])
def test_networks_that_are_none(nonsense: str) -> None:
    loaded = load("", CONCORD_MODEL_NETWORKS=nonsense)
    assert loaded.returncode == 1
    assert "separated by commas" in loaded.stderr


def test_a_status_is_no_error_here(settings: Any) -> None:
    settings.MODEL_NETWORKS = LOOPBACK
    with ChatServer() as server:
        server.script(status(500))
        assert ask(server.url)[0] == 500
