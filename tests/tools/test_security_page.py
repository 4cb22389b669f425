"""docs/security.md: every requirement of ASVS 5.0 level 2 has its row, and what a row names is there."""

import re

from tests.tools.test_readme import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
ROWS = re.findall(r"^\| ((?:\d+\.\d+\.\d+)[^|]*?) \| ([\w/]+) \| ([^|]*) \|$", PAGE, flags=re.MULTILINE)
# Last requirement of each section at levels 1 and 2, of the chapters that apply whole; gaps are level 3.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3":
    4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2,
    "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3":
    2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "11.1": 2,
    "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2":
    5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1,
    "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip


def numbers(cell: str) -> set[str]:
    """`3.4.3–3.4.6, 3.5.1 (L3)` as single numbers."""
    found = set()
    for part in cell.replace("(L3)", "").split(","):
        first, _, last = part.strip().partition("–")
        section, _, start = first.rpartition(".")
        end = last.rpartition(".")[2] or start
        found |= {f"{section}.{number}" for number in range(int(start), int(end) + 1)}
    return found


def test_every_requirement_has_its_row() -> None:
    said = [number for cell, _, _ in ROWS for number in numbers(cell)]
    assert len(said) == len(set(said)), "a requirement stands twice"
    wanted = {f"{section}.{number}" for section, last in SECTIONS.items() for number in range(1, last + 1)}
    assert wanted - set(said) == set()


def test_states_are_the_five() -> None:
    table = re.findall(r"^\| \d[^|]* \| ([^|]+) \|", PAGE, flags=re.MULTILINE)
    assert set(table) == {"met", "part", "deploy", "not", "n/a"}


def test_what_it_names_is_there() -> None:
    files = {
        path.name for folder in ("tests", "frontend/react_app/src") for path in (ROOT / folder).rglob("*.*")
    }
    named = set(re.findall(r"`([\w/.]*?(\w+\.(?:py|test\.tsx?|ts)))`", PAGE))
    assert len(named) > 40
    for path, name in named:
        assert (ROOT / path).exists() or name in files or (ROOT / "frontend/react_app/src" / path).exists(), (
            path
        )
