"""Uploads from the request to the report: what is stored, what is set aside, who may see it, what a fault leaves."""

import csv
import io
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django import Settings
from rest_framework.test import APIClient

from titan_core.data.calendars import sessions_between
from titan_core.data.store import WriteResult
from titan_core.errors import StoreError
from trading.models import Ingestion, Job, JobStatus, QuarantinedBar, Series, Symbol, Universe
from trading.services import artefacts
from trading.services.ingestion import IngestionService
from trading.services.ingestions import storing, uploads
from trading.services.jobs import JobService
from trading.services.market_data import MarketDataService
from trading.services.price_stores import price_store
from users.models import User

V1 = "/api/v1/"
DAYS = sessions_between("XNYS", "2019-01-02", "2020-12-31")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean(prices: None) -> None:
    """Price tables are emptied afterwards."""


def walk(n: int, seed: int) -> Any:
    return np.round(100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, n))), 4)


def long_csv(symbols: tuple[str, ...] = ("KO", "PEP"), n: int = 120, **spoilt: str) -> str:
    """Bars of symbols on sessions that follow each other; ``KO_5="x"`` writes x as KO's fifth close."""
    lines = ["date,symbol,close"]
    for seed, symbol in enumerate(symbols):
        for i, close in enumerate(walk(n, seed)):
            lines.append(f"{DAYS[i]},{symbol},{spoilt.get(f'{symbol}_{i}', close)}")
    return "\n".join(lines) + "\n"


