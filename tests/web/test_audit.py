"""The audit trail: appended only, in Python and in the database, and broken by whatever gets round both."""

import threading
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from common import audit, audit_triggers
from common.middleware import RequestIdMiddleware
from common.models import AuditEntry, AuditHead
from common.origin import OriginMiddleware
from tests.conftest import TRIGGERS_MIGRATED
from tests.web.conftest import run_scan
from trading.models import Universe
from trading.services.cointegration_service import CointegrationService
from users.models import User

V1 = "/api/v1/audit/"


@pytest.fixture
def trail(trader: User) -> list[AuditEntry]:
    return [
        audit.record("login", actor=trader, target=f"entry {n}", detail={"n": n, "x": 0.1, "words": ["a"]})
        for n in range(1, 6)
    ]


@pytest.fixture
def triggers(db: None) -> Iterator[None]:
    """As the migration makes them, for this test's transaction."""
    audit_triggers.install(connection)
    yield
    audit_triggers.drop(connection)


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_what_is_written_verifies(trail: list[AuditEntry]) -> None:
    assert [entry.pk for entry in trail] == [1, 2, 3, 4, 5]
    assert audit.verify() == audit.Verdict(5, None, trail[-1].digest)
    assert AuditEntry.objects.get(pk=1).detail == {"n": 1, "x": "0.1", "words": ["a"]}


def test_an_empty_trail_is_whole(db: None) -> None:
    assert audit.verify().ok


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'mallory'",
        "actor_id = 1000",
        "action = 'logout'",
        "target = 'nobody'",
        "address = '10.0.0.1'",
        "request_id = 'forged'",
        "detail = '{}'",
        "at = '2001-01-01 00:00:00+00:00'",
        "previous = digest",
        "digest = previous",
    ],
)
def test_a_column_changed_behind_our_back_is_found(trail: list[AuditEntry], change: str) -> None:
    sql(f"UPDATE common_auditentry SET {change} WHERE id = 3")
    verdict = audit.verify()
    assert (verdict.ok, verdict.first_broken) == (False, 3)


@pytest.mark.parametrize(
    ("gone", "first_broken"), [("id = 3", 3), ("id = 1", 1), ("id >= 4", 4), ("id > 0", 1)]
)
def test_an_entry_removed_is_found(trail: list[AuditEntry], gone: str, first_broken: int) -> None:
    sql(f"DELETE FROM common_auditentry WHERE {gone}")
    assert audit.verify().first_broken == first_broken


def test_an_entry_slipped_in_is_found(trail: list[AuditEntry]) -> None:
    last = AuditEntry.objects.get(pk=5)
    last.pk, last.actor, last._state.adding = 6, "mallory", True
    last.save(force_insert=True)
    assert audit.verify().first_broken == 6
    AuditHead.objects.update(last_id=6, digest=last.digest)
    assert audit.verify().first_broken == 6


def test_a_chain_made_anew_without_the_key_is_found(trail: list[AuditEntry], settings: Any) -> None:
    """Whoever holds the database, and not SECRET_KEY, can't make a trail that verifies."""
    ours, settings.SECRET_KEY = settings.SECRET_KEY, "mallory's own key, long enough to be taken for one"
    sql("DELETE FROM common_auditentry")
    sql("DELETE FROM common_audithead")
    audit.record("login", target="forged")
    assert audit.verify().ok
    settings.SECRET_KEY = ours
    assert audit.verify().first_broken == 1


def test_a_new_key_keeps_the_old_trail(trail: list[AuditEntry], settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 64
    audit.record("logout")
    assert audit.verify() == audit.Verdict(6, None, AuditEntry.objects.get(pk=6).digest)


def test_python_refuses(trail: list[AuditEntry]) -> None:
    entry = AuditEntry.objects.get(pk=2)
    rows = AuditEntry.objects.filter(pk=2)
    attempts: list[Callable[[], Any]] = [
        entry.save,
        entry.delete,
        rows.delete,
        lambda: rows.update(actor="mallory"),
        lambda: AuditEntry.objects.bulk_update([entry], ["actor"]),
    ]
    for attempt in attempts:
        with pytest.raises(TypeError, match="append-only"):
            attempt()
    assert audit.verify().ok


def test_migrations_make_the_triggers() -> None:
    assert TRIGGERS_MIGRATED == {"audit": True}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE common_auditentry SET actor = 'mallory' WHERE id = 3",
        "DELETE FROM common_auditentry WHERE id = 3",
    ],
)
def test_the_database_refuses(trail: list[AuditEntry], triggers: None, statement: str) -> None:
    assert audit_triggers.installed(connection)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        sql(statement)
    assert audit.verify().ok
    audit.record("logout", target="and goes on")
    assert audit.verify().n_entries == 6


@pytest.mark.postgresql_only
def test_postgresql_refuses_to_truncate(trail: list[AuditEntry], triggers: None) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        sql("TRUNCATE common_auditentry")


