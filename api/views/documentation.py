"""Pages that explain the API: everything on them comes from this machine, and the browser is told so."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView

from common.security import page_policy

__all__ = ["RedocView", "SwaggerView"]


class SwaggerView(SpectacularSwaggerView):
    """Swagger UI."""

    url_name = "schema"
    template_name = "api/swagger.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, with its policy: answers may be shown as pictures and offered as files."""
        answer = super().dispatch(request, *args, **kwargs)
        answer["Content-Security-Policy"] = page_policy(request.csp_nonce, images="data: blob:")  # type: ignore[attr-defined]  # the middleware's
        answer["Cross-Origin-Opener-Policy"] = (
            "same-origin"  # spectacular opens it for OAuth, which we have not
        )
        return answer


class RedocView(SpectacularRedocView):
    """ReDoc."""

    url_name = "schema"
    template_name = "api/redoc.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, with its policy: its search runs in a worker it makes of a blob."""
        answer = super().dispatch(request, *args, **kwargs)
        answer["Content-Security-Policy"] = page_policy(request.csp_nonce, workers="blob:")  # type: ignore[attr-defined]  # the middleware's
        return answer
