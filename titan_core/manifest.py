"""What a run was made from, so that it can be made again: the exact prices, parameters, engine and seed."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from titan_core import __version__
from titan_core.data.arrow_files import read_arrow, write_arrow
from titan_core.data.panels import PricePanel
from titan_core.errors import InvalidInput, StoreError

__all__ = ["Manifest", "panel_hash", "read_panel", "read_table", "table_hash", "write_panel", "write_table"]

_HASH = re.compile(r"[0-9a-f]{64}")
_ROWS_A_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that decides a run's result.

    Attributes
    ----------
    panel_hash : str
        `panel_hash` of the prices it read.
    parameters : mapping of str to JSON values, finite numbers only
    engine_version : str
    seed : int or None
        None where nothing is random.

    Raises
    ------
    InvalidInput
        The hash is none, or a parameter can't be kept as JSON.
    """

    panel_hash: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    engine_version: str = __version__
    seed: int | None = None

    def __post_init__(self) -> None:
        """Check the hash, and keep a copy of the parameters as JSON will give them back."""
        if not _HASH.fullmatch(self.panel_hash):
            raise InvalidInput(
                f"panel_hash {self.panel_hash!r} is no SHA-256 in hexadecimal: use manifest.panel_hash"
            )
        object.__setattr__(self, "parameters", json.loads(_canonical_json(dict(self.parameters))))

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, from which ``Manifest(**values)`` makes an equal one."""
        return {
            "panel_hash": self.panel_hash,
            "parameters": deepcopy(dict(self.parameters)),
            "engine_version": self.engine_version,
            "seed": self.seed,
        }


def panel_hash(panel: PricePanel) -> str:
    r"""SHA-256, in hexadecimal, of exactly what a panel holds, however its memory is laid out.

    The bytes hashed are, one after the other:

    1. ``titan-panel-1\n`` in ASCII;
    2. a JSON object with the keys adjustment, n_bars, scale, symbols in this order, no spaces, all but ASCII
       escaped as ``\uXXXX``; then ``\n``;
    3. the timestamps: n_bars signed 64-bit integers, little-endian, microseconds since 1970-01-01 UTC;
    4. the values: n_bars × n_symbols IEEE doubles, little-endian, bar after bar, every NaN as
       ``7ff8000000000000``. Minus zero differs from zero.
    """
    head = {
        "adjustment": panel.adjustment,
        "n_bars": panel.n_bars,
        "scale": panel.scale,
        "symbols": list(panel.symbols),
    }
    digest = hashlib.sha256(b"titan-panel-1\n")
    digest.update(_canonical_json(head).encode("ascii") + b"\n")
    digest.update(panel.timestamps.astype("<i8").tobytes())
    for at in range(0, panel.n_bars, _ROWS_A_BLOCK):
        digest.update(_double_bytes(panel.values[at : at + _ROWS_A_BLOCK]))
    return digest.hexdigest()


def write_panel(panel: PricePanel, folder: str | Path) -> Path:
    """Keep a panel as ``<panel_hash>.arrow`` in ``folder``; writing it again changes nothing.

    Raises
    ------
    StoreError
        The disk is full, or the folder can't be written. No half file is left under the name.
    """
    return write_arrow(panel.to_arrow(), Path(folder) / f"{panel_hash(panel)}.arrow")


def read_panel(path: str | Path) -> PricePanel:
    """The panel kept at ``path``, verified against the hash that names the file.

    Raises
    ------
    DataUnavailable
        There is no such file.
    StoreError
        It is damaged, or holds something else than its name says.
    """
    file = Path(path)
    table = read_arrow(file)
    try:
        panel = PricePanel.from_arrow(table)
    except InvalidInput as error:
        raise StoreError(f"{file} holds no panel ({error}): run again what made it") from error
    _verify(file, panel_hash(panel))
    return panel


def table_hash(table: pa.Table) -> str:
    r"""SHA-256, in hexadecimal, of a table's columns and metadata, however it is chunked, sliced or dictionary-coded.

    The bytes hashed are ``titan-table-1\n``; a JSON object (as in `panel_hash`) of columns, a list of [name, type]
    where type is Arrow's name of the plain type, metadata, an object of texts, and n_rows; ``\n``; then for each
    column one byte a row, 1 where there is a value and 0 where null, and the values, 0 or empty where null: numbers,
    times (as integers) little-endian, NaN as in `panel_hash`; booleans as one byte; texts as their n_rows lengths in
    bytes (signed 64-bit) and then their UTF-8 together.

    Raises
    ------
    InvalidInput
        A column is of another type: nested, decimal, binary.
    """
    columns = [_plain(column) for column in table.columns]
    metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    head = {
        "columns": [
            [name, str(column.type)] for name, column in zip(table.column_names, columns, strict=True)
        ],
        "metadata": metadata,
        "n_rows": table.num_rows,
    }
    digest = hashlib.sha256(b"titan-table-1\n")
    digest.update(_canonical_json(head).encode("ascii") + b"\n")
    for name, column in zip(table.column_names, columns, strict=True):
        for part in _column_bytes(name, column):
            digest.update(part)
    return digest.hexdigest()


def write_table(table: pa.Table, folder: str | Path) -> Path:
    """Keep a result table as ``<table_hash>.arrow`` in ``folder``; errors as `write_panel` and `table_hash`."""
    return write_arrow(table, Path(folder) / f"{table_hash(table)}.arrow")


def read_table(path: str | Path) -> pa.Table:
    """The table kept at ``path``, verified against the hash that names the file; errors as `read_panel`."""
    file = Path(path)
    table = read_arrow(file)
    try:
        found = table_hash(table)
    except InvalidInput as error:
        raise StoreError(f"{file} holds no result table ({error}): run again what made it") from error
    _verify(file, found)
    return table


def _verify(path: Path, found: str) -> None:
    """The name is the promise."""
    if path.stem != found:
        raise StoreError(
            f"{path} holds {found[:12]}…, not what its name says: it was altered; run again what made it"
        )


def _canonical_json(value: object) -> str:
    """Sorted keys, no spaces, ASCII, finite numbers: one text for one value."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"{error}: parameters must be JSON: text, finite numbers, lists, true, false, null"
        ) from error


