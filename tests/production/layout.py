"""The processes of deploy/compose.yaml as plain ones: the same commands, the same order, nginx with TLS in front."""

import datetime as dt
import ipaddress
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.production.processes import ROOT, Process, Web
from tests.production.stack import Stack
from tests.services.processes import wait_for
from tools.ports import free_port

__all__ = ["DEPLOY", "Layout", "Proxy", "commands", "compose"]

DEPLOY = ROOT / "deploy"
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(?::[-?]([^}]*))?\}")


def compose() -> dict[str, Any]:
    """The compose file as it stands."""
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


def commands(variables: Mapping[str, str]) -> dict[str, list[str]]:
    """What each service of TITAN's own image runs, the variables of .env filled in."""

    def filled(text: str) -> str:
        return _VARIABLE.sub(lambda found: variables.get(found[1], found[2] or ""), str(text))

    return {
        name: ["titan", *map(filled, service["command"])]
        for name, service in compose()["services"].items()
        if "TITAN_IMAGE" in service.get("image", "") and "profiles" not in service
    }


class Proxy:
    """nginx with the shipped site and TLS: only ports and folders are replaced, each where it must stand."""

    def __init__(self, folder: Path, upstream: list[int], static: Path) -> None:
        self.folder, self.port, self.plain_port = folder, free_port(), free_port()
        self.url, self.plain_url = f"https://localhost:{self.port}", f"http://localhost:{self.plain_port}"
        self.certificate = folder / "titan" / "tls" / "fullchain.pem"
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "titan" / "tls").mkdir(parents=True)
        _make_certificate(folder / "titan" / "tls")
        for name in ("proxy.conf", "headers.conf"):
            shutil.copy(DEPLOY / "nginx" / name, folder / "titan" / name)
        servers = (DEPLOY / "nginx" / "upstream.conf").read_text()
        for shipped, ours in zip((8001, 8002), upstream, strict=True):
            servers = _replaced(servers, f"127.0.0.1:{shipped}", f"127.0.0.1:{ours}")
        (folder / "titan" / "upstream.conf").write_text(servers)
        self.has_ipv6 = _has_ipv6()
        site = (DEPLOY / "nginx" / "titan.conf").read_text()
        if not self.has_ipv6:  # as the manual says
            site = "\n".join(line for line in site.splitlines() if "listen [::]" not in line)
        for shipped, ours in (
            ("/etc/nginx/titan/", f"{folder}/titan/"),
            ("/var/lib/titan/static/", f"{static}/"),
            ("/var/log/nginx/access.log", f"{folder}/access.log"),
            ("/var/log/nginx/error.log", f"{folder}/error.log"),
            ("listen 80 default_server", f"listen 127.0.0.1:{self.plain_port} default_server"),
            *(
                [("listen [::]:80 default_server", f"listen [::1]:{self.plain_port} default_server")]
                * self.has_ipv6
            ),
            ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
            *([("listen [::]:443 ssl", f"listen [::1]:{self.port} ssl")] * self.has_ipv6),
        ):
            site = _replaced(site, shipped, ours)
        (folder / "site.conf").write_text(site)
        self.configuration = folder / "nginx.conf"
        temporary = "".join(
            f"{name}_temp_path {folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self.configuration.write_text(
            f"{'user root;' if os.geteuid() == 0 else ''}\nworker_processes 2;\npid {folder}/nginx.pid;\n"
            f"error_log {folder}/error.log;\nevents {{ worker_connections 512; }}\n"
            f"http {{\ninclude /etc/nginx/mime.types;\n{temporary}include {folder}/site.conf;\n}}\n"
        )

    def check(self) -> subprocess.CompletedProcess[str]:
        """What `nginx -t` says of it."""
        return subprocess.run([*self._command, "-t"], capture_output=True, text=True, check=False)

    def start(self) -> None:
        """Start it in front."""
        self._process = subprocess.Popen(
            [*self._command, "-g", "daemon off;"], stdin=subprocess.DEVNULL, start_new_session=True
        )
        wait_for(self._listens, what="nginx")

    def end(self) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGTERM)
                self._process.wait(10)
            self._process = None

    @property
    def _command(self) -> list[str]:
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "nginx is not here: apt-get install nginx"
        return [
            program,
            "-p",
            str(self.folder),
            "-c",
            str(self.configuration),
            "-e",
            f"{self.folder}/error.log",
        ]

    def _listens(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "error.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Layout:
    """Everything compose.yaml starts, on a stack's databases and Redis."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        # what .env lets an operator choose; the smallest that is still the same layout
        chosen = {f"TITAN_{kind}_PROCESSES": "1" for kind in ("INGEST", "COMPUTE", "TRADE")}
        self.commands = commands(chosen)
        stack.variables["TITAN_NUM_PROXIES"] = compose()["x-titan"]["environment"]["TITAN_NUM_PROXIES"]
        self.running: dict[str, Process] = {}
        for name in [name for name in self.commands if _is_once(name)]:
            _, *arguments = self.commands.pop(name)
            stack.titan(*arguments)
        ports = {name: free_port() for name in self.commands if self.commands[name][1] == "web"}
        for name, command in self.commands.items():
            environment = stack.environment | ({"TITAN_PORT": str(ports[name])} if name in ports else {})
            log = stack.folder / f"layout-{name}.log"
            self.running[name] = (
                Web(name, command, environment, log, port=ports[name])
                if name in ports
                else Process(name, command, environment, log)
            )
            stack.processes.append(self.running[name])
        with ThreadPoolExecutor(len(self.running)) as pool:
            list(pool.map(lambda process: process.start(ready(process)), self.running.values()))
        self.proxy = Proxy(folder, list(ports.values()), stack.home / "static")

    @property
    def webs(self) -> list[Web]:
        """The web servers."""
        return [process for process in self.running.values() if isinstance(process, Web)]

    def client(self, **options: Any) -> httpx.Client:
        """A client outside that trusts the certificate."""
        trust = ssl.create_default_context(cafile=str(self.proxy.certificate))
        return httpx.Client(base_url=self.proxy.url, verify=trust, timeout=30, **options)


def ready(process: Process) -> Callable[[], bool]:
    """How a supervisor knows that it has started."""
    if isinstance(process, Web):
        return process.answers
    return (lambda: "ready" in process.text()) if "worker" in process.command else lambda: process.is_running


def _is_once(name: str) -> bool:
    return compose()["services"][name].get("restart") == "no"


def _replaced(text: str, shipped: str, ours: str) -> str:
    assert shipped in text, f"{shipped!r} stands no more in the shipped configuration"
    return text.replace(shipped, ours)


def _make_certificate(folder: Path) -> None:
    """A certificate of a day for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in ("127.0.0.1", "::1")]
    names = [x509.DNSName("localhost"), *addresses]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _has_ipv6() -> bool:
    """Whether this machine has the loopback address of IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
