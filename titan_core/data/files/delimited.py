"""Delimited text: which delimiter and heading, and its rows in batches of text columns."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from titan_core.data.files.options import FileOptions
from titan_core.data.files.text import LONGEST_LINE, Utf8Stream
from titan_core.errors import InvalidInput
from titan_core.types import Int1D

__all__ = ["BadLine", "Heading", "heading_of", "text_batches"]

_DELIMITERS = (",", ";", "\t", "|")
BLOCK = LONGEST_LINE  # bytes parsed at once
_SAMPLE_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Heading:
    """The first lines of a file: its delimiter, its names, and the cells of its first rows."""

    delimiter: str
    names: tuple[str, ...]
    lines: int  # up to and with the heading
    sample: tuple[tuple[str, ...], ...]
    whole: bool  # whether the sample is the file


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line with too many or too few cells."""

    row: int
    text: str
    expected: int
    found: int


def heading_of(stream: Utf8Stream, options: FileOptions, name: str) -> Heading:
    """Look at the beginning of a text file.

    Raises
    ------
    InvalidInput
        It has no rows, or its first line is data.
    """
    lines = stream.head.splitlines()
    whole = len(stream.head.encode()) < 60 * 1024
    if not whole and len(lines) > 1:
        lines = lines[:-1]  # cut off where the look ended
    elif len(stream.head) > LONGEST_LINE:
        raise InvalidInput(
            f"the first line of {name} is longer than {LONGEST_LINE // 2**20} MiB: no heading is, so either lines do "
            "not end where they should, or the table lies on its side"
        )
    start = 0
    delimiter = options.delimiter
    while start < len(lines) and (not lines[start].strip() or lines[start].lower().startswith("sep=")):
        if lines[start].lower().startswith("sep=") and delimiter == "auto":
            delimiter = lines[start].strip()[4:5] or "auto"  # type: ignore[assignment]  # checked below
        start += 1
    if start == len(lines):
        raise InvalidInput(f"{name} is blank: it has no rows")
    head = lines[start]
    chosen = delimiter if delimiter in _DELIMITERS else max(_DELIMITERS, key=lambda d: len(_cells(head, d)))
    names = tuple(_cells(head, chosen))
    sample = tuple(
        tuple(_cells(line, chosen)) for line in lines[start + 1 : start + 1 + _SAMPLE_LINES] if line.strip()
    )
    if not sample and whole:
        raise InvalidInput(f"{name} has a heading and no rows")
    if sum(bool(re.fullmatch(r"[\d.,:/\- ]+", cell.strip())) for cell in names) > len(names) / 2:
        raise InvalidInput(
            f"{name} has no heading: its first line is {head[:60]!r}; put a line before it that names the columns, "
            "such as Date,Open,High,Low,Close,Volume"
        )
    return Heading(chosen, names, start + 1, sample, whole)


def text_batches(
    stream: Utf8Stream, heading: Heading, used: Sequence[int], bad: list[BadLine]
) -> Iterator[tuple[Int1D, dict[int, Any]]]:
    """Line numbers and text columns of the file by position, batch after batch, in bounded memory.

    Lines that don't fit the heading are appended to ``bad`` before the batch that follows them is given; blank ones
    are passed over.

    Raises
    ------
    InvalidInput
        A line is longer than any line of prices (a quote that is never closed, for one).
    """
    n = len(heading.names)
    skipped: list[int] = []

    def on_bad(line: Any) -> str:
        number = int(line.number)
        skipped.append(number)
        if line.text.strip(" \t\r\n" + heading.delimiter):
            bad.append(BadLine(number, line.text[:500], line.expected_columns, line.actual_columns))
        return "skip"

    names = [f"c{i}" for i in range(n)]
    try:
        reader = pacsv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=pacsv.ReadOptions(
                use_threads=False, block_size=BLOCK, column_names=names, skip_rows=heading.lines
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=heading.delimiter, ignore_empty_lines=False, invalid_row_handler=on_bad
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=[f"c{i}" for i in used],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
        line, at = heading.lines + 1, 0
        for batch in reader:
            rows = np.empty(batch.num_rows, np.int64)
            filled = 0
            while filled < batch.num_rows:
                # lines up to the next one that was passed over follow each other
                stop = skipped[at] if at < len(skipped) else None
                take = batch.num_rows - filled if stop is None else min(batch.num_rows - filled, stop - line)
                rows[filled : filled + take] = np.arange(line, line + take)
                filled, line = filled + take, line + take
                while at < len(skipped) and skipped[at] == line:
                    line, at = line + 1, at + 1
            yield rows, {i: batch.column(position) for position, i in enumerate(used)}
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            raise InvalidInput("the file has a heading and no rows") from error
        raise InvalidInput(
            f"the rows can't be told apart ({_first_line(error)}): is a quotation mark left open, "
            f"or a line longer than {BLOCK / 2**20:g} MiB?"
        ) from error


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:160]
