"""A finished backtest as a file: CSV, Parquet, JSON, or a report that opens in any browser.

A file is made while it is sent: columns lie in memory as numbers, the text of a few thousand rows at a time.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from common.csv import csv_lines
from trading.models import BacktestRun
from trading.services.backtesting import judge
from trading.services.backtesting.curves import curve_of
from trading.services.backtesting.describe import shared_fields
from trading.services.backtesting.report import report_page

__all__ = ["Export", "export_run"]

_COLUMNS = ("timestamps", "equity", "drawdown", "gross", "net", "cash", "benchmark")
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
_ROWS_AT_ONCE = 4_096
_ROWS_A_GROUP = 16_384  # of a Parquet file


@dataclass(frozen=True, slots=True)
class Export:
    """A file to take along, in pieces that are made as they are asked for."""

    chunks: Iterator[bytes]
    media_type: str
    filename: str


def export_run(run: BacktestRun, form: str) -> Export:
    """The file; csv and parquet hold the curve, json and html everything."""
    name = f"backtest-{run.pk}"
    if form == "csv":
        return Export(_csv(run), "text/csv; charset=utf-8", f"{name}-equity.csv")
    if form == "parquet":
        return Export(_parquet(run), "application/vnd.apache.parquet", f"{name}-equity.parquet")
    if form == "html":
        return Export(_html(run), "text/html; charset=utf-8", f"{name}.html")
    return Export(_json(run), "application/json", f"{name}.json")


def _facts(run: BacktestRun) -> dict[str, Any]:
    """What was asked, on what, and what came of it, but for what grows with its length."""
    fields = shared_fields(run, None)
    fields.pop("job")
    fields.pop("universe")
    result = run.result
    return {
        "backtest": fields | {"kind": run.kind, "result_hash": run.result_hash},
        "metrics": judge.with_definitions(result.metrics),
        "monthly": result.monthly,
        "costs": result.costs,
        "deflated": result.deflated,
        "overfitting": result.overfitting,
        "monte_carlo": result.monte_carlo,
    }


def _trades(run: BacktestRun) -> Iterator[dict[str, Any]]:
    skipped = {"id", "run", "run_id"}
    for row in run.trades.order_by("number").values().iterator(_ROWS_AT_ONCE):
        yield {name: value for name, value in row.items() if name not in skipped}


def _json(run: BacktestRun) -> Iterator[bytes]:
    """One object: the facts, the trades, the curve as columns."""
    yield _dumps(_facts(run))[:-1] + b',\n"trades":['
    for at, trade in enumerate(_trades(run)):
        yield (b",\n" if at else b"\n") + _dumps(trade)
    yield b'],\n"equity":{'
    curve = curve_of(run)
    for number, name in enumerate(_COLUMNS):
        yield (b",\n" if number else b"\n") + _dumps(name) + b":["
        for start in range(0, curve[name].size, _ROWS_AT_ONCE):
            values = _dumps(np.ascontiguousarray(curve[name][start : start + _ROWS_AT_ONCE]))
            yield (b"," if start else b"") + values[1:-1]
        yield b"]"
    yield b"}}\n"


def _html(run: BacktestRun) -> Iterator[bytes]:
    yield report_page(_facts(run) | {"trades": list(_trades(run))}, curve_of(run)).encode()


def _csv(run: BacktestRun) -> Iterator[bytes]:
    curve = curve_of(run)

    def rows() -> Iterator[Mapping[str, Any]]:
        for at, stamp in enumerate(curve["timestamps"]):
            numbers = {
                name: "" if np.isnan(curve[name][at]) else float(curve[name][at]) for name in _COLUMNS[1:]
            }
            yield {"timestamps": f"{stamp.astype('datetime64[s]')}Z"} | numbers

    return (lines.encode() for lines in csv_lines(_COLUMNS, rows()))


def _parquet(run: BacktestRun) -> Iterator[bytes]:
    """Group after group of rows, each handed over as it is written."""
    curve = curve_of(run)
    stamps = pa.array(curve["timestamps"], pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    columns = {name: pa.array(curve[name], from_pandas=True) for name in _COLUMNS[1:]}
    head = {b"titan_manifest": orjson.dumps(run.manifest)}
    table = pa.table({"timestamps": stamps} | columns).replace_schema_metadata(head)
    sink = _Sink()
    with pq.ParquetWriter(sink, table.schema) as writer:
        for start in range(0, table.num_rows, _ROWS_A_GROUP):
            writer.write_table(table.slice(start, _ROWS_A_GROUP))
            yield from sink.taken()
    yield from sink.taken()


class _Sink(io.RawIOBase):
    """A file whose bytes are taken away as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._written.append(piece)
        self._position += len(piece)
        return len(piece)

    def taken(self) -> list[bytes]:
        """What was written since the last time."""
        pieces, self._written = self._written, []
        return pieces


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, tuple | set):
        return list(value)
    return str(value)
