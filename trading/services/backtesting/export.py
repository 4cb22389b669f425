"""A finished backtest as a file: CSV, Parquet, JSON, or a report that opens in any browser."""

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
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_INDENT_2


@dataclass(frozen=True, slots=True)
class Export:
    """A file to take along."""

    content: bytes
    media_type: str
    filename: str


def export_run(run: BacktestRun, form: str) -> Export:
    """The file; csv and parquet hold the curve, json and html everything."""
    curve = curve_of(run)
    name = f"backtest-{run.pk}"
    if form == "csv":
        return Export(_csv(curve).encode(), "text/csv; charset=utf-8", f"{name}-equity.csv")
    if form == "parquet":
        return Export(_parquet(run, curve), "application/vnd.apache.parquet", f"{name}-equity.parquet")
    whole = _everything(run)
    if form == "html":
        page = report_page(whole, curve)
        return Export(page.encode(), "text/html; charset=utf-8", f"{name}.html")
    content = orjson.dumps(
        whole | {"equity": {k: curve[k] for k in _COLUMNS}}, default=_plain, option=_OPTIONS
    )
    return Export(content, "application/json", f"{name}.json")


def _everything(run: BacktestRun) -> dict[str, Any]:
    """What was asked, on what, and what came of it."""
    fields = shared_fields(run, None)
    fields.pop("job")
    fields.pop("universe")
    skipped = {"id", "run", "run_id"}
    trades = [
        {name: value for name, value in row.items() if name not in skipped}
        for row in run.trades.order_by("number").values()
    ]
    result = run.result
    return {
        "backtest": fields | {"kind": run.kind, "result_hash": run.result_hash},
        "metrics": judge.with_definitions(result.metrics),
        "monthly": result.monthly,
        "costs": result.costs,
        "deflated": result.deflated,
        "overfitting": result.overfitting,
        "monte_carlo": result.monte_carlo,
        "trades": trades,
    }


def _csv(curve: Mapping[str, Any]) -> str:
    def rows() -> Iterator[dict[str, Any]]:
        for at, stamp in enumerate(curve["timestamps"]):
            numbers = {
                name: "" if np.isnan(curve[name][at]) else float(curve[name][at]) for name in _COLUMNS[1:]
            }
            yield {"timestamps": f"{stamp.astype('datetime64[s]')}Z"} | numbers

    return "".join(csv_lines(_COLUMNS, rows()))


def _parquet(run: BacktestRun, curve: Mapping[str, Any]) -> bytes:
    stamps = pa.array(curve["timestamps"], pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    columns = {name: pa.array(curve[name], from_pandas=True) for name in _COLUMNS[1:]}
    head = {b"titan_manifest": orjson.dumps(run.manifest)}
    sink = io.BytesIO()
    pq.write_table(pa.table({"timestamps": stamps} | columns).replace_schema_metadata(head), sink)
    return sink.getvalue()


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, tuple | set):
        return list(value)
    return str(value)
