"""Cointegration scans: asked for, run as jobs, read, promoted; and the pairs of a list selected at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from titan_core.analysis import REASONS
from trading.models import Job, JobKind, Scan, Symbol, Universe
from trading.services import artefacts
from trading.services.base_service import BaseService, async_form
from trading.services.jobs import JobService, Report, handles
from trading.services.market_data import MarketDataService
from trading.services.refusals import Refusal
from trading.services.scans.candidates import CandidateQuery, CandidateRows, find_candidates
from trading.services.scans.checks import USUAL
from trading.services.scans.describe import DescribedScan, describe
from trading.services.scans.promote import Promotion, promote
from trading.services.scans.run import run_scan, scan_table
from trading.services.scans.table import NUMBERS, ScanTable
from trading.services.windows import known_symbols, resolve_window
from trading.utils import finite_or_none
from users.models import User

__all__ = ["CointegrationService", "SelectedPair"]

BOUNDS = ("hypothesis_pvalue__lte", "qvalue__lte", "half_life__gte", "half_life__lte", "correlation__gte")


@dataclass(frozen=True, slots=True)
class SelectedPair:
    """The better direction of a pair that passed; ``symbol_1`` is the dependent leg, ratios are of dollars."""

    symbol_1: str
    symbol_2: str
    statistic: float
    pvalue: float
    hypothesis_pvalue: float
    qvalue: float
    lag: int
    hedge_ratio: float
    intercept: float
    correlation: float | None
    half_life: float | None
    n_obs: int


class CointegrationService(BaseService):
    """Everything about scans."""

    def select_pairs_sync(
        self,
        symbols: Sequence[str],
        start_date: date | None = None,
        end_date: date | None = None,
        timeframe: str = "1d",
        min_correlation: float = 0.6,
        significance_level: float = 0.05,
    ) -> list[SelectedPair]:
        """Better directions of the pairs that pass, most negative statistic first.

        Every pair of `symbols` is tested on log total-return prices, and the q-value (Benjamini–Yekutieli over all of
        them) must be at most `significance_level`; the correlation of log returns is looked at after that correction.
        """
        rows = known_symbols(symbols)
        _check_symbols(rows, within_sectors=False)
        start, end = resolve_window(rows, timeframe=timeframe, start=start_date, end=end_date)
        panel = MarketDataService().load_panel_sync(
            [row.ticker for row in rows], timeframe=timeframe, start=start, end=end
        )
        table = ScanTable(scan_table(panel, USUAL | {"alpha": significance_level}, None))
        first, second = table.symbols("symbol_1"), table.symbols("symbol_2")
        columns = {name: table.numbers(name) for name in NUMBERS}
        return [
            _selected(first[row], second[row], {name: float(values[row]) for name, values in columns.items()})
            for row in table.better
            if columns["qvalue"][row] <= significance_level and columns["correlation"][row] >= min_correlation
        ]

    select_pairs = async_form(select_pairs_sync)

    @transaction.atomic
    def request_scan_sync(
        self,
        /,
        *,
        owner: User,
        universe: Universe | None = None,
        symbols: Sequence[str] | None = None,
        start_date: date | None = None,
        end_date: date | None = None,
        timeframe: str = "1d",
        **parameters: Any,
    ) -> Scan:
        """A scan of a universe or of tickers, and its job; the window is settled now, and so is what runs."""
        rows = (
            known_symbols(symbols or ())
            if universe is None
            else list(universe.symbols.active().order_by("ticker"))
        )
        chosen = USUAL | parameters
        _check_symbols(rows, within_sectors=chosen["within_sectors"])
        if chosen["within_sectors"]:
            # a symbol of no known sector is a family of its own: it pairs with none
            chosen["families"] = {row.ticker: row.sector or f"none:{row.ticker}" for row in rows}
        if chosen["autolag"] is None and chosen["max_lag"] is None:
            raise Refusal("Without a lag rule the lag itself must be given: set max_lag.", field="max_lag")
        start, end = resolve_window(rows, timeframe=timeframe, start=start_date, end=end_date)
        scan = Scan.objects.create(
            owner=owner,
            universe=universe,
            symbols=[row.ticker for row in rows],
            parameters=chosen,
            timeframe=timeframe,
            start_date=start,
            end_date=end,
            n_symbols=len(rows),
        )
        JobService().enqueue_sync(kind=JobKind.SCAN, owner=owner, subject=scan)
        return scan

    request_scan = async_form(request_scan_sync)

    @handles(JobKind.SCAN)
    def run_sync(self, job: Job, report: Report) -> None:
        """Run a scan's job."""
        run_scan(job, report)

    def described_sync(self, scans: Sequence[Scan], *, exact: bool = False) -> list[DescribedScan]:
        """Scans as they are shown; `exact` settles whether their data changed even where that takes loading it."""
        return describe(scans, exact=exact)

    described = async_form(described_sync)

    def candidates_sync(self, scan: Scan, /, **query: Any) -> CandidateRows:
        """The candidates a query asks for, by rank unless ordered otherwise, as rows to slice."""
        bounds = tuple((*name.rsplit("__", 1), query[name]) for name in BOUNDS if query.get(name) is not None)
        return find_candidates(
            scan,
            CandidateQuery(
                everything=bool(query.get("all")),
                search=query.get("search", ""),
                symbol=query.get("symbol", "").upper(),
                is_discovery=query.get("is_discovery"),
                outlier_driven=query.get("outlier_driven"),
                bounds=bounds,
                ordering=tuple(query.get("ordering", ())),
            ),
        )

    candidates = async_form(candidates_sync)

    def skipped_sync(self, scan: Scan) -> list[dict[str, str]]:
        """The pairs that could not be tested, each with its reason in words; none while there is no result."""
        if not scan.is_complete or not scan.n_skipped:
            return []
        table = ScanTable(artefacts.table("scans", scan.result_hash))
        taken = (
            table.table.take(table.skipped).select(["symbol_1", "symbol_2", "reason", "n_obs"]).to_pylist()
        )
        return [_skipped(row, scan.parameters["min_overlap"]) for row in taken]

    skipped = async_form(skipped_sync)

    def promote_sync(
        self, scan: Scan, *, candidate_ids: Sequence[int], by: User, force_outliers: bool = False
    ) -> Promotion:
        """Register candidates as pairs; those driven by outliers only where that is forced."""
        return promote(scan, candidate_ids, by=by, force_outliers=force_outliers)

    promote = async_form(promote_sync)

    @transaction.atomic
    def delete_scan_sync(self, scan: Scan) -> None:
        """Delete a scan with its candidates and job; one that still runs must be cancelled first."""
        jobs = Job.objects.about(scan)
        if jobs.active().exists():
            raise Refusal(
                "This scan is still running: cancel its job first, then delete it.", code="conflict"
            )
        jobs.delete()
        scan.delete()

    delete_scan = async_form(delete_scan_sync)


