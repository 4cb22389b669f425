"""What `platform_workers` asks of TITAN: ``fill SYMBOLS BARS`` or ``scan WORKERS DRAWS``, in a process of its own."""

import hashlib
import json
import sys
import time
from collections.abc import Callable

import django

_LIMIT_SECONDS = 1500


def main() -> None:
    """Print one JSON object."""
    django.setup()
    command, first, second = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(fill(first, second) if command == "fill" else scan(first, second)))


def fill(n_symbols: int, n_bars: int) -> dict[str, object]:
    """A universe with prices, and someone who scans it."""
    from titan_core.data.synthetic import synthetic_universe
    from trading.models import Symbol, Universe
    from trading.services.market_data import MarketDataService
    from users.models import User
    from users.roles import Role

    n_pairs = n_symbols // 20
    panel = synthetic_universe(
        seed=5, n_bars=n_bars, n_cointegrated=n_pairs, n_breaking=0, n_random=n_symbols - 2 * n_pairs
    ).panel
    Symbol.objects.bulk_create(Symbol(ticker=ticker, name=ticker) for ticker in panel.symbols)
    universe = Universe.objects.create(name="Bench", slug="bench", source=Universe.Source.USER)
    MarketDataService().ingest_panel_sync(panel, source="bench", universe=universe)
    User.objects.create_with_role("bench", role=Role.TRADER, password=None)
    return {"n_symbols": panel.n_symbols}


def scan(n_workers: int, draws: int) -> dict[str, object]:
    """One scan, once so many workers say that they are there; its job's seconds and its figures."""
    from django.utils import timezone

    from trading.models import Job, JobStatus, Universe
    from trading.services.cointegration_service import CointegrationService
    from trading.services.jobs.workers import serving
    from users.models import User

    wait_until(lambda: serving(timezone.now())["compute"] == n_workers, "workers")
    made = CointegrationService().request_scan_sync(
        owner=User.objects.get(username="bench"), universe=Universe.objects.get(), null_draws=draws
    )
    job = Job.objects.about(made).get()

    def ended() -> bool:
        job.refresh_from_db()
        return not job.is_active

    wait_until(ended, "the scan")
    if job.status != JobStatus.COMPLETED or job.started_at is None or job.finished_at is None:
        sys.exit(f"the scan is {job.status}: {job.message}")
    if (job.parts_total is None) != (n_workers == 1):
        sys.exit(f"{n_workers} workers, and {job.parts_total} parts")
    made.refresh_from_db()
    answer = [made.result_hash, made.n_tests, made.n_discoveries, made.null_discoveries, made.null_nominal]
    rows = made.candidates.order_by("rank").values_list("rank", "statistic", "outlier_pvalue")
    return {
        "seconds": (job.finished_at - job.started_at).total_seconds(),
        "answer": [*answer, hashlib.sha256(repr(list(rows)).encode()).hexdigest()],
    }


def wait_until(look: Callable[[], bool], what: str) -> None:
    """Ask a few times a second."""
    deadline = time.monotonic() + _LIMIT_SECONDS
    while not look():
        if time.monotonic() > deadline:
            sys.exit(f"{what} did not come within {_LIMIT_SECONDS} s")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
