"""Addresses of the API: version 1, its schema, and pages that explain it offline."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from api.errors import not_found
from api.views import (
    alerts,
    audit,
    auth,
    backtests,
    documentation,
    events,
    ingestions,
    jobs,
    keys,
    layouts,
    pairs,
    scans,
    second_factor,
    sessions,
    shares,
    signals,
    strategies,
    sweeps,
    symbols,
    universes,
    users,
    walk_forwards,
    workers,
)

router = SimpleRouter()
router.register("symbols", symbols.SymbolViewSet, basename="symbol")
router.register("universes", universes.UniverseViewSet, basename="universe")
router.register("ingestions", ingestions.IngestionViewSet, basename="ingestion")
router.register("scans", scans.ScanViewSet, basename="scan")
router.register("pairs", pairs.TradingPairViewSet, basename="pair")
router.register("strategies", strategies.StrategyViewSet, basename="strategy")
router.register("backtests", backtests.BacktestViewSet, basename="backtest")
router.register("sweeps", sweeps.SweepViewSet, basename="sweep")
router.register("walk-forwards", walk_forwards.WalkForwardViewSet, basename="walk-forward")
router.register("signals", signals.SignalViewSet, basename="signal")
router.register("jobs", jobs.JobViewSet, basename="job")
router.register("workers", workers.WorkerViewSet, basename="worker")
router.register("alerts", alerts.AlertViewSet, basename="alert")
router.register("alert-rules", alerts.AlertRuleViewSet, basename="alert-rule")
router.register("channels", alerts.AlertChannelViewSet, basename="channel")
router.register("shares", shares.ShareViewSet, basename="share")
router.register("layouts", layouts.TableLayoutViewSet, basename="layout")
router.register("users", users.UserViewSet, basename="user")
router.register("audit", audit.AuditViewSet, basename="audit")

auth_router = SimpleRouter()
auth_router.register("sessions", sessions.SessionViewSet, basename="session")
auth_router.register("keys", keys.ApiKeyViewSet, basename="api-key")

auth_urls = [
    path("token/", auth.TokenView.as_view(), name="token"),
    path("token/refresh/", auth.TokenRefreshView.as_view(), name="token-refresh"),
    path("token/verify/", auth.TokenVerifyView.as_view(), name="token-verify"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("logout-everywhere/", sessions.LogoutEverywhereView.as_view(), name="logout-everywhere"),
    path("totp/", second_factor.TotpView.as_view(), name="totp"),
    path("totp/confirm/", second_factor.TotpConfirmView.as_view(), name="totp-confirm"),
    path("totp/disable/", second_factor.TotpDisableView.as_view(), name="totp-disable"),
    path("totp/recovery-codes/", second_factor.RecoveryCodesView.as_view(), name="totp-recovery-codes"),
    path("invitation/", users.InvitationAcceptView.as_view(), name="invitation-accept"),
    path("invitation/<str:token>/", users.InvitationView.as_view(), name="invitation"),
    path("me/", auth.MeView.as_view(), name="me"),
    path("password/", auth.PasswordView.as_view(), name="password"),
    path("ws-ticket/", auth.WsTicketView.as_view(), name="ws-ticket"),
    *auth_router.urls,
]

v1 = [
    path("auth/", include(auth_urls)),
    path("shared/<str:token>/", shares.SharedView.as_view(), name="shared"),
    path("shared/<str:token>/candidates/", shares.SharedCandidatesView.as_view(), name="shared-candidates"),
    path("shared/<str:token>/equity/", shares.SharedEquityView.as_view(), name="shared-equity"),
    path("shared/<str:token>/results/", shares.SharedResultsView.as_view(), name="shared-results"),
    path("shared/<str:token>/spread/", shares.SharedSpreadView.as_view(), name="shared-spread"),
    path("shared/<str:token>/trades/", shares.SharedTradesView.as_view(), name="shared-trades"),
    path("queues/", workers.QueuesView.as_view(), name="queues"),
    path("events/", events.EventsView.as_view(), name="events"),
    path("prices/upload/", ingestions.UploadView.as_view(), name="prices-upload"),
    *router.urls,
]


@csrf_exempt
def unknown(request: HttpRequest, path: str = "") -> HttpResponse:
    """Any other address below ``api/``: the one error shape, in debugging too."""
    return not_found(request, Http404())


urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", SpectacularAPIView.as_view(renderer_classes=[OpenApiJsonRenderer]), name="schema"),
    path("docs/", documentation.SwaggerView.as_view(), name="docs"),
    path("redoc/", documentation.RedocView.as_view(), name="redoc"),
    re_path(r"^(?P<path>.*)$", unknown),
]
