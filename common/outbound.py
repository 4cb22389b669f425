"""Requests to addresses people typed in: to the open internet only, never to this machine or its neighbours.

A name is resolved once, every address it has is judged, and the connection goes to the address that was judged: a
name server that answers differently the second time is not asked a second time. Redirects are handed back, not
followed. The whole exchange has one deadline and the answer one size.
"""

import http.client
import json as json_module
import math
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from common.addresses import OutboundFailed, Target, public_addresses, read_target
from titan_core.errors import InvalidInput

__all__ = ["MAX_ANSWER_BYTES", "Answer", "OutboundFailed", "check_url", "fetch"]

MAX_ANSWER_BYTES = 64 * 1024
_LONGEST_SECONDS = 60.0
_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `body` holds the first `MAX_ANSWER_BYTES`, `truncated` says that there was more."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool = False


def check_url(url: str) -> None:
    """Refuse an address nobody may send to, before it is stored; names are judged when they are used.

    Raises
    ------
    InvalidInput
        Not http(s), with credentials, or a host that is written as, or named like, one inside.
    """
    read_target(url)


def fetch(
    url: str,
    *,
    method: str = "POST",
    json: Any = None,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10.0,
) -> Answer:
    """Send one request and return its answer, whatever its status; `timeout` seconds bound all of it.

    Raises
    ------
    InvalidInput
        The address is, or resolves to, a place inside.
    OutboundFailed
        No name, no connection, no valid certificate, no answer in time.
    """
    if method not in _METHODS:
        raise InvalidInput(f"method is {method!r}: use one of {', '.join(_METHODS)}")
    if not (math.isfinite(timeout) and 0 < timeout <= _LONGEST_SECONDS):
        raise InvalidInput(f"timeout is {timeout}: use seconds up to {_LONGEST_SECONDS:.0f}")
    target = read_target(url)
    sent = dict(headers or {})
    if json is not None:
        data = json_module.dumps(json, allow_nan=False, separators=(",", ":")).encode()
        sent.setdefault("Content-Type", "application/json")
    sent.setdefault("User-Agent", "TITAN")
    address = public_addresses(target, timeout=timeout)[0]
    return _exchange(target, address, method, data, sent, timeout)


class _Pinned(http.client.HTTPConnection):
    """A connection that goes to one address, whatever its host's name means by now."""

    def __init__(self, target: Target, address: str, timeout: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self._target, self._address, self._seconds = target, address, timeout
        self.sock: socket.socket | None = None
        self.is_late = threading.Event()

    def connect(self) -> None:
        """Open it, with TLS for the name that was asked for."""
        plain = socket.create_connection((self._address, self._target.port), self._seconds)
        self.sock = plain
        if self._target.is_tls:
            secured = ssl.create_default_context().wrap_socket(
                plain, server_hostname=self._target.name, do_handshake_on_connect=False
            )
            self.sock = secured  # before the handshake, so that it can be cut too
            secured.do_handshake()
        if self.is_late.is_set():
            raise TimeoutError

    def cut(self) -> None:
        """End it from another thread; whoever reads or writes there sees it closed."""
        self.is_late.set()
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(
                    self.sock, socket.SHUT_RDWR
                )  # below TLS, which would wait for the other side


def _exchange(
    target: Target, address: str, method: str, data: bytes | None, headers: Mapping[str, str], timeout: float
) -> Answer:
    """One request over a pinned connection, cut at the deadline however slowly the other side talks."""
    connection = _Pinned(target, address, timeout)
    late = connection.is_late
    clock = threading.Timer(timeout, connection.cut)
    clock.daemon = True
    clock.start()
    try:
        connection.request(method, target.path, body=data, headers=dict(headers))
        answer = connection.getresponse()
        body = answer.read(MAX_ANSWER_BYTES + 1)
        if late.is_set():
            raise TimeoutError
        return Answer(
            answer.status,
            dict(answer.getheaders()),
            body[:MAX_ANSWER_BYTES],
            truncated=len(body) > MAX_ANSWER_BYTES,
        )
    except (OSError, http.client.HTTPException) as error:
        why = f"no answer within {timeout:g} s" if late.is_set() else _words(error)
        raise OutboundFailed(f"{target.name} could not be reached: {why}") from error
    except (
        ValueError
    ) as error:  # a header that is none; a bad certificate is a ValueError too, and an OSError first
        raise InvalidInput(f"the request to {target.name} can't be sent: {error}") from error
    finally:
        clock.cancel()
        connection.close()


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not hold ({error.verify_message})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
