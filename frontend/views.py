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

from common.security import page_policy

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
    head, rest, scripts = _page(index, modified)
    nonce: str = request.csp_nonce  # type: ignore[attr-defined]  # common.security's
    # The component library makes a few styles while it runs; it reads here what lets them through.
    page = b'%b<meta name="titan-nonce" content="%b">%b' % (head, nonce.encode(), rest)
    policy = page_policy(nonce, scripts=scripts, images="data: blob:", workers="'self' blob:")
    response = HttpResponse(page, headers={"Content-Security-Policy": policy})
    # Assets are cached for ever under hashed names; the page that names them is asked for each time.
    response["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=4)
def _page(index: Path, modified: int) -> tuple[bytes, bytes, str]:
    """The page around the end of its head, and its script sources; read again when the build changed."""
    head, end, rest = index.read_bytes().partition(b"</head>")
    return head, end + rest, script_sources((head + rest).decode())


def script_sources(page: str) -> str:
    """Inline scripts of the page itself are allowed by their hashes: no nonce, for nothing else may ever be added."""
    hashes = (
        "'sha256-" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() + "'"
        for body in _INLINE_SCRIPT.findall(page)
        if body
    )
    return " ".join(hashes)
