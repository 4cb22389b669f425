"""Fixtures of the web tests: a finished scan."""

from collections.abc import Iterator

import pytest

from titan_core.analysis.cointegration.scan.blas import single_threaded_blas
from trading.models import Scan, Universe
from trading.services.cointegration_service import CointegrationService
from trading.services.jobs import JobService
from users.models import User


def run_scan(owner: User, **request: object) -> Scan:
    """A scan, asked for and worked off in this process."""
    scan = CointegrationService().request_scan_sync(owner=owner, **request)
    [job] = CointegrationService().described_sync([scan])
    assert job.job is not None
    assert JobService().run_sync(job.job.pk)
    scan.refresh_from_db()
    return scan


@pytest.fixture
def calm_blas() -> Iterator[None]:
    """Oracles solve hundreds of small systems; threads that wait for each other on a busy machine take minutes."""
    with single_threaded_blas():
        yield


@pytest.fixture
def scanned(universe: Universe, trader: User) -> Scan:
    """The trader's finished scan of the small universe."""
    return run_scan(trader, universe=universe)