def upload(text: str | bytes, name: str = "bars.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def ingest(owner: User, text: str | bytes, name: str = "bars.csv", **options: Any) -> Ingestion:
    """An upload, asked for and worked off in this process."""
    ingestion = IngestionService().request_sync(owner=owner, upload=upload(text, name), **options)
    assert JobService().run_sync(job_of(ingestion).pk)
    ingestion.refresh_from_db()
    return ingestion


def job_of(ingestion: Ingestion) -> Job:
    return Job.objects.about(ingestion).get()


def stored(ticker: str) -> Any:
    series = Series.objects.get(symbol__ticker=ticker)
    return price_store().read_bars({ticker: series.pk}, adjustment="raw")


# ---------------------------------------------------------------- storing


def test_good_rows_are_stored_and_bad_ones_shown(trader: User) -> None:
    done = ingest(trader, long_csv(KO_5="x", PEP_7="-3"), universe_name="Mine")
    assert job_of(done).status == JobStatus.COMPLETED
    report = done.report
    assert report is not None
    assert (report["rows_read"], report["stored"], report["changed"], report["unchanged"]) == (240, 238, 0, 0)
    assert (report["quarantined"], report["n_symbols"], report["new_symbols"]) == (2, 2, 2)
    assert {row["reason"]: row["count"] for row in report["reasons"]} == {
        "bad_number": 1,
        "non_positive": 1,
        "missing_session": 1,
    }
    rows = list(done.rows.values_list("row", "symbol", "reason", "is_warning"))
    assert rows == [
        (7, "KO", "bad_number", False),
        (129, "PEP", "non_positive", False),
        (None, "KO", "missing_session", True),
    ]
    assert done.universe is not None
    assert done.universe.symbols.tickers() == ["KO", "PEP"]
    assert (done.universe.name, done.universe.created_by) == ("Mine", trader)
    bars = stored("KO")
    np.testing.assert_array_equal(bars.close[:, 0], np.delete(walk(120, 0), 5))
    series = Series.objects.get(symbol__ticker="KO")
    assert (series.n_bars, series.source, series.adjustment) == (119, "file", "raw")
    assert job_of(done).message == "238 bars stored, 2 rows set aside."


def test_a_file_without_one_good_row_makes_no_universe(trader: User) -> None:
    done = ingest(trader, "date,symbol,close\n2019-01-02,KO,-1\n2019-01-03,KO,x\n", universe_name="Mine")
    assert job_of(done).status == JobStatus.COMPLETED
    assert done.report is not None
    assert (done.report["stored"], done.report["quarantined"]) == (0, 2)
    assert done.universe is None
    assert not Universe.objects.exists()


def test_twice_in_changes_nothing(trader: User) -> None:
    first = ingest(trader, long_csv(), universe_name="Mine")
    before = MarketDataService().data_version_sync(["KO", "PEP"])
    again = ingest(trader, long_csv(), universe_name="mine")
    assert again.report is not None
    assert [again.report[k] for k in ("stored", "changed", "unchanged", "new_symbols")] == [0, 0, 240, 0]
    assert MarketDataService().data_version_sync(["KO", "PEP"]) == before
    assert again.universe == first.universe
    assert Universe.objects.count() == 1


def test_a_changed_bar_is_changed_and_its_old_value_kept(trader: User) -> None:
    ingest(trader, long_csv())
    done = ingest(trader, long_csv(KO_5="100.5"))
    assert done.report is not None
    assert [done.report[k] for k in ("stored", "changed", "unchanged")] == [0, 1, 239]
    revisions = price_store().revisions(Series.objects.get(symbol__ticker="KO").pk)
    assert revisions.close.tolist() == [walk(120, 0)[5]]


def alpha(path: Path, *, told: bool) -> bytes:
    """A Parquet file with a split, a dividend and the provider's adjusted close; perhaps the split is not told."""
    n, closes = 60, walk(60, 4)
    closes[30:] /= 2
    split, dividend = np.ones(n), np.zeros(n)
    split[30], dividend[40] = 2.0, 0.5
    growth = np.r_[1.0, (split[1:] * closes[1:] + dividend[1:]) / closes[:-1]]
    adjusted = np.cumprod(growth) * closes[-1] / np.prod(growth)
    table = {
        "symbol": ["KO"] * n,
        "date": pa.array(DAYS[:n]),
        "close": closes,
        "adjusted_close": adjusted,
        "dividend_amount": dividend,
        "split_coefficient": split if told else np.ones(n),
    }
    pq.write_table(pa.table(table), path)
    return path.read_bytes()


def test_raw_bars_with_actions_make_the_total_return_panel(trader: User, tmp_path: Path) -> None:
    raw = alpha(tmp_path / "a.parquet", told=True)
    done = ingest(trader, raw, "a.parquet")
    assert done.report is not None
    assert (done.report["actions"], done.report["quarantined"], done.report["adjustment"]) == (2, 0, "raw")
    panel = MarketDataService().load_panel_sync(["KO"])
    adjusted = pq.read_table(tmp_path / "a.parquet")["adjusted_close"].to_numpy()
    np.testing.assert_allclose(np.diff(np.log(panel.values[:, 0])), np.diff(np.log(adjusted)), atol=1e-12)


def test_a_file_that_is_mended_takes_back_what_was_set_aside(trader: User, tmp_path: Path) -> None:
    wrong = ingest(trader, alpha(tmp_path / "a.parquet", told=False), "a.parquet")
    assert wrong.report is not None
    assert [r["reason"] for r in wrong.report["reasons"]] == ["rebuilt_differs"]
    assert len(stored("KO").actions) == 2  # the dividend, and the split that leaves the move out
    right = ingest(trader, alpha(tmp_path / "b.parquet", told=True), "b.parquet")
    assert right.report is not None
    assert [right.report[k] for k in ("stored", "unchanged", "quarantined")] == [1, 59, 0]
    panel = MarketDataService().load_panel_sync(["KO"])
    adjusted = pq.read_table(tmp_path / "b.parquet")["adjusted_close"].to_numpy()
    np.testing.assert_allclose(np.diff(np.log(panel.values[:, 0])), np.diff(np.log(adjusted)), atol=1e-12)


def test_an_action_that_is_told_no_longer_is_taken_back(trader: User) -> None:
    head = "date,symbol,close,dividend\n"
    rows = [f"{day},KO,100," for day in DAYS[:10]]
    ingest(trader, head + "\n".join([*rows[:5], rows[5] + "2.5", *rows[6:]]))
    assert MarketDataService().load_panel_sync(["KO"]).values[-1, 0] == pytest.approx(102.5)
    ingest(trader, head + "\n".join([rows[0] + "0", *rows[1:]]))
    assert MarketDataService().load_panel_sync(["KO"]).values[-1, 0] == pytest.approx(100.0)


# ---------------------------------------------------------------- REST


def test_the_whole_way_over_rest(client_of: Callable[[User], APIClient], trader: User) -> None:
    client = client_of(trader)
    asked = {
        "file": upload(long_csv(KO_5="=1+1"), "C:\\my\\bars.csv"),
        "universe_name": "Mine",
        "source": "vendor",
    }
    answer = client.post(f"{V1}prices/upload/", asked, format="multipart")
    assert answer.status_code == 202, answer.content
    made = answer.json()
    assert (made["filename"], made["source"], made["report"], made["job"]["status"]) == (
        "bars.csv",
        "vendor",
        None,
        "PENDING",
    )
    assert uploads.is_kept(made["sha256"])
    assert JobService().run_sync(made["job"]["id"])
    assert not uploads.is_kept(made["sha256"])
    read = client.get(f"{V1}ingestions/{made['id']}/").json()
    assert (read["report"]["stored"], read["universe"]["name"]) == (239, "Mine")
    assert client.get(f"{V1}ingestions/").json()["count"] == 1
    rows = client.get(f"{V1}ingestions/{made['id']}/rows/", {"reason": "bad_number"}).json()
    assert [(r["row"], r["symbol"], r["values"]["close"]) for r in rows["results"]] == [(7, "KO", "=1+1")]
    assert client.get(f"{V1}ingestions/{made['id']}/rows/", {"is_warning": "true"}).json()["count"] == 1
    told = b"".join(client.get(f"{V1}ingestions/{made['id']}/rows.csv/").streaming_content).decode()  # type: ignore[attr-defined]  # a streaming answer
    first = next(csv.DictReader(io.StringIO(told)))
    assert (first["reason"], first["close"]) == ("bad_number", "'=1+1")


def test_coverage_and_quality(client_of: Callable[[User], APIClient], trader: User) -> None:
    done = ingest(trader, long_csv(KO_5="-1"), universe_name="Mine")
    assert done.universe is not None
    answer = client_of(trader).get(f"{V1}universes/{done.universe.pk}/coverage/").json()
    assert answer["months"][:2] == ["2019-01", "2019-02"]
    ko, pep = answer["symbols"]
    assert (ko["ticker"], ko["counts"][0], ko["expected"][0], ko["n_missing"], ko["n_quarantined"]) == (
        "KO",
        20,
        21,
        1,
        1,
    )
    assert (pep["counts"], pep["quality"], pep["n_quarantined"]) == (pep["expected"], 1.0, 0)
    assert answer["quality"] == pytest.approx(239 / 240)
    empty = Universe.objects.create(name="Empty", slug="empty")
    answer = client_of(trader).get(f"{V1}universes/{empty.pk}/coverage/").json()
    assert answer == {"months": [], "symbols": [], "quality": None}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"calendar": "MOON"}, "calendar"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"timeframe": "1h"}, "timeframe"),
        ({"adjustment": "upside-down"}, "adjustment"),
        ({"universe": "999999"}, "universe"),
        ({"colour": "red"}, "colour"),
        ({"universe": "1", "universe_name": "x"}, None),
    ],
)
def test_requests_that_are_refused_keep_no_file(
    client_of: Callable[[User], APIClient], trader: User, given: dict[str, str], field: str | None
) -> None:
    Universe.objects.create(pk=1, name="One", slug="one")
    answer = client_of(trader).post(
        f"{V1}prices/upload/", {"file": upload("a,b\n"), **given}, format="multipart"
    )
    assert answer.status_code == 400
    assert field is None or field in answer.json()["error"]["fields"]
    assert not Ingestion.objects.exists()


