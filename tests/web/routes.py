"""Every route the API serves, found in its addresses, and for each something to ask of it.

A route without an entry fails the tests that walk over all of them (`missing`): who adds one says here how an object
behind it is made and what to send, and nothing about who may do it, for that follows from the view's own declarations.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from api import keys
from api.arrow import ArrowRenderer
from api.models import RefreshTokenFamily
from api.permissions import ActionPermission
from api.urls import v1
from common import audit
from common.models import AuditEntry
from tests.conftest import PASSWORD, make_user
from trading.models import (
    Alert,
    AlertChannel,
    AlertRule,
    Ingestion,
    Job,
    Scan,
    Share,
    Signal,
    Strategy,
    Symbol,
    TableLayout,
    TradingPair,
    Universe,
    Watch,
    Worker,
)
from trading.services.backtest_service import BacktestService
from trading.services.cointegration_service import CointegrationService
from trading.services.jobs import workers
from trading.services.shares import ShareService
from trading.services.sweep_service import SweepService
from trading.services.walk_forward_service import WalkForwardService
from users.models import User
from users.roles import Role

__all__ = ["ENTRIES", "Entry", "Route", "World", "missing", "served"]

V1 = "/api/v1/"
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    address: str
    method: str
    action: str
    view: type[APIView]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.address}"

    @property
    def is_public(self) -> bool:
        """Whether nobody is asked who they are."""
        return AllowAny in self.view.permission_classes

    @property
    def is_owned(self) -> bool:
        """Whether what lies behind the address belongs to one person."""
        return bool(getattr(self.view, "owner_field", None)) and "{pk}" in self.address

    @property
    def permission(self) -> str | None:
        """The permission declared for it: "" where being signed in is enough, None where nobody named one."""
        view = self.view()
        view.action = self.action  # type: ignore[attr-defined]  # as a viewset has it while it answers
        return ActionPermission._needed(view)

    @property
    def offers_arrow(self) -> bool:
        """Whether it answers as Arrow too."""
        method = getattr(self.view, self.action, None)
        return ArrowRenderer in getattr(method, "kwargs", {}).get("renderer_classes", [])


def served() -> list[Route]:
    """Every route below ``/api/v1/``."""
    found = []
    for address, pattern in _patterns(v1, ""):
        view = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
        assert view is not None, address
        actions = getattr(pattern.callback, "actions", None)
        named = actions or {method: "" for method in _METHODS if hasattr(view, method)}
        # HEAD is GET without a body: the view adds it to its own actions when it is first called
        found += [
            Route(address, method, action, view) for method, action in named.items() if method in _METHODS
        ]
    return found


def _patterns(patterns: list[Any], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        text = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"{\1}", str(pattern.pattern))
        text = re.sub(r"<\w+:(\w+)>", r"{\1}", text).replace("^", "").replace("$", "").replace("\\.", ".")
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, prefix + text)
        else:
            yield prefix + text, pattern


@dataclass(frozen=True)
class World:
    """What there is whoever asks."""

    universe: Universe
    pair: TradingPair

    @property
    def symbol(self) -> Symbol:
        """One in no pair."""
        return Symbol.objects.get(ticker="DDD")


Maker = Callable[[World, User], Any]


@dataclass(frozen=True)
class Entry:
    """What to ask: the object in the address, made for a person; the body; the answer to who may."""

    make: Maker | None = None
    body: Any = None
    ok: int = 200
    query: str = ""

    def ask(self, client: Any, route: Route, made: Any, **headers: str) -> Any:
        """Ask it of a client; `made` is what the maker gave."""
        path = V1 + re.sub(r"\{\w+\}", str(made), route.address) + self.query.replace("{made}", str(made))
        body = self.body(made) if callable(self.body) else self.body
        method = getattr(client, route.method)
        if body is None:
            return method(path, **headers)
        is_form = any(isinstance(value, SimpleUploadedFile) for value in body.values())
        return method(path, body, format="multipart" if is_form else "json", **headers)


def _scan(world: World, owner: User) -> int:
    return CointegrationService().request_scan_sync(owner=owner, universe=world.universe).pk


def _strategy(world: World, owner: User) -> int:
    number = Strategy.objects.count()
    return Strategy.objects.create(owner=owner, name=f"s{number}", rule="rolling").pk


def _backtest(world: World, owner: User) -> int:
    return BacktestService().request_sync(owner=owner, **_RUN).pk


def _sweep(world: World, owner: User) -> int:
    return SweepService().request_sync(owner=owner, **_GRID).pk


def _walk_forward(world: World, owner: User) -> int:
    return WalkForwardService().request_sync(owner=owner, **_WALK).pk


def _job(world: World, owner: User) -> int:
    return Job.objects.about(Scan.objects.get(pk=_scan(world, owner))).get().pk


def _ingestion(world: World, owner: User) -> int:
    return Ingestion.objects.create(
        owner=owner, filename="a.csv", sha256="0" * 64, size=1, source="file", universe=world.universe
    ).pk


def _channel(world: World, owner: User) -> int:
    number = AlertChannel.objects.count()
    return AlertChannel.objects.create(
        owner=owner, kind="webhook", name=f"hook {number}", url="https://example.com/hook"
    ).pk


def _rule(world: World, owner: User) -> int:
    return AlertRule.objects.create(owner=owner, kind="job_failed").pk


def _alert(world: World, owner: User) -> int:
    number = Alert.objects.count()
    return Alert.objects.create(
        owner=owner,
        kind="job_failed",
        severity="info",
        title="A",
        key=f"k{number}",
        last_at=timezone.now(),
    ).pk


def _layout(world: World, owner: User) -> int:
    number = TableLayout.objects.count()
    return TableLayout.objects.create(owner=owner, table="pairs", name=f"l{number}", state={}).pk


def _share(world: World, owner: User) -> int:
    number = Share.objects.count()
    return Share.objects.create(
        owner=owner,
        kind="pair",
        object_id=world.pair.pk,
        token_hash=f"{number:064}",
        expires_at=timezone.now() + timedelta(days=1),
    ).pk


def _link(world: World, kind: str) -> str:
    """The token of a link that shows something, whoever asks: it was made by somebody who may."""
    sharer = make_user("tina", Role.TRADER)
    subject = {"pair": lambda: world.pair.pk, "scan": lambda: _scan(world, sharer)}.get(
        kind, lambda: _backtest(world, sharer)
    )()
    return ShareService().create_sync(owner=sharer, kind=kind, object_id=subject)[1]


def _session(world: World, owner: User) -> str:
    expires = timezone.now() + timedelta(days=1)
    return str(RefreshTokenFamily.objects.create(user=owner, expires_at=expires).pk)


def _key(world: World, owner: User) -> int:
    return keys.create(owner, name="bot", scopes=["read"], expires_at=None)[0].pk


def _person(world: World, owner: User) -> int:
    return make_user(f"p{User.objects.count()}", Role.VIEWER).pk


def _worker(world: World, owner: User) -> int:
    workers.register("somewhere:1:abc", ["compute"])
    job = Job.objects.create(kind="scan", status="RUNNING", worker="somewhere:1:abc")
    return Worker.objects.get(name=job.worker).pk


def _audit_entry(world: World, owner: User) -> int:
    audit.record("login", actor=None, target="somebody")
    entry = AuditEntry.objects.order_by("-pk").first()
    assert entry is not None
    return entry.pk


def _watched(world: World, owner: User) -> int:
    if owner.pk:
        Watch.objects.get_or_create(owner=owner, pair=world.pair)
    return world.pair.pk


def _signal(world: World, owner: User) -> int:
    made, _ = Signal.objects.get_or_create(
        pair=world.pair,
        timestamp=datetime(2021, 3, 1, 21, tzinfo=UTC),
        signal_type="ENTRY_LONG",
        defaults={"z_score": -2.1, "spread_value": -0.02},
    )
    return made.pk


def _signalled(world: World, owner: User) -> int:
    _signal(world, owner)
    return world.pair.pk


def _symbol(world: World, owner: User) -> int:
    return world.symbol.pk


def _universe(world: World, owner: User) -> int:
    return world.universe.pk


def _pair(world: World, owner: User) -> int:
    return world.pair.pk


def _upload() -> dict[str, Any]:
    file = SimpleUploadedFile("a.csv", b"date,AAA\n2024-01-02,10\n2024-01-03,11\n", "text/csv")
    return {"file": file}


_ACTIVATE = {"ids": [1], "action": "activate"}
_LEGS = {"symbol_1": "BBA", "symbol_2": "BBB"}
_RULE = {"kind": "job_failed", "severity": "info"}
_HOOK = {"kind": "webhook", "name": "new", "url": "https://example.com/x"}

_RUN = {"pairs": [["AAA", "AAB"]]}
_GRID = {"pair": ["AAA", "AAB"], "grid": {"window": [20, 40]}}
_WALK = {"pairs": [["AAA", "AAB"]], "train_bars": 200, "test_bars": 60}

ENTRIES: dict[str, Entry] = {
    "POST auth/token/": Entry(body={}, ok=400),
    "POST auth/token/refresh/": Entry(body={}, ok=400),
    "POST auth/token/verify/": Entry(body={}, ok=400),
    "POST auth/logout/": Entry(body={}, ok=400),
    "POST auth/logout-everywhere/": Entry(ok=204),
    "GET auth/totp/": Entry(),
    "POST auth/totp/": Entry(body={"password": PASSWORD}),
    "POST auth/totp/confirm/": Entry(body={}, ok=400),
    "POST auth/totp/disable/": Entry(body={}, ok=400),
    "POST auth/totp/recovery-codes/": Entry(body={}, ok=400),
    "POST auth/invitation/": Entry(body={}, ok=400),
    "GET auth/invitation/{token}/": Entry(make=lambda w, o: "x" * 43, ok=404),
    "GET auth/me/": Entry(),
    "PATCH auth/me/": Entry(body={}),
    "POST auth/password/": Entry(body={}, ok=400),
    "POST auth/ws-ticket/": Entry(),
    "GET auth/sessions/": Entry(),
    "GET auth/sessions/{pk}/": Entry(_session),
    "DELETE auth/sessions/{pk}/": Entry(_session, ok=204),
    "GET auth/keys/": Entry(),
    "POST auth/keys/": Entry(body={"name": "bot", "scopes": ["read"]}, ok=201),
    "GET auth/keys/{pk}/": Entry(_key),
    "DELETE auth/keys/{pk}/": Entry(_key, ok=204),
    "GET shared/{token}/": Entry(lambda w, o: _link(w, "pair")),
    "GET shared/{token}/candidates/": Entry(lambda w, o: _link(w, "scan")),
    "GET shared/{token}/equity/": Entry(lambda w, o: _link(w, "backtest")),
    "GET shared/{token}/results/": Entry(lambda w, o: _link(w, "backtest")),
    "GET shared/{token}/spread/": Entry(lambda w, o: _link(w, "pair")),
    "GET shared/{token}/trades/": Entry(lambda w, o: _link(w, "backtest")),
    "GET events/": Entry(_job, query="?stream=job_{made}"),
    "POST prices/upload/": Entry(body=lambda made: _upload(), ok=202),
    "GET symbols/": Entry(),
    "POST symbols/": Entry(body={"ticker": "NEW"}, ok=201),
    "POST symbols/bulk/": Entry(body=_ACTIVATE),
    "GET symbols/{pk}/": Entry(_symbol),
    "PUT symbols/{pk}/": Entry(_symbol, body={"ticker": "DDD"}),
    "PATCH symbols/{pk}/": Entry(_symbol, body={"name": "N"}),
    "DELETE symbols/{pk}/": Entry(_symbol, ok=204),
    "GET symbols/{pk}/prices/": Entry(_symbol),
    "GET symbols/{pk}/prices.csv/": Entry(_symbol),
    "GET universes/": Entry(),
    "POST universes/": Entry(body={"name": "New", "symbols": ["AAA"]}, ok=201),
    "GET universes/{pk}/": Entry(_universe),
    "PUT universes/{pk}/": Entry(_universe, body={"name": "Other", "symbols": []}),
    "PATCH universes/{pk}/": Entry(_universe, body={"name": "Other"}),
    "DELETE universes/{pk}/": Entry(_universe, ok=204),
    "GET universes/{pk}/coverage/": Entry(_universe),
    "GET ingestions/": Entry(),
    "GET ingestions/{pk}/": Entry(_ingestion),
    "GET ingestions/{pk}/rows/": Entry(_ingestion),
    "GET ingestions/{pk}/rows.csv/": Entry(_ingestion),
    "GET scans/": Entry(),
    "POST scans/": Entry(body={"symbols": ["AAA", "AAB"]}, ok=202),
    "GET scans/{pk}/": Entry(_scan),
    "DELETE scans/{pk}/": Entry(_scan, ok=409),
    "GET scans/{pk}/candidates/": Entry(_scan),
    "GET scans/{pk}/candidates.csv/": Entry(_scan),
    "POST scans/{pk}/promote/": Entry(_scan, body={"candidates": [1]}),
    "GET scans/{pk}/skipped/": Entry(_scan),
    "GET strategies/": Entry(),
    "POST strategies/": Entry(body={"name": "New", "rule": "ou"}, ok=201),
    "GET strategies/rules/": Entry(),
    "GET strategies/cost-models/": Entry(),
    "GET strategies/{pk}/": Entry(_strategy),
    "PUT strategies/{pk}/": Entry(_strategy, body={"description": "d"}),
    "PATCH strategies/{pk}/": Entry(_strategy, body={"description": "d"}),
    "DELETE strategies/{pk}/": Entry(_strategy, ok=204),
    "GET backtests/": Entry(),
    "POST backtests/": Entry(body=_RUN, ok=202),
    "POST backtests/quick/": Entry(body={"symbol_1": "AAA", "symbol_2": "AAB"}),
    "GET backtests/compare/": Entry(query="?runs=998,999", ok=400),
    "GET backtests/{pk}/": Entry(_backtest),
    "DELETE backtests/{pk}/": Entry(_backtest, ok=409),
    "GET backtests/{pk}/results/": Entry(_backtest),
    "GET backtests/{pk}/equity/": Entry(_backtest),
    "GET backtests/{pk}/trades/": Entry(_backtest),
    "GET backtests/{pk}/trades.csv/": Entry(_backtest),
    "GET backtests/{pk}/export/": Entry(_backtest, ok=409),
    "POST backtests/{pk}/rerun/": Entry(_backtest, ok=409),
    "POST backtests/{pk}/causality/": Entry(_backtest, ok=409),
    "GET sweeps/": Entry(),
    "POST sweeps/": Entry(body=_GRID, ok=202),
    "GET sweeps/{pk}/": Entry(_sweep),
    "DELETE sweeps/{pk}/": Entry(_sweep, ok=409),
    "GET sweeps/{pk}/surface/": Entry(_sweep, ok=409),
    "GET sweeps/{pk}/combinations/": Entry(_sweep),
    "GET sweeps/{pk}/combinations.csv/": Entry(_sweep),
    "GET walk-forwards/": Entry(),
    "POST walk-forwards/": Entry(body=_WALK, ok=202),
    "GET walk-forwards/{pk}/": Entry(_walk_forward),
    "DELETE walk-forwards/{pk}/": Entry(_walk_forward, ok=409),
    "GET walk-forwards/{pk}/windows/": Entry(_walk_forward),
    "GET walk-forwards/{pk}/equity/": Entry(_walk_forward),
    "GET walk-forwards/{pk}/results/": Entry(_walk_forward),
    "GET pairs/": Entry(),
    "POST pairs/": Entry(body=_LEGS, ok=201),
    "POST pairs/analyze/": Entry(body=_LEGS),
    "POST pairs/bulk/": Entry(body=_ACTIVATE),
    "GET pairs/watched/": Entry(_watched),
    "GET pairs/{pk}/": Entry(_pair),
    "PUT pairs/{pk}/": Entry(_pair, body={"trend": "ct"}),
    "PATCH pairs/{pk}/": Entry(_pair, body={"is_active": False}),
    "DELETE pairs/{pk}/": Entry(_pair, ok=204),
    "GET pairs/{pk}/spread/": Entry(_pair),
    "PUT pairs/{pk}/watch/": Entry(_pair, ok=204),
    "DELETE pairs/{pk}/watch/": Entry(_watched, ok=204),
    "GET pairs/{pk}/signals/": Entry(_signalled),
    "POST pairs/{pk}/signals/": Entry(_pair, ok=202),
    "GET signals/": Entry(),
    "GET signals/{pk}/": Entry(_signal),
    "GET jobs/": Entry(),
    "POST jobs/bulk/": Entry(_job, body=lambda made: {"ids": [made], "action": "cancel"}),
    "GET jobs/{pk}/": Entry(_job),
    "POST jobs/{pk}/cancel/": Entry(_job, ok=202),
    "GET workers/": Entry(_worker),
    "GET workers/{pk}/": Entry(_worker),
    "GET queues/": Entry(_worker),
    "GET alerts/": Entry(),
    "POST alerts/bulk/": Entry(_alert, body=lambda made: {"ids": [made], "action": "acknowledge"}),
    "GET alerts/summary/": Entry(),
    "GET alerts/{pk}/": Entry(_alert),
    "POST alerts/{pk}/acknowledge/": Entry(_alert),
    "GET alert-rules/": Entry(),
    "POST alert-rules/": Entry(body=_RULE, ok=201),
    "GET alert-rules/{pk}/": Entry(_rule),
    "PUT alert-rules/{pk}/": Entry(_rule, body={"severity": "critical"}),
    "PATCH alert-rules/{pk}/": Entry(_rule, body={"severity": "critical"}),
    "DELETE alert-rules/{pk}/": Entry(_rule, ok=204),
    "GET channels/": Entry(),
    "POST channels/": Entry(body=_HOOK, ok=201),
    "GET channels/{pk}/": Entry(_channel),
    "PUT channels/{pk}/": Entry(_channel, body={"name": "other"}),
    "PATCH channels/{pk}/": Entry(_channel, body={"name": "other"}),
    "DELETE channels/{pk}/": Entry(_channel, ok=204),
    "POST channels/{pk}/test/": Entry(_channel, ok=202),
    "GET shares/": Entry(),
    "POST shares/": Entry(_pair, body=lambda made: {"kind": "pair", "object_id": made}, ok=201),
    "GET shares/{pk}/": Entry(_share),
    "DELETE shares/{pk}/": Entry(_share, ok=204),
    "GET layouts/": Entry(),
    "POST layouts/": Entry(body={"table": "pairs", "name": "n", "state": {}}, ok=201),
    "GET layouts/{pk}/": Entry(_layout),
    "PUT layouts/{pk}/": Entry(_layout, body={"name": "m"}),
    "PATCH layouts/{pk}/": Entry(_layout, body={"name": "m"}),
    "DELETE layouts/{pk}/": Entry(_layout, ok=204),
    "GET users/": Entry(),
    "POST users/": Entry(body={"username": "new", "role": "viewer"}, ok=201),
    "GET users/{pk}/": Entry(_person),
    "PATCH users/{pk}/": Entry(_person, body={"first_name": "F"}),
    "POST users/{pk}/disable-totp/": Entry(_person, ok=409),
    "POST users/{pk}/invite/": Entry(_person, ok=201),
    "POST users/{pk}/sign-out/": Entry(_person),
    "GET audit/": Entry(),
    "GET audit/verify/": Entry(),
    "GET audit/{pk}/": Entry(_audit_entry),
}


def missing() -> set[str]:
    """Routes without an entry, and entries without a route."""
    return {str(route) for route in served()} ^ set(ENTRIES)
