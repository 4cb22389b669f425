"""The wheel, installed outside the repository: it has all that the server needs, and TITAN starts from it."""

import os
import signal
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.services.processes import wait_for
from tools.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "titan_core",
    "titan_client",
    "titan",
    "trading",
    "api",
    "channels_app",
    "users",
    "common",
    "frontend",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as the image builds it; of a copy, so that no build folder is left in the repository."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = _known("pyproject.toml", "README.md")
    built = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "frontend/react_app/dist").rglob("*")
        if path.is_file()
    ]
    assert built, "the application for the browser is not built: make setup"
    for name in [*listed, *built]:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"),
            *("--wheel-dir", str(folder), str(source)),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [made] = folder.glob("titan_trading-*.whl")
    return made


@pytest.fixture(scope="module")
def titan(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a fresh environment; other packages are this one's, but the repository is none of them."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    # a plain path: the editable repository hangs on .pth files of that folder, which are not read through this one
    (packages / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    command = folder / "bin" / "titan"
    command.write_text(f"#!{folder}/bin/python\nfrom titan.__main__ import main\nmain()\n")
    command.chmod(0o755)
    return command


def test_the_wheel_has_every_module_template_and_migration(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {
        name for name in _known() if not name.startswith("frontend/react_app/") and not name.endswith(".md")
    }
    dist = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "frontend/react_app/dist").rglob("*")
        if path.is_file() and ".vite" not in path.parts
    }
    assert held == wanted | dist


def test_titan_starts_from_it(titan: Path, tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TITAN_", "DJANGO_", "PYTHON"))
    }
    environment |= {"TITAN_HOME": str(tmp_path / "home"), "TITAN_PORT": str(free_port())}
    where = subprocess.run(
        [titan.parent / "python", "-c", "import titan, trading, frontend; print(titan.__file__, trading.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert all(str(titan.parent.parent) in path for path in where.split())
    # it would compile every kernel first, and nothing here computes
    marker = (
        "from titan_core.kernels import cache_directory; folder = cache_directory(); "
        "folder.mkdir(parents=True, exist_ok=True); (folder / '.warm').touch()"
    )
    subprocess.run([titan.parent / "python", "-c", marker], cwd=tmp_path, env=environment, check=True)
    migrated = subprocess.run(
        [titan, "migrate", "--verbosity", "0"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stderr
    with (
        _running([str(titan), "up", "--no-demo"], environment, tmp_path) as url,
        httpx.Client(base_url=url) as client,
    ):
        page = client.get("/login").text
        asset = next(part for part in page.split('"') if part.startswith("/static/app/assets/"))
        for path in (
            asset,
            "/static/app/icon.svg",
            "/accounts/login/",
            "/static/users/accounts.css",
            "/api/docs/",
            "/static/admin/css/base.css",
        ):
            assert client.get(path, follow_redirects=True).status_code == 200, path
        assert client.get("/readyz").json()["status"] == "ok"


def _known(*more: str) -> list[str]:
    """Every file of the packages that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *PACKAGES, *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], folder: Path) -> Iterator[str]:
    """A server that answers."""
    url = f"http://127.0.0.1:{environment['TITAN_PORT']}"
    log = folder / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=file, stderr=file, start_new_session=True
        )

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return httpx.get(f"{url}/livez", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_for(answers, seconds=200, what="the start from the wheel")
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