def test_a_file_over_the_limit_is_stopped(
    client_of: Callable[[User], APIClient], trader: User, settings: Settings
) -> None:
    settings.TITAN_UPLOAD_LIMIT = 1_000
    answer = client_of(trader).post(f"{V1}prices/upload/", {"file": upload(b"x" * 5_000)}, format="multipart")
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "payload_too_large"
    assert not Ingestion.objects.exists()


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("<html></html>", "x.csv", "web page"),
        ("Date,Close\n03/04/2021,1\n", "KO.csv", "date_order"),
        ("Date,Close\n2021-01-04,1\n", "history.csv", "say symbol"),
        ("Date,Close\n", "KO.csv", "no rows"),
        (bytes(5_000), "KO.csv", ""),
    ],
)
def test_a_file_that_is_no_table_fails_in_words(
    trader: User, text: str | bytes, name: str, words: str
) -> None:
    done = ingest(trader, text, name)
    job = job_of(done)
    assert (job.status, done.report) == (JobStatus.FAILED, None)
    assert words in job.error
    assert not uploads.is_kept(done.sha256)
    assert not Symbol.objects.exists()


# ---------------------------------------------------------------- faults


def test_cancelled_between_read_and_store_nothing_is_kept(
    trader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingestion = IngestionService().request_sync(owner=trader, upload=upload(long_csv()))
    job = job_of(ingestion)
    record = storing._write

    def cancel_and_write(*args: Any) -> None:
        JobService().cancel_sync(job.pk)
        record(*args)

    monkeypatch.setattr(storing, "_write", cancel_and_write)
    JobService().run_sync(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert not price_store().coverage([s.pk for s in Series.objects.all()]) or all(
        c.n_bars == 0 for c in price_store().coverage([s.pk for s in Series.objects.all()]).values()
    )
    assert not uploads.is_kept(ingestion.sha256)
    assert not uploads.work_folder(ingestion).exists()


def test_a_full_disk_fails_in_words_and_keeps_nothing(trader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise StoreError("prices were not stored: the disk is full; free some space")

    monkeypatch.setattr(storing, "_write_actions", full)
    done = ingest(trader, long_csv())
    job = job_of(done)
    assert job.status == JobStatus.FAILED
    assert "the disk is full" in job.error
    series = [s.pk for s in Series.objects.all()]
    assert all(c.n_bars == 0 for c in price_store().coverage(series).values())
    monkeypatch.undo()
    assert ingest(trader, long_csv()).report["stored"] == 240  # type: ignore[index]  # it has one


def test_a_stale_attempt_keeps_nothing(trader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ingestion = IngestionService().request_sync(owner=trader, upload=upload(long_csv()))
    job = job_of(ingestion)
    record = storing._write

    def taken_over(*args: Any) -> None:
        record(*args)
        Job.objects.filter(pk=job.pk).update(attempt=7)

    monkeypatch.setattr(storing, "_write", taken_over)
    JobService().run_sync(job.pk)
    assert all(c.n_bars == 0 for c in price_store().coverage([s.pk for s in Series.objects.all()]).values())
    ingestion.refresh_from_db()
    assert ingestion.report is None
    assert uploads.is_kept(ingestion.sha256)  # whoever took over reads it
    artefacts.delete("uploads", ingestion.sha256)


def test_a_later_attempt_takes_stored_buckets_from_its_checkpoint(trader: User) -> None:
    ingestion = IngestionService().request_sync(owner=trader, upload=upload(long_csv()))
    job = job_of(ingestion)
    results = {"KO": [120, 0, 0], "PEP": [119, 1, 0]}
    job.checkpoint = {"n_buckets": 1, "done": {"0": {"results": results, "n_actions": 0, "n_new_symbols": 2}}}
    job.save(update_fields=["checkpoint"])
    MarketDataService().create_symbol_sync(ticker="KO")
    MarketDataService().create_symbol_sync(ticker="PEP")
    JobService().run_sync(job.pk)
    ingestion.refresh_from_db()
    assert ingestion.report is not None
    assert [ingestion.report[k] for k in ("stored", "changed", "new_symbols")] == [239, 1, 2]


def test_the_file_of_two_uploads_is_kept_until_both_have_ended(trader: User, other_trader: User) -> None:
    one = IngestionService().request_sync(owner=trader, upload=upload(long_csv()))
    two = IngestionService().request_sync(owner=other_trader, upload=upload(long_csv()))
    JobService().run_sync(job_of(one).pk)
    assert uploads.is_kept(one.sha256)
    JobService().run_sync(job_of(two).pk)
    assert not uploads.is_kept(one.sha256)
    two.refresh_from_db()
    assert two.report is not None
    assert two.report["unchanged"] == 240


def test_blocks_cover_every_row_once() -> None:
    sizes = np.array([5, 60_000, 60_000, 1, 250_000, 3])
    ends = np.cumsum(sizes)
    blocks = storing._blocks(ends - sizes, ends)
    assert blocks[0][0] == 0
    assert blocks[-1][1] == ends[-1]
    assert all(a[1] == b[0] for a, b in itertools.pairwise(blocks))
    assert {end for _, end in blocks} <= set(ends.tolist())


# ---------------------------------------------------------------- command


@pytest.fixture
def no_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction holds the tables that a migration would look at."""
    monkeypatch.setattr("trading.management.commands.ingest.migrate", lambda: None)


@pytest.mark.usefixtures("no_migration")
def test_titan_ingest_tells_what_it_did(
    tmp_path: Path, trader: User, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(long_csv(KO_5="x"))
    call_command("ingest", str(path), "--universe", "Mine", "--user", trader.username)
    told = capsys.readouterr().out
    assert "239 bars stored, 1 rows set aside" in told
    assert "close is 'x'" in told
    assert Universe.objects.get().slug == "mine"


@pytest.mark.usefixtures("no_migration")
def test_titan_ingest_fails_where_nothing_was_stored(tmp_path: Path, trader: User) -> None:
    path = tmp_path / "KO.csv"
    path.write_text("Date,Close\n2021-01-04,-1\n")
    with pytest.raises(CommandError, match="nothing was stored"):
        call_command("ingest", str(path), "--user", trader.username)
    with pytest.raises(CommandError, match="no file"):
        call_command("ingest", str(tmp_path / "none.csv"))
    path.write_text("<html>")
    with pytest.raises(CommandError, match="web page"):
        call_command("ingest", str(path), "--user", trader.username)


def test_a_report_is_plain_json(trader: User) -> None:
    done = ingest(trader, long_csv(KO_5="inf"))
    json.dumps(done.report, allow_nan=False)
    for row in QuarantinedBar.objects.filter(ingestion=done):
        json.dumps(row.values, allow_nan=False)
    assert WriteResult(1, 2, 3) + WriteResult(1, 0, 0) == WriteResult(2, 2, 3)
    assert connections["timescale"].vendor in {"sqlite", "postgresql"}
