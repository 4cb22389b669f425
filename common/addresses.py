"""Network addresses of the open internet, told from those inside networks."""

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from titan_core.errors import InvalidInput, TitanError

__all__ = ["OutboundFailed", "Target", "is_public", "public_addresses", "read_target"]

_PLAIN_URL = re.compile(r"[!-\[\]-~]{1,2048}")  # printable ASCII without blanks and backslashes
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_INSIDE = ("localhost", "local", "internal", "intranet", "home", "lan", "corp", "localdomain", "home.arpa")
# What a registry or an older Python calls global and is not: protocol assignments, relays into IPv4, documentation,
# and the address one cloud gives its own services.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"),
        *("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20"),
    )
)
_GLOBAL_6 = ipaddress.ip_network("2000::/3")
_LOOKUP_SECONDS = 5.0
_WEB_PORTS = (80, 443)
_FIRST_FREE_PORT = 1024


class OutboundFailed(TitanError):
    """The address was allowed, and nothing came of it; trying again later may help."""

    code = "outbound_failed"


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL: `name` is its host as written, `host` the same as HTTP writes it."""

    is_tls: bool
    name: str
    port: int
    path: str
    is_allowed: bool  # a host the operator has named

    @property
    def host(self) -> str:
        """The host as a URL and a header write it."""
        return f"[{self.name}]" if ":" in self.name else self.name


def is_public(address: str) -> bool:
    """Whether the open internet has this address; anything embedded in or mapped to another is refused."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not parsed.is_global or parsed.is_multicast or parsed.is_reserved or parsed.is_unspecified:
        return False
    if parsed.version == 6 and (parsed not in _GLOBAL_6 or parsed.scope_id):
        return False
    return not any(parsed in network for network in _NOT_PUBLIC if network.version == parsed.version)


def read_target(url: str) -> Target:
    """The parts of a URL one may send to; what its host's name means is not asked here.

    Raises
    ------
    InvalidInput
        In words for whoever typed it.
    """
    if not _PLAIN_URL.fullmatch(url):
        raise InvalidInput(
            "the address holds blanks or signs no URL has: write it in plain letters, xn-- for others"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInput("the address is no URL: write https://host/path") from None
    if parts.scheme not in {"http", "https"}:
        raise InvalidInput("the address must start with https:// or http://")
    if "@" in parts.netloc:
        raise InvalidInput("the address holds a user name or password: leave them out, deliveries are signed")
    name = (parts.hostname or "").removesuffix(".")
    allowed = name in settings.TITAN_WEBHOOK_ALLOW
    if not allowed:
        _check_host(name)
    _check_port(port, is_allowed=allowed)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    is_tls = parts.scheme == "https"
    return Target(is_tls, name, port or (443 if is_tls else 80), path, allowed)


def _check_port(port: int | None, *, is_allowed: bool) -> None:
    """Refuse the ports of mail, shells and name servers: what is sent there could be read as theirs."""
    if port is None or port in _WEB_PORTS or port >= _FIRST_FREE_PORT or (is_allowed and port > 0):
        return
    raise InvalidInput(
        f"the address has port {port}, which belongs to another service: use 80, 443, one from "
        f"{_FIRST_FREE_PORT} up, or none"
    )


def _check_host(name: str) -> None:
    """Refuse hosts that are inside, by number or by name, and numbers that are not written plainly."""
    labels = name.split(".")
    if ":" in name or _NUMERIC.fullmatch(labels[-1]):
        # 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1 to some resolver: only the plain form is read
        if not is_public(name):
            raise InvalidInput(f"{name} is no public address: name a host on the open internet")
        return
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidInput("the address has no host: write https://host/path")
    if len(labels) == 1 or any(name == inside or name.endswith(f".{inside}") for inside in _INSIDE):
        raise InvalidInput(f"{name} is a name inside a network: name a host on the open internet")


def public_addresses(target: Target, *, timeout: float = _LOOKUP_SECONDS) -> list[str]:
    """The addresses of a target, all of them judged: one that is inside spoils the name.

    Raises
    ------
    InvalidInput
        The name leads inside.
    OutboundFailed
        It leads nowhere.
    """
    found = _resolve(target.name, target.port, min(timeout, _LOOKUP_SECONDS))
    if not target.is_allowed and not all(is_public(address) for address in found):
        raise InvalidInput(
            f"{target.name} leads to an address inside a network: name a host on the open internet"
        )
    return found


def _resolve(name: str, port: int, timeout: float) -> list[str]:
    """Addresses of a name; the system's resolver knows no deadline, so it is asked in a thread and left behind."""
    found: list[str] = []

    def look_up() -> None:
        try:
            answers = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))

    asking = threading.Thread(target=look_up, name="name-lookup", daemon=True)
    asking.start()
    asking.join(timeout)
    if not found:
        raise OutboundFailed(f"{name} has no address: check how it is written")
    return list(found)
