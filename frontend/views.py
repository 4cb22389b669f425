"""The one page of the single-page application; its router reads the path in the browser."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.views.decorators.http import require_safe

__all__ = ["spa"]

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
# What a page asks for as a file; a ticker such as BRK.B at the end of a route is none.
_FILE_NAME = re.compile(
    r"\.(?:js|mjs|css|map|json|txt|xml|html|ico|png|jpe?g|gif|svg|webp|woff2?|webmanifest|php)\Z"
)


@require_safe
def spa(request: HttpRequest, path: str = "") -> HttpResponse:
    """The built page for any client-side route; a missing file is a 404, a missing build explains itself."""
    if path.startswith(("api/", "ws/", "static/", "admin/")) or _FILE_NAME.search(path):
        return HttpResponseNotFound("Not found.\n", content_type="text/plain; charset=utf-8")
    index = Path(settings.SPA_DIST) / "index.html"
    try:
        modified = index.stat().st_mtime_ns
    except FileNotFoundError:
        return render(request, "frontend/not_built.html", status=503)
    page, policy = _page(index, modified)
    response = HttpResponse(page, headers={"Content-Security-Policy": policy})
    # Assets are cached for ever under hashed names; the page that names them is asked for each time.
    response["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=4)
def _page(index: Path, modified: int) -> tuple[bytes, str]:
    """The page and its content security policy, read again when the build changed."""
    page = index.read_bytes()
    return page, content_security_policy(page.decode())


def content_security_policy(page: str) -> str:
    """Only our own files and sockets; inline scripts of the page itself are allowed by their hashes."""
    scripts = " ".join(
        "'sha256-" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() + "'"
        for body in _INLINE_SCRIPT.findall(page)
        if body
    )
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {scripts}".rstrip(),
            "style-src 'self' 'unsafe-inline'",  # the component library sizes and places by style attributes
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