def _double_bytes(values: npt.NDArray[np.floating[Any]]) -> bytes:
    """IEEE doubles (or floats), little-endian, row-major, one kind of NaN."""
    plain = np.array(values, values.dtype.newbyteorder("<"), order="C")
    plain[np.isnan(plain)] = np.nan
    return plain.tobytes()


def _plain(column: Any) -> Any:
    """One array without chunks or dictionary."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _text_bytes(texts: Any) -> Iterator[bytes]:
    """Lengths, then UTF-8, out of Arrow's own buffers: no Python string is made of a million symbols."""
    if len(texts):
        _, places, letters = texts.buffers()
        ends = np.frombuffer(places, "<i8", len(texts) + 1, 8 * texts.offset)
        yield np.diff(ends).tobytes()
        yield b"" if letters is None else letters[ends[0] : ends[-1]].to_pybytes()


def _column_bytes(name: str, column: Any) -> Iterator[bytes]:
    """Validity, then values, as `table_hash` says."""
    kind = column.type
    yield column.is_valid().to_numpy(zero_copy_only=False).astype("u1").tobytes()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield from _text_bytes(pc.fill_null(column, "").cast(pa.large_string()))
    elif pa.types.is_boolean(kind):
        yield pc.fill_null(column, False).to_numpy(zero_copy_only=False).astype("u1").tobytes()  # noqa: FBT003 - Arrow's own signature
    elif pa.types.is_floating(kind):
        yield _double_bytes(pc.fill_null(column, 0.0).to_numpy(zero_copy_only=False))
    elif pa.types.is_integer(kind) or pa.types.is_temporal(kind):
        numbers = column.view(f"int{kind.bit_width}") if pa.types.is_temporal(kind) else column
        whole = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False)
        yield whole.astype(whole.dtype.newbyteorder("<")).tobytes()
    elif not pa.types.is_null(kind):
        raise InvalidInput(
            f"column {name} is of type {kind}: keep numbers, text, booleans or times in a result table"
        )
