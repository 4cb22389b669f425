"""The price store on hypertables: what holds of any store, across chunks; weeks and months come out equal."""

from collections.abc import Iterator

import numpy as np
import psycopg
import pytest

from common.timescale import edition
from tests.core import test_store as any_store
from tests.core.stores import rows
from tests.core.test_store import (  # noqa: F401 - collected here too, on the store below
    test_a_change_in_any_field_is_a_change,
    test_a_changed_bar_keeps_what_it_was,
    test_a_row_is_replaced_whole,
    test_actions_come_back_with_the_bars,
    test_bounds_include_both_ends,
    test_many_series_are_all_kept_or_none,
    test_many_series_in_one_call,
    test_numbers_survive_to_the_last_bit,
    test_series_do_not_touch,
    test_the_last_bars_are_those_a_whole_read_ends_with,
    test_times_before_1970_and_microseconds,
    test_unequal_histories_lie_on_one_axis,
    test_what_failed_leaves_no_revision,
    test_writing_twice_changes_nothing,
)
from tests.production.databases import Pair, new_databases
from tests.production.stack import Stack
from titan_core.data.resampling import resample_bars
from titan_core.data.store import PostgresPriceStore, WriteResult
from trading.services.timescale import HYPERTABLES, Ages, policies
from trading.services.timescale.policies import AGGREGATES, refused

AGES = Ages(compress_bars=90, retain_revisions=400, retain_bars=3650)
HALF_A_CENTURY = np.arange("1975-01-02", "2025-01-02", dtype="M8[D]").astype("M8[us]") + np.timedelta64(
    21, "h"
)


@pytest.fixture(scope="module")
def pair(stack: Stack) -> Iterator[Pair]:
    with new_databases(stack) as made:
        made.call("migrate", "--database", "timescale", TITAN_TIMESCALEDB="require")
        yield made


@pytest.fixture
def store(pair: Pair) -> Iterator[PostgresPriceStore]:
    for table in ("price", "corporate_action", "price_revision"):
        pair.rows(f"DELETE FROM {table}")
    with PostgresPriceStore(pair.timescale_url) as made:
        yield made


