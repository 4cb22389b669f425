"""Compression, retention and continuous aggregates, as SQL for the edition of TimescaleDB that has them.

UNVERIFIED on a server: only the Apache edition, which refuses every statement here, could be run. Tests hold the text
to TimescaleDB's reference, and run the aggregates' SELECT. Nothing of TITAN depends on any of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from common.timescale import Edition

__all__ = ["AGGREGATES", "Ages", "Policy", "policies", "refused"]


@dataclass(frozen=True, slots=True)
class Ages:
    """Days after which chunks are compressed or dropped; 0 = never."""

    compress_bars: int = 0
    retain_revisions: int = 0
    retain_bars: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """One thing TimescaleDB is to do by itself: in words, and the statements that ask for it, to be run one by one."""

    words: str
    statements: tuple[str, ...]


# A bar belongs to the UTC day of the instant just before it, so a period begins a microsecond after midnight.
_AGGREGATE = """\
SELECT series_id, {bucket} AS period, max(timestamp) AS timestamp,
    first(open, timestamp) FILTER (WHERE open IS NOT NULL) AS open, max(high) AS high, min(low) AS low,
    last(close, timestamp) FILTER (WHERE close IS NOT NULL) AS close, sum(volume) AS volume
FROM price GROUP BY series_id, period"""
_BUCKETS = {
    "price_weekly": "time_bucket('7 days', timestamp, 'UTC', '2000-01-03 00:00:00.000001+00'::timestamptz)",
    "price_monthly": "time_bucket('1 month', timestamp, 'UTC', \"offset\" => interval '1 microsecond')",
}
AGGREGATES = {name: _AGGREGATE.format(bucket=bucket) for name, bucket in _BUCKETS.items()}


def policies(edition: Edition | None, ages: Ages) -> list[Policy]:
    """What this edition is asked to do: nothing where it can't, and what was asked before and is off now is undone."""
    if edition != "timescale":
        return []
    return [
        _compression(ages.compress_bars),
        _retention("price_revision", "replaced values of bars", ages.retain_revisions),
        _retention("price", "bars", ages.retain_bars),
        *_aggregates(),
    ]


def refused(edition: Edition | None, ages: Ages) -> list[str]:
    """In words: settings that ask for what this database can't do."""
    if edition == "timescale":
        return []
    place = "this TimescaleDB is the Apache edition" if edition else "this database has no TimescaleDB"
    asked = {
        "TITAN_COMPRESS_AFTER_DAYS": ages.compress_bars,
        "TITAN_RETAIN_REVISIONS_DAYS": ages.retain_revisions,
        "TITAN_RETAIN_BARS_DAYS": ages.retain_bars,
    }
    return [
        f"{name} is {days}, but {place}, which can't do that: use the community edition (the image "
        "timescale/timescaledb), or unset it"
        for name, days in asked.items()
        if days
    ]


def _compression(days: int) -> Policy:
    # one segment a series: a panel reads whole series, and a segment is read as a whole
    enable = (
        "ALTER TABLE price SET (timescaledb.compress, timescaledb.compress_segmentby = 'series_id', "
        "timescaledb.compress_orderby = 'timestamp')"
    )
    remove = "SELECT remove_compression_policy('price', if_exists => true)"
    if not days:
        return Policy("no compression of bars", (remove,))
    add = f"SELECT add_compression_policy('price', compress_after => interval '{days} days')"
    return Policy(f"compression of bars older than {days} days", (enable, remove, add))


def _retention(table: str, what: str, days: int) -> Policy:
    remove = f"SELECT remove_retention_policy('{table}', if_exists => true)"
    if not days:
        return Policy(f"{what} kept for ever", (remove,))
    add = f"SELECT add_retention_policy('{table}', drop_after => interval '{days} days')"
    return Policy(f"{what} kept for {days} days", (remove, add))


def _aggregates() -> Iterator[Policy]:
    """Weeks and months for reports in SQL; TITAN makes its own of days (`trading.services.longer_bars`)."""
    for name, select in AGGREGATES.items():
        create = (
            f"CREATE MATERIALIZED VIEW IF NOT EXISTS {name} "
            f"WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS\n{select}\nWITH NO DATA"
        )
        refresh = (
            f"SELECT add_continuous_aggregate_policy('{name}', start_offset => NULL, end_offset => NULL, "
            "schedule_interval => interval '1 day', if_not_exists => true)"
        )
        yield Policy(f"continuous aggregate {name}", (create, refresh))
