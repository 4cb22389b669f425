"""Pages that explain the API: everything on them comes from this machine, and the browser is told so."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView

__all__ = ["RedocView", "SwaggerView"]

# Both bundles start blob workers and inline styles; neither may fetch from anywhere else.
POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'none'"


class SwaggerView(SpectacularSwaggerView):
    """Swagger UI."""

    url_name = "schema"

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, with its policy."""
        answer = super().dispatch(*args, **kwargs)
        answer["Content-Security-Policy"] = POLICY
        return answer


class RedocView(SpectacularRedocView):
    """ReDoc."""

    url_name = "schema"
    template_name = "api/redoc.html"

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, with its policy."""
        answer = super().dispatch(*args, **kwargs)
        answer["Content-Security-Policy"] = POLICY
        return answer
