"""Requests to addresses people typed in: every way inside that is known is refused, and a slow or huge answer ends."""

import contextlib
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from common import outbound
from common.addresses import is_public
from titan_core.errors import InvalidInput

INSIDE_BY_NUMBER = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.5", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "203.0.113.9", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1",
    # the same numbers as some resolvers read them
    "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "0", "017700000001", "1.2.3.0x10",
    "127.0.0.1.",
]  # fmt: skip
INSIDE_BY_SIX = [
    "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::a00:1", "fe80::1", "fe80::1%25eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
    "2002:7f00:1::", "2002:a9fe:a9fe::",
    "2001:0:53aa:64c:0:fbff:80ff:fffe", "2001:db8::1", "100::1", "3fff::1", "5f00::1", "2001:4860:4860::8888%251",
]  # fmt: skip
INSIDE_BY_NAME = [
    "localhost", "LOCALHOST", "localhost.", "a.localhost", "titan", "db", "printer.local", "metadata.google.internal",
    "wiki.corp", "router.lan", "x.home.arpa", "localhost.localdomain",
]  # fmt: skip
NO_TARGETS = [
    "", "https://", "https:///path", "//example.com/", "example.com/x", "ftp://example.com/", "file:///etc/passwd",
    "gopher://example.com/", "javascript:alert(1)", "unix:///run/x.sock", "https://user@example.com/",
    "https://user:pass@example.com/", "https://@example.com/", "https://example.com@127.0.0.1/", "https://example.com:0/",
    "https://example.com:99999/", "https://example.com:port/", "https://exa mple.com/", "https://example.com/\r\nX: y",
    "https://example.com\\@127.0.0.1/", "https://ex\tample.com/", "https://１２７.0.0.1/", "https://ⓔxample.com/",
    "https://-example.com/", "https://example..com/", "https://[::1/", "https://[example.com]/",
    "https://" + "a." * 200 + "com/",
    "https://example.com/" + "x" * 3000, "https://%31%32%37.0.0.1/", "https://127.0.0.1%2f.example.com/",
]  # fmt: skip


@pytest.mark.parametrize("host", [*INSIDE_BY_NUMBER, *INSIDE_BY_NAME, *(f"[{six}]" for six in INSIDE_BY_SIX)])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_host_inside_is_refused_before_anything_is_looked_up(
    scheme: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)  # neither looked up nor connected to
    for call in (outbound.check_url, outbound.fetch):
        with pytest.raises(InvalidInput):
            call(f"{scheme}://{host}/hook")
        with pytest.raises(InvalidInput):
            call(f"{scheme}://{host}:8080/hook")


@pytest.mark.parametrize("url", NO_TARGETS)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        outbound.check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a/b?c=d#e",
        "http://example.com",
        "https://example.com:8443/",
        "https://xn--bcher-kva.example/",
        "https://8.8.8.8/",
        "https://[2001:4860:4860::8888]/",
    ],
)
def test_the_open_internet_is_welcome(url: str) -> None:
    outbound.check_url(url)


@pytest.mark.parametrize("port", [0, 1, 22, 25, 53, 79, 81, 442, 444, 465, 587, 1023])
def test_a_port_of_another_service_is_refused_in_words(port: int) -> None:
    for call in (outbound.check_url, outbound.fetch):
        with pytest.raises(InvalidInput, match=rf"port {port}, .*: use 80, 443, one from 1024 up, or none$"):
            call(f"https://hooks.example.com:{port}/")


@pytest.mark.parametrize("port", [80, 443, 1024, 8443, 65535])
def test_a_web_port_and_any_free_one_are_welcome(port: int) -> None:
    outbound.check_url(f"http://hooks.example.com:{port}/")
    outbound.check_url(f"https://hooks.example.com:{port}/")


def test_a_named_neighbour_may_listen_where_it_likes(settings: Settings) -> None:
    settings.TITAN_WEBHOOK_ALLOW = ["desk.lan"]
    outbound.check_url("http://desk.lan:81/")
    with pytest.raises(InvalidInput, match="port 0"):
        outbound.check_url("http://desk.lan:0/")


def test_public_means_public() -> None:
    assert all(map(is_public, ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"]))
    assert not any(map(is_public, [*INSIDE_BY_NUMBER, *INSIDE_BY_SIX, "", "example.com", "8.8.8.8/32"]))


Resolver = Callable[..., Any]


def resolver(*answers: list[str]) -> tuple[Resolver, list[str]]:
    """A name server that gives these answers one after the other, and the names it was asked."""
    asked: list[str] = []

    def look_up(name: str, port: int, **_: Any) -> Any:
        asked.append(name)
        given = answers[min(len(asked), len(answers)) - 1]
        if not given:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in given]

    return look_up, asked


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["169.254.169.254"], ["8.8.8.8", "10.0.0.1"], ["::1"], ["::ffff:10.0.0.1"]]
)
def test_a_name_that_leads_inside_is_refused(found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    look_up, _ = resolver(found)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", None)
    with pytest.raises(InvalidInput, match="leads to an address inside"):
        outbound.fetch("https://rebind.example.com/")


def test_a_name_that_changes_its_mind_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    look_up, asked = resolver(["8.8.8.8"], ["127.0.0.1"])
    connected: list[Any] = []

    def connect(address: Any, *_: Any, **__: Any) -> Any:
        connected.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(outbound.OutboundFailed, match="Connection refused"):
        outbound.fetch("https://rebind.example.com/")
    assert (asked, connected) == (["rebind.example.com"], [("8.8.8.8", 443)])


def test_a_name_that_leads_nowhere_or_takes_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver([])[0])
    with pytest.raises(outbound.OutboundFailed, match="has no address"):
        outbound.fetch("https://nowhere.example.com/")
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(30) and [])
    with pytest.raises(outbound.OutboundFailed, match="has no address"):
        outbound.fetch("https://slow.example.com/", timeout=0.2)
    released.set()


