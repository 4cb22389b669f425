"""A Debian of its own in a folder, with PostgreSQL and TimescaleDB: no Docker, and the machine stays as it is.

It is made once, from the mirror the machine's own apt sources name, and kept; making it takes about a minute and
700 MB, and root.
"""

import fcntl
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["BINARIES", "ServicesMissing", "debian_root", "home"]

SUITE = "trixie"
PACKAGES = "postgresql-17,postgresql-17-timescaledb"
BINARIES = Path("/usr/lib/postgresql/17/bin")
APT = Path("/etc/apt")
_MIRROR_SECONDS = 20.0


class ServicesMissing(RuntimeError):
    """A server can't be had here; the message says what is missing and how to mend it."""


def home() -> Path:
    """Where the root is kept (TITAN_SERVICES_HOME)."""
    return Path(os.environ.get("TITAN_SERVICES_HOME") or "~/.cache/titan/services").expanduser()


def debian_root() -> Path:
    """The folder of that Debian, made when absent; many may ask at once.

    Raises
    ------
    ServicesMissing
        Not root, no debootstrap, or no mirror.
    """
    root = home() / f"timescale-{SUITE}"
    if os.geteuid() != 0:
        raise ServicesMissing(
            "a private TimescaleDB needs root (it lives in a folder of its own, entered by chroot): run this as root, "
            "or name servers that run already with TITAN_TEST_TIMESCALE_URL and TITAN_TEST_REDIS_URL"
        )
    if root.is_dir():
        return root
    home().mkdir(parents=True, exist_ok=True)
    with _alone(home() / "making.lock"):
        if not root.is_dir():  # another process may have made it meanwhile
            _make(root)
    return root


def _make(root: Path) -> None:
    """Debootstrap beside `root` and move it there when it is whole."""
    tool = shutil.which("debootstrap", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if tool is None:
        raise ServicesMissing("debootstrap is missing: apt-get install debootstrap")
    if not Path("/usr/share/keyrings/debian-archive-keyring.gpg").exists():
        raise ServicesMissing(
            "Debian's signing keys are missing: apt-get install debian-archive-keyring (the packages are checked)"
        )
    draft = root.with_name(f"{root.name}.making")
    shutil.rmtree(draft, ignore_errors=True)
    log = home() / "debootstrap.log"
    command = [tool, "--variant=minbase", f"--include={PACKAGES}", SUITE, str(draft), mirror()]
    with log.open("wb") as output:
        ended = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
    if ended.returncode:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
        raise ServicesMissing(f"debootstrap failed, see {log}:\n{last}")
    for archive in (draft / "var/cache/apt/archives").glob("*.deb"):
        archive.unlink()
    draft.rename(root)


def mirror(apt: Path = APT) -> str:
    """The address of Debian itself among the machine's apt sources (security and other archives stand there too).

    Raises
    ------
    ServicesMissing
        None of them holds the release.
    """
    named = list(dict.fromkeys(addresses(apt)))
    # Most likely first: where the path ends in /debian. A machine may have given its mirror any other path.
    for address in sorted(named, key=lambda text: not text.rstrip("/").endswith("/debian")):
        if _holds_release(address):
            return address
    raise ServicesMissing(
        f"no Debian mirror with {SUITE} among the sources in {apt} ({', '.join(named) or 'none named'}); "
        "add one there, or name a running TimescaleDB with TITAN_TEST_TIMESCALE_URL"
    )


def addresses(apt: Path = APT) -> Iterator[str]:
    """Every address in apt's sources, in both of its formats; http and https alone."""
    for path in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]:
        if not path.is_file():
            continue
        text = path.read_text(errors="replace")
        if path.suffix == ".sources":
            for stanza in re.split(r"\n\s*\n", re.sub(r"(?m)^#.*\n?", "", text)):
                if not re.search(r"(?mi)^Enabled:\s*no\b", stanza):
                    for line in re.findall(r"(?mi)^URIs:(.*(?:\n[ \t].*)*)", stanza):
                        yield from re.findall(r"https?://\S+", line)
        elif path.suffix == ".list":
            for line in re.findall(r"(?m)^\s*deb\s+(.*)$", text):
                yield from re.findall(r"^(?:\[[^\]]*\]\s*)?(https?://\S+)", line)


def _holds_release(address: str) -> bool:
    """Whether that archive is Debian's own and holds the release."""
    url = f"{address.rstrip('/')}/dists/{SUITE}/InRelease"
    try:
        with urllib.request.urlopen(url, timeout=_MIRROR_SECONDS) as answer:
            start = answer.read(4096).decode(errors="replace")
    except (urllib.error.URLError, OSError, ValueError):
        return False
    return re.search(r"(?m)^Origin: Debian$", start) is not None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