def _check_symbols(rows: Sequence[Symbol], *, within_sectors: bool) -> None:
    """Refuse a scan that would form no pair."""
    if len(rows) < 2:
        named = f"only {rows[0].ticker}" if rows else "no active symbol"
        raise Refusal(
            f"A scan compares symbols in pairs and needs at least two; this one has {named}. Add symbols.",
            field="symbols",
        )
    sectors = Counter(row.sector for row in rows if row.sector)
    if within_sectors and not any(count > 1 for count in sectors.values()):
        raise Refusal(
            "No two of these symbols share a sector, so no pair can be formed: scan across sectors instead.",
            field="within_sectors",
        )


def _skipped(row: dict[str, Any], min_overlap: int) -> dict[str, str]:
    """A pair that was not tested, and why, in words."""
    first, second, reason = row["symbol_1"], row["symbol_2"], row["reason"]
    if reason == "too_little_overlap":
        bars = f"{row['n_obs']:,} bars" if row["n_obs"] != 1 else "1 bar"
        message = f"{first} and {second} have {bars} in common; this scan asks for {min_overlap:,}."
    else:
        message = f"{REASONS.get(reason, reason).format(symbol_1=first, symbol_2=second)}."
    return {"symbol_1": first, "symbol_2": second, "reason": reason, "message": message}


def _selected(first: str, second: str, numbers: dict[str, float]) -> SelectedPair:
    whole: dict[str, Any] = dict(numbers)
    whole |= {name: int(numbers[name]) for name in ("lag", "n_obs")}
    whole |= {name: finite_or_none(numbers[name]) for name in ("correlation", "half_life")}
    return SelectedPair(first, second, **whole)
