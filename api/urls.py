"""Addresses of the API: version 1, its schema, and pages that explain it offline."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from api.errors import not_found
from api.views import auth, documentation, events, ingestions, jobs, pairs, scans, symbols, universes

router = SimpleRouter()
router.register("symbols", symbols.SymbolViewSet, basename="symbol")
router.register("universes", universes.UniverseViewSet, basename="universe")
router.register("ingestions", ingestions.IngestionViewSet, basename="ingestion")
router.register("scans", scans.ScanViewSet, basename="scan")
router.register("pairs", pairs.TradingPairViewSet, basename="pair")
router.register("jobs", jobs.JobViewSet, basename="job")

auth_urls = [
    path("token/", auth.TokenView.as_view(), name="token"),
    path("token/refresh/", auth.TokenRefreshView.as_view(), name="token-refresh"),
    path("token/verify/", auth.TokenVerifyView.as_view(), name="token-verify"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("me/", auth.MeView.as_view(), name="me"),
    path("password/", auth.PasswordView.as_view(), name="password"),
    path("ws-ticket/", auth.WsTicketView.as_view(), name="ws-ticket"),
]

v1 = [
    path("auth/", include(auth_urls)),
    path("events/", events.EventsView.as_view(), name="events"),
    path("prices/upload/", ingestions.UploadView.as_view(), name="prices-upload"),
    *router.urls,
]


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
