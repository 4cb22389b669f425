"""From candidate to registered pair, each refusal in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q

from common import audit
from titan_core.data import PricePanel
from titan_core.errors import DataUnavailable
from trading.models import Job, Scan, ScanCandidate, TradingPair
from trading.services import artefacts
from trading.services.market_data import MarketDataService
from trading.utils import as_datetime
from users.models import User

__all__ = ["Promotion", "promote"]


@dataclass(frozen=True, slots=True)
class Promotion:
    """What became of each candidate."""

    promoted: list[TradingPair]
    refused: list[dict[str, Any]]


@transaction.atomic
def promote(scan: Scan, candidate_ids: Sequence[int], *, by: User, force_outliers: bool = False) -> Promotion:
    """Register candidates of a scan as pairs; those that can't be say why, the others are registered all the same."""
    rows = scan.candidates.select_related("symbol_1", "symbol_2").filter(pk__in=candidate_ids)
    found = {candidate.pk: candidate for candidate in rows}
    panel: PricePanel | None = None
    outcome = Promotion([], [])
    for pk in dict.fromkeys(candidate_ids):
        candidate = found.get(pk)
        reason = (
            "This scan has no candidate of this number."
            if candidate is None
            else _refusal(scan, candidate, force_outliers=force_outliers)
        )
        if candidate is None or reason:
            outcome.refused.append({"candidate": pk, "reason": reason})
            continue
        panel = panel or _panel(scan)
        outcome.promoted.append(_register(scan, candidate, panel, by))
    return outcome


def _refusal(scan: Scan, candidate: ScanCandidate, *, force_outliers: bool) -> str:
    """Why a candidate can't become a pair; empty where it can."""
    if candidate.hedge_ratio <= 0:
        return (
            f"Its hedge ratio is {candidate.hedge_ratio:.3g}: both legs would be held the same way round, "
            "which hedges nothing. Such pairs are not promoted."
        )
    if candidate.outlier_driven is None and not force_outliers and Job.objects.about(scan).active().exists():
        return (
            "Whether a few bars make this finding is still being tested: wait for the scan's job to end, "
            "or promote it all the same with force_outliers."
        )
    if candidate.outlier_driven and not force_outliers:
        without = (
            "can't be tested"
            if candidate.outlier_pvalue is None
            else f"has p = {candidate.outlier_pvalue:.2g}"
        )
        return (
            f"outlier_driven: without its three most influential bars the pair {without}, so a few bars make the "
            "finding. Look for a bad price or an unadjusted split first; force_outliers promotes it all the same."
        )
    legs = {candidate.symbol_1_id, candidate.symbol_2_id}
    known = TradingPair.objects.with_symbols().filter(
        Q(symbol_1__in=legs) & Q(symbol_2__in=legs), timeframe=scan.timeframe
    )
    for pair in known:
        state = "" if pair.is_active else ", which is retired: bring it back instead"
        return f"{pair} is registered already as pair {pair.pk}{state}."
    return ""


def _register(scan: Scan, candidate: ScanCandidate, panel: PricePanel, by: User) -> TradingPair:
    """The pair, with the candidate's figures and the bars it was fitted on."""
    legs = panel.select([candidate.symbol_1.ticker, candidate.symbol_2.ticker])
    bars = legs.timestamps[np.isfinite(legs.values).all(axis=1)]
    pair = TradingPair.objects.create(
        symbol_1=candidate.symbol_1,
        symbol_2=candidate.symbol_2,
        timeframe=scan.timeframe,
        trend=scan.parameters["trend"],
        scale="log",
        cointegration_pvalue=candidate.pvalue,
        qvalue=candidate.qvalue,
        statistic=candidate.statistic,
        half_life=candidate.half_life,
        correlation=candidate.correlation,
        hedge_ratio=candidate.hedge_ratio,
        intercept=candidate.intercept,
        fit_start=as_datetime(bars[0]),
        fit_end=as_datetime(bars[-1]),
        n_obs=candidate.n_obs,
        scan=scan,
        created_by=by,
    )
    candidate.pair = pair
    candidate.save(update_fields=["pair"])
    audit.record("promotion", actor=by, target=str(pair), detail={"pair": pair.pk, "scan": scan.pk})
    return pair


def _panel(scan: Scan) -> PricePanel:
    """The panel the scan ran on, from its file, or as it is stored today where the file is gone."""
    try:
        return artefacts.panel((scan.manifest or {}).get("panel_hash", ""))
    except DataUnavailable:
        return MarketDataService().load_panel_sync(
            scan.symbols, timeframe=scan.timeframe, start=scan.start_date, end=scan.end_date
        )
