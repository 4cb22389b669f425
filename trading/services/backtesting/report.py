"""A report of a backtest that needs nothing but a browser: text, tables, drawings inside; no script, no address."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

__all__ = ["report_page"]

_WIDTH, _HEIGHT, _POINTS = 960, 220, 800
_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#5b6570;
--line:#d4d9de;--paper:#fff;
--one:#0b6bcb;--two:#8a9199;--red:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--dim:#a0a8b0;
--line:#3a4047;--paper:#16191d;
--one:#6db3ff;--two:#8a9199;--red:#ff8a80}}
body{font:14px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:1000px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.4rem 0}.dim{color:var(--dim)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:.25rem .5rem;text-align:right;
border-bottom:1px solid var(--line)}th:first-child,td:first-child{text-align:left}svg{width:100%;height:auto}
.one{fill:none;stroke:var(--one);stroke-width:1.5}.two{fill:none;stroke:var(--two);stroke-width:1}.axis{stroke:var(--line)}
.under{fill:var(--red);opacity:.35}text{fill:var(--dim);font-size:11px}.scroll{overflow-x:auto}.neg{color:var(--red)}
"""
_HEADLINE = (
    "total_return",
    "annual_return",
    "volatility",
    "sharpe_ratio",
    "adjusted_sharpe_ratio",
    "sortino_ratio",
    "calmar_ratio",
    "maximum_drawdown",
    "drawdown_length",
    "win_rate",
    "profit_factor",
    "n_trades",
    "holding_time",
    "exposure",
    "turnover",
    "cost_share",
    "market_beta",
    "value_at_risk",
    "expected_shortfall",
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TRADES = (
    "number",
    "pair",
    "side",
    "entry_filled_at",
    "exit_filled_at",
    "exit_reason",
    "bars_held",
    "net_pnl",
)
_MOST_TRADES = 500


def report_page(whole: Mapping[str, Any], curve: Mapping[str, Any]) -> str:
    """The page as HTML."""
    run = whole["backtest"]
    title = escape(run["name"] or f"Backtest {run['id']}")
    pairs = ", ".join("/".join(pair) for pair in run["pairs"])
    parts = [
        f"<h1>{title}</h1>",
        f'<p class="dim">{escape(pairs)} · {escape(run["rule"])} · {_asked(run)}</p>',
        *(f"<p>{escape(words)}</p>" for words in run["warnings"]),
        "<h2>Equity</h2>",
        _drawing(curve, ("equity", "benchmark"), "Equity, and the benchmark in grey"),
        "<h2>Drawdown</h2>",
        _under(curve),
        "<h2>How much of it is luck</h2>",
        f"<p>{escape(whole['deflated'].get('words', ''))}</p>",
        f"<p>{escape(whole['overfitting'].get('min_track_record_words', ''))}</p>",
        "<h2>Figures</h2>",
        _figures(whole["metrics"]),
        "<h2>Months</h2>",
        _months(whole["monthly"]),
        "<h2>Costs</h2>",
        _table(("", "money"), [(name.replace("_", " "), _money(v)) for name, v in whole["costs"].items()]),
        "<h2>Trades</h2>",
        _trades(whole["trades"]),
        "<h2>Made from</h2>",
        _made_from(run),
    ]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _asked(run: Mapping[str, Any]) -> str:
    return f"{run['start_date']} to {run['end_date']} · capital {run['capital']:,.0f}"


def _sampled(n: int) -> Any:
    return np.unique(np.linspace(0, n - 1, min(n, _POINTS)).astype(np.int64))


def _drawing(curve: Mapping[str, Any], names: Sequence[str], words: str) -> str:
    """Lines over time on one scale."""
    n = curve["timestamps"].size
    if n < 2:
        return "<p>There is no curve.</p>"
    at = _sampled(n)
    series = {name: curve[name][at] for name in names if np.isfinite(curve[name]).any()}
    low = min(float(np.nanmin(values)) for values in series.values())
    high = max(float(np.nanmax(values)) for values in series.values())
    lines = [
        f'<polyline class="{kind}" points="{_points(at, series[name], n, low, high)}"/>'
        for name, kind in reversed(list(zip(names, ("one", "two"), strict=False)))
        if name in series
    ]
    return _frame(curve, "".join(lines), _money(low), _money(high), words)


def _under(curve: Mapping[str, Any]) -> str:
    """The drawdown as an area that hangs from the top."""
    n = curve["timestamps"].size
    if n < 2:
        return ""
    at = _sampled(n)
    deepest = max(float(curve["drawdown"].max()), 1e-12)
    points = _points(at, -curve["drawdown"][at], n, -deepest, 0.0)
    area = f'<polygon class="under" points="0,0 {points} {_WIDTH},0"/>'
    return _frame(curve, area, f"−{deepest:.1%}", "0 %", "Drawdown from the highest equity so far")


def _points(at: Any, values: Any, n: int, low: float, high: float) -> str:
    span = high - low or 1.0
    return " ".join(
        f"{x / (n - 1) * _WIDTH:.1f},{(high - value) / span * _HEIGHT:.1f}"
        for x, value in zip(at.tolist(), values.tolist(), strict=True)
        if math.isfinite(value)
    )


def _frame(curve: Mapping[str, Any], inside: str, low: str, high: str, words: str) -> str:
    first, last = (str(curve["timestamps"][i].astype("datetime64[D]")) for i in (0, -1))
    return (
        f'<svg viewBox="-4 -16 {_WIDTH + 8} {_HEIGHT + 36}" role="img"><title>{escape(words)}</title>'
        f'<line class="axis" x1="0" y1="{_HEIGHT}" x2="{_WIDTH}" y2="{_HEIGHT}"/>'
        f'<line class="axis" x1="0" y1="0" x2="{_WIDTH}" y2="0"/>{inside}'
        f'<text x="0" y="-4">{escape(high)}</text><text x="0" y="{_HEIGHT - 4}">{escape(low)}</text>'
        f'<text x="0" y="{_HEIGHT + 14}">{first}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 14}" text-anchor="end">{last}</text></svg>'
    )


def _figures(metrics: Mapping[str, Any]) -> str:
    rows = [
        (one["title"], _number(one["value"], one["unit"]), _error(one), f"{one['n']:,} {one['counts']}")
        for one in (metrics[name] for name in _HEADLINE if name in metrics)
    ]
    return _table(("", "value", "± standard error", "from"), rows)


def _error(one: Mapping[str, Any]) -> str:
    error = one["standard_error"]
    return "" if not error else _number(error, one["unit"])


def _months(monthly: Mapping[str, Any]) -> str:
    rows = [
        (str(year), *(_percent(value) for value in months), _percent(total))
        for year, months, total in zip(monthly["years"], monthly["months"], monthly["totals"], strict=True)
    ]
    return _table(("", *_MONTHS, "Year"), rows)


def _trades(trades: Sequence[Mapping[str, Any]]) -> str:
    rows = [tuple(_cell(name, trade[name]) for name in _TRADES) for trade in trades[:_MOST_TRADES]]
    more = len(trades) - _MOST_TRADES
    said = f'<p class="dim">The first {_MOST_TRADES} of {len(trades):,}.</p>' if more > 0 else ""
    return said + _table([name.replace("_", " ") for name in _TRADES], rows)


def _made_from(run: Mapping[str, Any]) -> str:
    manifest = run["manifest"] or {}
    rows = [
        ("Bars", str(manifest.get("bars", ""))[:16]),
        ("Engine", str(manifest.get("engine_version", ""))),
        ("Result", str(run["result_hash"])[:16]),
        *(
            (f"{part} {name}", str(value))
            for part in ("parameters", "sizing")
            for name, value in run[part].items()
        ),
        *((f"costs {name}", str(value)) for name, value in run["costs"].items()),
    ]
    return _table(("", ""), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(text)}</th>" for text in head)
    lines = "".join(
        "<tr>"
        + "".join(f"<td{' class=neg' if text.startswith('−') else ''}>{escape(text)}</td>" for text in row)
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>'


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith("_at"):
        return f"{value:%Y-%m-%d}"
    return _money(value) if name == "net_pnl" else str(value)


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "none"
    if unit == "fraction":
        return _percent(value)
    if unit == "money":
        return _money(value)
    return f"{value:,.2f}".replace("-", "−") if unit == "ratio" else f"{value:,.1f}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}".replace("-", "−")


def _money(value: float) -> str:
    return f"{value:,.0f}".replace("-", "−")
