"""Exports a spreadsheet can open without running anything in them."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.csv import csv_lines, neutral

ROOT = Path(__file__).resolve().parents[2]
# What a spreadsheet begins a formula with; the second row are the same signs as full-width letters.
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "  =1", "=HYPERLINK(\"x\",\"y\")",
            "=cmd|' /C calc'!A0", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"]  # fmt: skip


def table(names: list[str], rows: list[dict[str, Any]]) -> list[list[str]]:
    """What a reader of the file sees."""
    return list(csv.reader(io.StringIO("".join(csv_lines(names, rows)))))


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_would_run_is_preceded_by_an_apostrophe(text: str) -> None:
    assert table(["a"], [{"a": text}])[1] == [f"'{text}"]
    assert table([text], [])[0] == [f"'{text}"]


def test_numbers_stay_numbers() -> None:
    assert [neutral(value) for value in (-1.5, 1e-300, -3, None, float("nan"), float("-inf"), True)] == [
        "-1.5", "1e-300", -3, "", "", "", "true",
    ]  # fmt: skip


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_whatever_the_text_no_cell_begins_a_formula_and_none_is_lost(cells: list[str]) -> None:
    names = [f"c{i}" for i in range(len(cells))]
    read = table(names, [dict(zip(names, cells, strict=True))])[1:]
    joined = [cell for row in read for cell in row] or [""]
    assert all(not re.match(r" *[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]", cell) for cell in joined)
    assert [cell.removeprefix("'") for cell in joined] == [cell.removeprefix("'") for cell in cells]


def test_nothing_else_writes_tables_as_text() -> None:
    """Whatever becomes CSV goes through `csv_lines`, and in the browser through `toCsv`."""
    rooms = ("api", "trading", "users", "common", "channels_app", "frontend", "titan")
    writers = [
        str(path.relative_to(ROOT))
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if "node_modules" not in path.parts
        and re.search(r"csv\.(?:writer|DictWriter)|\.to_csv\(", path.read_text())
    ]
    assert writers == ["common/csv.py"]
    source = ROOT / "frontend" / "react_app" / "src"
    scripts = [
        path for suffix in ("ts", "tsx") for path in source.rglob(f"*.{suffix}") if ".test." not in path.name
    ]
    assert [
        path.name for path in scripts if "text/csv" in path.read_text() and "generated" not in path.parts
    ] == ["csv.ts"]


def test_both_neutralise_the_same_signs() -> None:
    script = (ROOT / "frontend/react_app/src/components/table/csv.ts").read_text()
    [pattern] = re.findall(r"FORMULA_START = /(.+)/;", script)
    for text in FORMULAS:
        assert re.match(pattern, text), text
        assert neutral(text) == f"'{text}"
