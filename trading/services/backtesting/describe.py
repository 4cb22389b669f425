"""Runs as they are shown: with their job, their headline, and whether their data has changed since."""

import hashlib
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from django.core.cache import cache
from django.db import models

from titan_core.errors import TitanError
from trading.models import BacktestRun, Job, Series
from trading.services.backtesting.bars import load_bars, with_last_bars
from trading.services.backtesting.delistings import kept_delistings
from trading.services.backtesting.kept_bars import bars_hash
from trading.services.market_data import MarketDataService

__all__ = ["data_version", "describe", "headline", "shared_fields"]

_REMEMBER_SECONDS = 86_400
_SHARED = [
    "id",
    "name",
    "pairs",
    "rule",
    "parameters",
    "costs",
    "sizing",
    "limits",
    "capital",
    "timeframe",
    "start_date",
    "end_date",
    "fit_end",
    "universe",
    "scan_id",
    "strategy_id",
    "family",
    "warnings",
    "manifest",
    "created_at",
    "completed_at",
]
_NOTHING = {"value": None, "standard_error": None, "n": 0}


def shared_fields(run: Any, job: Job | None) -> dict[str, Any]:
    """What every run shows."""
    values = {name: getattr(run, name) for name in _SHARED}
    pairs = values["pairs"]
    return values | {
        "pairs": pairs,
        "parameters": _without_name(values["parameters"]),
        "periods_per_year": run.inputs["periods_per_year"],
        "job": job,
    }


def _without_name(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name != "name"}


def describe(runs: Sequence[BacktestRun], *, exact: bool = False) -> list[Any]:
    """Everything about these backtests, in a number of queries that does not grow with theirs."""
    jobs, changed = jobs_of(runs), data_changed(runs, exact=exact)
    return [
        SimpleNamespace(
            **shared_fields(run, jobs.get(run.pk)),
            kind=run.kind,
            metrics=_headline(run),
            sparkline=run.result.sparkline if hasattr(run, "result") else [],
            data_changed=is_changed,
            rerun=run.rerun,
            causality=run.causality,
        )
        for run, is_changed in zip(runs, changed, strict=True)
    ]


def _headline(run: BacktestRun) -> dict[str, Any] | None:
    if not hasattr(run, "result"):
        return None
    return headline(run.result.metrics, run.result.deflated)


def headline(metrics: Mapping[str, Any], deflated: Mapping[str, Any]) -> dict[str, Any] | None:
    """The figures of a list's row; None where there are none yet."""
    if not metrics:
        return None

    def value(name: str) -> float | None:
        found: float | None = metrics.get(name, _NOTHING)["value"]
        return found

    return {
        "total_return": value("total_return"),
        "cagr": value("annual_return"),
        "sharpe": metrics.get("sharpe_ratio", _NOTHING),
        "deflated_sharpe": deflated.get("probability"),
        "max_drawdown": value("maximum_drawdown"),
        "n_trades": int(value("n_trades") or 0),
        "cost_share": value("cost_share"),
    }


def jobs_of(runs: Sequence[models.Model]) -> dict[int, Job]:
    """The first job of each run, by its id: the one that made its result."""
    if not runs:
        return {}
    name = runs[0]._meta.model_name or ""
    kinds = {"backtestrun": "backtest", "sweep": "sweep", "walkforwardrun": "walk_forward"}
    jobs = Job.objects.filter(
        subject_type=name, subject_id__in=[run.pk for run in runs], kind=kinds[name]
    ).order_by("-id")
    return {job.subject_id: job for job in jobs if job.subject_id is not None}


def data_version(tickers: Sequence[str], timeframe: str) -> str:
    """Today's fingerprint of the series a run reads."""
    coverage = MarketDataService().coverage_sync(timeframe=timeframe)
    return _fingerprint(tickers, {one.symbol.ticker: one for one in coverage.values()})


def data_changed(runs: Sequence[Any], *, exact: bool) -> list[bool | None]:
    """For each run whether its bars would be others today; None where it has no result or that is not known."""
    if not runs:
        return []
    by_timeframe = {
        timeframe: {
            one.symbol.ticker: one for one in MarketDataService().coverage_sync(timeframe=timeframe).values()
        }
        for timeframe in {run.timeframe for run in runs}
    }
    answers: list[bool | None] = []
    for run in runs:
        version = _fingerprint(run.inputs.get("tickers", ()), by_timeframe[run.timeframe])
        if not run.is_complete:
            answers.append(None)
        elif run.inputs.get("data_version") == version:
            answers.append(False)
        else:
            answers.append(_bars_changed(run, version, exact=exact))
    return answers


def _bars_changed(run: Any, version: str, *, exact: bool) -> bool | None:
    key = f"run-data:{run._meta.model_name}:{run.pk}:{version}"
    known: bool | None = cache.get(key)
    if known is not None or not exact:
        return known
    changed: bool
    try:
        bars = load_bars(
            run.inputs["tickers"], timeframe=run.timeframe, start=run.inputs["first_day"], end=run.end_date
        )
        settled = with_last_bars(bars, kept_delistings(run.inputs), None)
        changed = str(run.inputs["bars"]) not in {bars_hash(bars), bars_hash(settled)}
    except TitanError:  # a symbol or its bars are gone: that is a change
        changed = True
    cache.set(key, changed, _REMEMBER_SECONDS)
    return changed


def _fingerprint(tickers: Sequence[str], series: Mapping[str, Series]) -> str:
    digest = hashlib.sha256()
    for ticker in sorted(tickers):
        one = series.get(ticker)
        state = "none" if one is None else f"{one.pk}|{one.n_bars}|{one.updated_at.isoformat()}"
        digest.update(f"{ticker}|{state}\n".encode())
    return digest.hexdigest()