# What the other side does, on a server of ours that the operator has allowed


@contextlib.contextmanager
def server(talk: Callable[[socket.socket, bytes], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that reads one request a connection and then talks as told; its address, and what it was sent."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    heard.append(_request(connection))
                    talk(connection, heard[-1])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook", heard
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def _request(connection: socket.socket) -> bytes:
    """What one request sends, its body included, in however many pieces it comes."""
    text = connection.recv(65536)
    length = re.search(rb"Content-Length: (\d+)", text)
    while length and len(text.partition(b"\r\n\r\n")[2]) < int(length.group(1)):
        text += connection.recv(65536)
    return text


@pytest.fixture
def lan(settings: Settings) -> None:
    """This machine is one the operator has named."""
    settings.TITAN_WEBHOOK_ALLOW = ("127.0.0.1", "hooks.lan")


def says(text: str) -> Callable[[socket.socket, bytes], None]:
    return lambda connection, _: connection.sendall(text.replace("\n", "\r\n").encode())


def test_the_answer_comes_back(lan: None) -> None:
    with server(says("HTTP/1.1 202 Accepted\nX-A: b\nContent-Length: 2\n\nok")) as (url, heard):
        answer = outbound.fetch(f"{url}?a=1#part", json={"n": 1}, headers={"X-Signature": "abc"})
    assert (answer.status, answer.headers["X-A"], answer.body, answer.truncated) == (202, "b", b"ok", False)
    head, _, body = heard[0].decode().partition("\r\n\r\n")
    assert head.startswith("POST /hook?a=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert "X-Signature: abc" in head
    assert json.loads(body) == {"n": 1}


def test_only_hosts_named_whole_are_let_in(settings: Settings) -> None:
    settings.TITAN_WEBHOOK_ALLOW = ("hooks.lan",)
    outbound.check_url("http://hooks.lan/x")
    for name in ("a.hooks.lan", "hooks.lan.", "127.0.0.1"):
        with contextlib.suppress(InvalidInput):
            outbound.check_url(f"http://{name}/x")
            assert name == "hooks.lan."  # the same name, written in full


def test_a_redirect_is_not_followed(lan: None) -> None:
    with server(
        says("HTTP/1.1 302 Found\nLocation: http://169.254.169.254/latest/\nContent-Length: 0\n\n")
    ) as (url, heard):
        assert outbound.fetch(url).status == 302
    assert len(heard) == 1


def test_a_huge_answer_is_cut(lan: None) -> None:
    def flood(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with server(flood) as (url, _):
        answer = outbound.fetch(url)
    assert (len(answer.body), answer.truncated) == (outbound.MAX_ANSWER_BYTES, True)


def drip(text: bytes) -> Callable[[socket.socket, bytes], None]:
    def talk(connection: socket.socket, _: bytes) -> None:
        connection.sendall(text)
        for _ in range(300):
            connection.sendall(b"a")
            time.sleep(0.1)

    return talk


@pytest.mark.parametrize(
    "text", [b"", b"HTTP/1.1 200 OK\r\nX-A: ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"]
)
def test_an_answer_that_drips_ends_at_the_deadline(lan: None, text: bytes) -> None:
    with server(drip(text)) as (url, _):
        began = time.monotonic()
        with pytest.raises(outbound.OutboundFailed, match=r"no answer within 0\.5 s"):
            outbound.fetch(url, timeout=0.5)
        assert time.monotonic() - began < 20  # the drip takes 30


def test_a_handshake_that_never_ends_is_cut(lan: None) -> None:
    with server(lambda connection, _: time.sleep(2)) as (url, _), pytest.raises(outbound.OutboundFailed):
        outbound.fetch(url.replace("http", "https"), timeout=0.5)


@pytest.mark.parametrize("text", ["nonsense\n\n", "", "HTTP/1.1 200 OK\n" + "X-A: b\n" * 200 + "\n"])
def test_an_answer_that_is_none_is_a_failure(lan: None, text: str) -> None:
    with server(says(text)) as (url, _), pytest.raises(outbound.OutboundFailed):
        outbound.fetch(url)


def test_a_certificate_nobody_vouches_for_is_a_failure(lan: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Context:
        def wrap_socket(self, plain: socket.socket, **_: Any) -> Any:
            plain.close()
            error = ssl.SSLCertVerificationError(1, "certificate verify failed")
            error.verify_message = "self-signed certificate"
            raise error

    monkeypatch.setattr(ssl, "create_default_context", Context)
    with server(says("")) as (url, _), pytest.raises(outbound.OutboundFailed, match="self-signed"):
        outbound.fetch(url.replace("http", "https"))


def test_certificates_and_names_are_checked() -> None:
    context = ssl.create_default_context()
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)


@pytest.mark.parametrize(
    "bad", [{"method": "TRACE"}, {"timeout": 0}, {"timeout": float("nan")}, {"timeout": 1e9}]
)
def test_what_cannot_be_sent_is_refused(lan: None, bad: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        outbound.fetch("http://127.0.0.1:9/", **bad)


def test_a_header_cannot_smuggle_a_request(lan: None) -> None:
    with server(says("HTTP/1.1 200 OK\nContent-Length: 0\n\n")) as (url, heard):
        with pytest.raises(InvalidInput):
            outbound.fetch(url, headers={"X-A": "b\r\nX-Evil: 1"})
        assert not any(b"X-Evil" in text for text in heard)
