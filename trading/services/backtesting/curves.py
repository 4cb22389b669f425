"""Curves of runs: a file with every bit, which is read; and its points in the time-series database, for queries."""

from typing import Any

import numpy as np
import pyarrow as pa

from titan_core.types import Float1D
from trading.models import EquityPoint
from trading.services import artefacts
from trading.services.backtesting import judge
from trading.utils import as_datetime, finite_or_none

__all__ = ["curve_of", "keep_curve", "read_curve", "store_equity"]

COLUMNS = ("equity", "drawdown", "gross", "net", "cash", "benchmark")


def keep_curve(account: Any, benchmark: Float1D | None) -> str:
    """Write an account's columns once; the file's hash."""
    n = account.equity.size
    missing = np.full(n, np.nan)
    columns = {
        "equity": account.equity,
        "drawdown": judge.drawdown_of(account.equity),
        "gross": account.gross,
        "net": getattr(account, "net", missing),
        "cash": getattr(account, "cash", missing),
        "benchmark": missing if benchmark is None else benchmark,
    }
    stamps = pa.array(account.timestamps, pa.timestamp("us"))
    table = {"timestamps": stamps} | {name: pa.array(np.ascontiguousarray(v)) for name, v in columns.items()}
    return artefacts.put_table("backtests", pa.table(table))


def read_curve(name: str | None) -> dict[str, Any]:
    """The columns of a file; empty ones where a run has none yet."""
    if not name:
        return {"timestamps": np.empty(0, "datetime64[us]")} | {column: np.empty(0) for column in COLUMNS}
    table = artefacts.table("backtests", name)
    return {column: table[column].to_numpy() for column in ("timestamps", *COLUMNS)}


def curve_of(run: Any) -> dict[str, Any]:
    """The account bar by bar with rolling Sharpe ratio and beta; empty columns without a result."""
    columns = read_curve(run.inputs.get("curve"))
    sharpe, beta = np.empty(0), np.empty(0)
    if columns["equity"].size > 1:
        periods = run.inputs["periods_per_year"]
        sharpe, beta = judge.rolling(columns["equity"], columns["benchmark"], periods)
    return columns | {"rolling_sharpe": sharpe, "rolling_beta": beta}


def store_equity(kind: str, run_id: int, name: str) -> None:
    """The curve as rows, once: whoever repeats it writes the same, so rows that are there stay."""
    columns = read_curve(name)
    rows = [
        EquityPoint(
            kind=kind,
            run_id=run_id,
            timestamp=as_datetime(instant),
            **{column: finite_or_none(float(columns[column][i])) for column in COLUMNS},
        )
        for i, instant in enumerate(columns["timestamps"])
    ]
    EquityPoint.objects.bulk_create(rows, batch_size=400, ignore_conflicts=True)
