"""What makes the database itself refuse to change or delete an audit entry, on SQLite and on PostgreSQL."""

from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["drop", "install", "installed"]

_TABLE = "common_auditentry"
_WORDS = "the audit trail is append-only"
_SQLITE = tuple(
    f"CREATE TRIGGER IF NOT EXISTS audit_no_{event.lower()} BEFORE {event} ON {_TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
    for event in ("UPDATE", "DELETE")
)
_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION common_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    f"""CREATE OR REPLACE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON {_TABLE}
    FOR EACH ROW EXECUTE FUNCTION common_audit_refuse()""",
    f"""CREATE OR REPLACE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {_TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION common_audit_refuse()""",
)
_NAMES = {
    "sqlite": ("audit_no_update", "audit_no_delete"),
    "postgresql": ("audit_no_change", "audit_no_truncate"),
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers; those there already stay."""
    for statement in _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL:
        _execute(connection, statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for undoing the migration, and for tests that empty their database."""
    suffix = "" if connection.vendor == "sqlite" else f" ON {_TABLE}"
    for name in _NAMES[connection.vendor]:
        _execute(connection, f"DROP TRIGGER IF EXISTS {name}{suffix}")


def installed(connection: BaseDatabaseWrapper) -> bool:
    """Whether the database refuses changes now."""
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        return set(_NAMES[connection.vendor]) <= {row[0] for row in cursor.fetchall()}


def _execute(connection: BaseDatabaseWrapper, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
