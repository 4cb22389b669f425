"""The tables of a price store as SQL for PostgreSQL; migrations must make the same."""

__all__ = ["SCHEMA"]

_KEY = "series_id BIGINT NOT NULL, timestamp TIMESTAMP WITH TIME ZONE NOT NULL"
_FIELDS = ", ".join(f"{name} DOUBLE PRECISION" for name in ("open", "high", "low", "close", "volume"))

# NULL where a source has no such number; a double keeps its last bit.
_PRICE = f"CREATE TABLE IF NOT EXISTS price ({_KEY}, {_FIELDS}, PRIMARY KEY (series_id, timestamp))"
_CORPORATE_ACTION = (
    f"CREATE TABLE IF NOT EXISTS corporate_action ({_KEY}, "
    "kind TEXT NOT NULL CHECK (kind IN ('split', 'dividend')), value DOUBLE PRECISION NOT NULL, "
    "PRIMARY KEY (series_id, timestamp, kind))"
)
_PRICE_REVISION = (
    f"CREATE TABLE IF NOT EXISTS price_revision ({_KEY}, revised_at TIMESTAMP WITH TIME ZONE NOT NULL, "
    f"{_FIELDS}, PRIMARY KEY (series_id, timestamp, revised_at))"
)
# How many transactions wrote: one row, moved on inside each of them.
_PRICE_WRITES = (
    "CREATE TABLE IF NOT EXISTS price_writes (id BIGINT NOT NULL, count BIGINT NOT NULL, PRIMARY KEY (id))"
)

SCHEMA = (_PRICE, _CORPORATE_ACTION, _PRICE_REVISION, _PRICE_WRITES)
