"""Exit 1 if a document points nowhere or names a command that is not there, or a file names one machine.

Every relative link and image in tracked Markdown resolves (its #anchor too), every `make target` and
`titan command` it names exists, and no tracked text file holds somebody's folders or a registry's host.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.*)$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"(?:`|^\s*(?:\$ )?)(?:[A-Z_]+=\S+ )*make ([a-z][a-z-]+)", re.MULTILINE)
TITAN = re.compile(r"`(?:\.venv/bin/)?titan ([a-z][a-z_-]*)")
TARGET = re.compile(r"^([a-z][a-z-]+):", re.MULTILINE)
# the brackets keep this line from finding itself
MACHINE = re.compile(
    r"/[r]oot/|/[h]ome/[a-z]|/[U]sers/[a-z]|/[w]ork/|[r]egistry\.npmjs|[f]iles\.pythonhosted|[p]ypi\.org"
)
BINARY = {".png", ".woff2", ".ico", ".arrow", ".gz", ".parquet"}


def main() -> int:
    """Print what is wrong, one line each."""
    files = tracked()
    documents = [path for path in files if path.suffix == ".md"]
    problems = [problem for path in documents for problem in (*broken_links(path), *unknown_commands(path))]
    problems += [problem for path in files if path.suffix not in BINARY for problem in machine_names(path)]
    print("\n".join(problems))
    return 1 if problems else 0


def tracked() -> list[Path]:
    """Every file git knows or would add."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for name in listing.split("\0") if name and (path := ROOT / name).is_file()]


def broken_links(document: Path) -> Iterator[str]:
    """Relative links without a file, anchors without a heading."""
    text = FENCE.sub("", document.read_text())
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists():
            yield f"{document.relative_to(ROOT)}: link to {link}: no such file"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            yield f"{document.relative_to(ROOT)}: link to {link}: no such heading"


def anchors(document: Path) -> set[str]:
    """The anchors a Markdown viewer makes of the headings."""
    titles = HEADING.findall(FENCE.sub("", document.read_text()))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def unknown_commands(document: Path) -> Iterator[str]:
    """Commands a reader would type in vain."""
    text = document.read_text()
    targets = set(TARGET.findall((ROOT / "Makefile").read_text()))
    for target in MAKE.findall(text):
        if target not in targets:
            yield f"{document.relative_to(ROOT)}: `make {target}`: no such target"
    ours = {path.stem.replace("_", "-") for path in ROOT.glob("*/management/commands/*.py")}
    for command in TITAN.findall(text):
        if command not in ours | DJANGO_COMMANDS:
            yield f"{document.relative_to(ROOT)}: `titan {command}`: no such command"


DJANGO_COMMANDS = {
    "migrate",
    "makemigrations",
    "createsuperuser",
    "changepassword",
    "collectstatic",
    "shell",
    "spectacular",
    "check",
}


def machine_names(path: Path) -> Iterator[str]:
    """Lines that would only make sense on one machine."""
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return
    for number, line in enumerate(text.splitlines(), 1):
        found = MACHINE.search(line)
        if found:
            yield f"{path.relative_to(ROOT)}:{number}: {found.group()!r} belongs to one machine or registry"


if __name__ == "__main__":
    sys.exit(main())