def test_an_entry_is_there_only_if_what_it_tells_is(trail: list[AuditEntry]) -> None:
    def fail() -> None:
        with transaction.atomic():
            audit.record("key_created", target="never")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    audit.record("logout")
    assert audit.verify() == audit.Verdict(6, None, AuditEntry.objects.get(pk=6).digest)


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain() -> None:
    start = threading.Barrier(8)

    def write(n: int) -> None:
        try:
            start.wait()
            for m in range(5):
                audit.record("login", target=f"{n}.{m}")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify().ok
    assert audit.verify().n_entries == 40


def test_an_entry_says_from_where_and_in_which_request(rf: Any, db: None) -> None:
    from django.http import HttpResponse

    def view(request: Any) -> HttpResponse:
        audit.record("login", target="here")
        return HttpResponse()

    request = rf.get(
        "/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="203.0.113.9", HTTP_X_REQUEST_ID="request-0001"
    )
    RequestIdMiddleware(OriginMiddleware(view))(request)
    entry = AuditEntry.objects.get()
    assert (entry.address, entry.request_id) == ("192.0.2.7", "request-0001")


@pytest.mark.parametrize(
    ("n_proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.7"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, "", "192.0.2.7"),
        (1, "2001:DB8::0:1", "2001:db8::1"),
        (1, "unknown", "192.0.2.7"),
        (1, "203.0.113.9:4711", "192.0.2.7"),
        (1, "fe80::1%<script>", "192.0.2.7"),
        (2, "x" * 60 + ", 203.0.113.9", "192.0.2.7"),
    ],
)
def test_forwarded_addresses_are_believed_as_deep_as_declared(
    rf: Any, settings: Any, n_proxies: int, forwarded: str, address: str
) -> None:
    from common.origin import address_of

    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": n_proxies}
    assert address_of(rf.get("/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=forwarded)) == address


def test_strange_text_is_kept_and_verifies(trader: User) -> None:
    audit.record(
        "login", target="a\x00b \ud800 “ü”" + "x" * 500, detail={"k\x00": ["\x00", None, True, 1e300]}
    )
    assert audit.verify().ok
    assert len(AuditEntry.objects.get().target) == 200


def test_an_action_nobody_listed_is_a_mistake(db: None) -> None:
    with pytest.raises(ValueError, match="ACTIONS"):
        audit.record("lgoin")


def test_promotions_are_recorded(universe: Universe, trader: User) -> None:
    scan = run_scan(trader, universe=universe)
    candidate = scan.candidates.filter(hedge_ratio__gt=0).first()
    assert candidate is not None
    CointegrationService().promote_sync(scan, candidate_ids=[candidate.pk], by=trader, force_outliers=True)
    entry = AuditEntry.objects.get(action="promotion")
    assert (entry.actor, entry.detail["scan"]) == ("tom", scan.pk)
    assert candidate.symbol_1.ticker in entry.target


# REST and the terminal


def test_admins_read_filter_and_verify(admin: User, trail: list[AuditEntry], client_of: Any) -> None:
    mine = client_of(admin)
    audit.record("key_created", actor=admin, target="k")
    newest = mine.get(V1).json()["results"][0]
    assert set(newest) == {"id", "at", "actor", "action", "target", "address", "request_id", "detail"}
    assert (newest["actor"], newest["action"]) == ("ada", "key_created")

    def count(query: str) -> int:
        return int(mine.get(f"{V1}?{query}").json()["count"])

    assert count("actor=tom") == 5
    assert count("action=key_created") == 1
    assert count("since=2099-01-01T00:00:00Z") == 0
    assert count("until=2099-01-01T00:00:00Z") == 6
    assert count("search=entry") == 5
    assert mine.get(f"{V1}?action=unheard").status_code == 400
    verdict = mine.get(f"{V1}verify/").json()
    assert (verdict["ok"], verdict["n_entries"], verdict["first_broken"]) == (True, 6, None)
    sql("UPDATE common_auditentry SET actor = 'mallory' WHERE id = 2")
    assert mine.get(f"{V1}verify/").json()["first_broken"] == 2


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nobody_writes_it_over_the_api(
    admin: User, trail: list[AuditEntry], client_of: Any, method: str
) -> None:
    for path in (V1, f"{V1}1/"):
        assert getattr(client_of(admin), method)(path, {}).status_code == 405


def test_the_command_verifies(trail: list[AuditEntry], triggers: None) -> None:
    told = StringIO()
    call_command("audit", "verify", stdout=told)
    assert "5 entries" in told.getvalue()
    noted = told.getvalue().rpartition("elsewhere: ")[2].strip()
    audit.record("logout")
    call_command("audit", "verify", head=noted, stdout=StringIO())
    with pytest.raises(CommandError, match="does not go through"):
        call_command("audit", "verify", head="5:" + "0" * 64, stdout=StringIO())
    for typo in ("5", "5:0c", noted.upper().replace(":", " "), noted[:-1] + "…"):
        with pytest.raises(CommandError, match="as an earlier verify printed it"):
            call_command("audit", "verify", head=typo, stdout=StringIO())
    audit_triggers.drop(connection)
    with pytest.raises(CommandError, match="triggers"):
        call_command("audit", "verify", stdout=StringIO())
    sql("DELETE FROM common_auditentry WHERE id = 4")
    with pytest.raises(CommandError, match="broken at entry 4"):
        call_command("audit", "verify", stdout=StringIO())
