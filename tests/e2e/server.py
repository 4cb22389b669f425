"""A real TITAN for the browser tests: `titan up` in its own process, folder and port; and a client for it."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from tests.kernel_cache import share_kernels
from tools.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 240.0  # a cold kernel cache on a busy machine
USER = "demo"
_RANDOM_WALKS = """
import numpy as np
from titan_core.data import PricePanel
from trading.models import Universe
from trading.services.market_data import MarketDataService
service = MarketDataService()
known = service.load_panel_sync(["KO"]).timestamps[-2520:]
tickers = ["{name}%03d" % number for number in range({n})]
for ticker in tickers:
    service.create_symbol_sync(ticker=ticker, name="Random walk")
steps = np.random.default_rng(5).normal(0, 0.01, (known.size, {n}))
panel = PricePanel(tuple(tickers), known, 50 * np.exp(steps.cumsum(axis=0)), adjustment="total_return")
universe = Universe.objects.create(name="{name}", slug="{name}".lower())
service.ingest_panel_sync(panel, source="e2e", universe=universe)
"""


@dataclass
class Server:
    """A running `titan up`, the account it printed, and its log."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    password: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        path = self.home / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> Self:
        """Start and wait until it says it is ready, then read the demo account from what it printed."""
        self.home.mkdir(parents=True, exist_ok=True)
        share_kernels(self.home)
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(Path(sys.executable).parent / "titan"), "up"],
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_ready()
        self.password = self._printed_password()
        return self

    def stop(self) -> None:
        """Ask it to end as Ctrl-C would; what is left after that is killed with its children."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=20)
            raise AssertionError(f"titan up did not stop on SIGINT:\n{self.log[-3000:]}") from None
        finally:
            self.process = None

    def add_random_walks(self, name: str, n_symbols: int) -> None:
        """Store a universe of ten years of unrelated prices."""
        self.run_python(_RANDOM_WALKS.format(name=name, n=n_symbols))

    def run_python(self, code: str) -> str:
        """Run code on the server's databases, as somebody would with `titan shell`; what it printed."""
        environment = self._environment() | {"PYTHONPATH": str(ROOT)}
        command = [str(Path(sys.executable).parent / "titan"), "shell", "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("TITAN_", "DJANGO_"))
        }
        own = {"TITAN_HOME": str(self.home), "TITAN_PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        return inherited | own | self.environment

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"titan up ended with {self.process.returncode}:\n{self.log[-3000:]}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"titan up was not ready after {START_TIMEOUT:.0f} s:\n{self.log[-3000:]}")

    def _printed_password(self) -> str:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", self.log)
        found = re.search(rf"\b{USER}\s+password\s+(\S+)", plain)
        assert found, f"titan up printed no demo account:\n{plain[-3000:]}"
        return found.group(1)


class Api:
    """The REST API as another client of the same account sees it: the oracle for what the browser shows."""

    def __init__(self, server: Server) -> None:
        self._client = httpx.Client(base_url=f"{server.url}/api/v1/", timeout=60)
        answer = self._client.post("auth/token/", json={"username": USER, "password": server.password})
        assert answer.status_code == 200, answer.text
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access']}"

    def get(self, path: str, **parameters: Any) -> Any:
        answer = self._client.get(path, params=parameters)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.try_post(path, body)
        assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def try_post(self, path: str, body: Any) -> httpx.Response:
        return self._client.post(path, json=body)

    def upload(self, path: str, name: str, content: bytes) -> Any:
        answer = self._client.post(path, files={"file": (name, content, "text/csv")})
        assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def close(self) -> None:
        self._client.close()