def random_bars(n: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    close = 50 * np.exp(np.cumsum(rng.normal(size=n) * 0.01))
    bars = {"open": close * 0.99, "high": close * 1.02, "low": close * 0.98, "close": close}
    bars["volume"] = np.floor(rng.random(n) * 1e6)
    for name in ("open", "high", "volume"):
        bars[name] = np.where(rng.random(n) < 0.1, np.nan, bars[name])
    return bars


def test_the_oracle_is_the_same_one(pair: Pair, store: PostgresPriceStore) -> None:
    """Against a dictionary, with keys on both sides of a chunk's edge."""
    store.write(1, np.array(["2000-06-01"], "M8[us]"), close=[1.0])
    [(edge,)] = pair.rows(
        "SELECT (extract(epoch FROM max(range_start)) * 1000000)::bigint FROM timescaledb_information.chunks "
        "WHERE hypertable_name = 'price' AND range_start <= '2000-06-01Z'"
    )
    pair.rows("DELETE FROM price")
    oracle: dict[tuple[int, int], float] = {}
    rng = np.random.default_rng(3)
    for _ in range(30):
        times = edge + rng.choice(np.arange(-6, 6), rng.integers(1, 9), replace=False)
        close = rng.integers(1, 5, times.size).astype(float)
        key = int(rng.integers(1, 4))
        new = [t for t in times.tolist() if (key, t) not in oracle]
        changed = [
            t
            for t, c in zip(times.tolist(), close, strict=True)
            if (key, t) in oracle and oracle[key, t] != c
        ]
        found = store.write(key, times.astype("M8[us]"), close=close)
        assert found == WriteResult(len(new), len(changed), times.size - len(new) - len(changed))
        oracle |= {(key, t): c for t, c in zip(times.tolist(), close, strict=True)}
        assert [(s, t, c) for s, t, _, _, _, c, _ in rows(store)] == [(*k, oracle[k]) for k in sorted(oracle)]
    any_store.check_reads(store, {k: (None, None, None, c, None) for k, c in oracle.items()})


def test_half_a_century_goes_in_and_comes_back(pair: Pair, store: PostgresPriceStore) -> None:
    bars = random_bars(HALF_A_CENTURY.size)
    assert store.write(5, HALF_A_CENTURY, **bars).inserted == HALF_A_CENTURY.size
    [(chunks,)] = pair.rows(
        "SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_name = 'price' "
        "AND range_end > '1975-01-02' AND range_start < '2025-01-02'"
    )
    assert chunks >= 10
    back = store.read_bars({"A": 5}, adjustment="raw")
    for name, values in bars.items():
        assert getattr(back, name)[:, 0].tobytes() == values.tobytes(), name
    assert back.timestamps.tobytes() == HALF_A_CENTURY.tobytes()
    changed = bars | {"close": bars["close"] + 1.0}
    assert store.write(5, HALF_A_CENTURY, **changed) == WriteResult(0, HALF_A_CENTURY.size, 0)
    assert store.revisions(5).close.tobytes() == bars["close"].tobytes()
    assert store.coverage([5])[5].n_bars == HALF_A_CENTURY.size


@pytest.mark.parametrize(("name", "timeframe"), [("price_weekly", "1wk"), ("price_monthly", "1mo")])
def test_aggregates_are_the_engines_weeks_and_months(
    pair: Pair, store: PostgresPriceStore, name: str, timeframe: str
) -> None:
    """The SELECT of each continuous aggregate, which every edition can run, against what TITAN makes of days."""
    midnight = HALF_A_CENTURY[:6_000] - np.timedelta64(21, "h")  # closes at midnight belong to the day before
    for key, times in ((1, HALF_A_CENTURY[:6_000]), (2, midnight)):
        store.write(key, times, **random_bars(times.size))
        days = store.read_bars({"A": key}, adjustment="raw")
        made = resample_bars(days, timeframe)
        with psycopg.connect(pair.timescale_url) as connection:
            found = connection.execute(
                f"SELECT (extract(epoch FROM timestamp) * 1000000)::bigint, open, high, low, close, volume "
                f"FROM ({AGGREGATES[name]}) AS made WHERE series_id = {key} ORDER BY timestamp"
            ).fetchall()
        assert len(found) - made.n_bars in (
            0,
            1,
        )  # the engine leaves out a last period that may still get bars
        columns = np.array(found[: made.n_bars], dtype=object)
        np.testing.assert_array_equal(columns[:, 0].astype(np.int64), made.timestamps.astype(np.int64))
        for j, field in enumerate(("open", "high", "low", "close", "volume"), start=1):
            np.testing.assert_array_equal(
                columns[:, j].astype(float), getattr(made, field)[:, 0], err_msg=field
            )


def test_policies_are_for_the_edition_that_has_them() -> None:
    """A licence that is only said to be there: the text is what TimescaleDB's reference asks for."""
    asked = [text for policy in policies("timescale", AGES) for text in policy.statements]
    assert any("timescaledb.compress_segmentby = 'series_id'" in text for text in asked)
    assert "SELECT add_compression_policy('price', compress_after => interval '90 days')" in asked
    assert "SELECT add_retention_policy('price_revision', drop_after => interval '400 days')" in asked
    assert "SELECT add_retention_policy('price', drop_after => interval '3650 days')" in asked
    for name in AGGREGATES:
        [made] = [
            text for text in asked if text.startswith(f"CREATE MATERIALIZED VIEW IF NOT EXISTS {name} ")
        ]
        assert "timescaledb.continuous" in made
        assert made.endswith("WITH NO DATA")  # else it could not stand in a transaction
        assert any(text.startswith(f"SELECT add_continuous_aggregate_policy('{name}'") for text in asked)
    off = [text for policy in policies("timescale", Ages()) for text in policy.statements]
    assert not any(
        word in text for text in off for word in ("add_compression", "add_retention", "compress_segmentby")
    )
    assert sum(text.startswith("SELECT remove_") for text in off) == 3
    assert policies("apache", AGES) == policies(None, AGES) == []
    assert refused("timescale", AGES) == refused("apache", Ages()) == []
    assert len(refused("apache", AGES)) == 3


def test_the_apache_edition_is_asked_for_none(pair: Pair) -> None:
    """It refuses each of them; titan migrate leaves them out and says so."""
    with pair.connect():
        from django.db import connections

        assert edition(connections["timescale"]) == "apache"
        assert edition(connections["default"]) is None
    ages = {"compress_bars": 90, "retain_revisions": 400, "retain_bars": 0}
    told = pair.call("migrate", "--database", "timescale", TITAN_TIMESCALE_AGES=ages)[1]
    assert "TITAN_COMPRESS_AFTER_DAYS is 90, but this TimescaleDB is the Apache edition" in told
    assert "TITAN_RETAIN_REVISIONS_DAYS is 400" in told
    assert "TITAN_RETAIN_BARS_DAYS" not in told
    assert "refused (" not in told
    for policy in policies("timescale", AGES):
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            pair.rows(next(text for text in policy.statements if "remove_" not in text))
    tables = {one.table for one in HYPERTABLES}
    jobs = pair.rows("SELECT hypertable_name FROM timescaledb_information.jobs")
    assert not tables & {name for (name,) in jobs}


def test_an_edition_said_to_have_them_and_refusing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that is refused stops no upgrade: it is told, and the next is tried."""
    monkeypatch.setattr("trading.services.timescale.arranging.edition", lambda _: "timescale")
    told = pair.call("migrate", "--database", "timescale")[1]
    assert "continuous aggregate price_weekly: refused (" in told
    assert "continuous aggregate price_monthly: refused (" in told
