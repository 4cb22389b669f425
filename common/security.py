"""Headers every answer carries, and the content security policies: one for what is no page, one for pages.

No policy knows ``unsafe-inline``. A page's own inline style or script carries ``nonce="{{ request.csp_nonce }}"``;
everything else comes as a file of ours.
"""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

__all__ = ["CLOSED_POLICY", "HEADERS", "SecurityHeadersMiddleware", "new_nonce", "page_policy", "raw_headers"]

# For data, files and errors: should a browser ever show one as a page, it can do nothing there.
CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), "
        "magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
    ),
}


def new_nonce() -> str:
    """128 random bits for one answer."""
    return secrets.token_urlsafe(16)


def page_policy(
    nonce: str, *, scripts: str | None = None, images: str = "data:", workers: str = "'none'"
) -> str:
    """The policy of a page: our own files, and inline elements that carry the nonce.

    `scripts` replaces the nonce for scripts (empty: files only); `images` and `workers` add sources.
    """
    return "; ".join(
        (
            "default-src 'none'",
            ("script-src 'self' " + (f"'nonce-{nonce}'" if scripts is None else scripts)).rstrip(),
            f"style-src 'self' 'nonce-{nonce}'",
            f"img-src 'self' {images}",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            f"worker-src {workers}",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeadersMiddleware:
    """Adds to each answer what its view has not said itself; outermost, so that files and errors have them too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, its nonce at hand for templates."""
        nonce = new_nonce()
        request.csp_nonce = nonce  # type: ignore[attr-defined]  # for templates
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        is_page = response.get("Content-Type", "").startswith("text/html")
        response.setdefault("Content-Security-Policy", page_policy(nonce) if is_page else CLOSED_POLICY)
        # What may be kept says so; tokens, keys and figures are nobody's to find in a cache.
        response.setdefault("Cache-Control", "no-store")
        return response


def raw_headers() -> list[tuple[bytes, bytes]]:
    """The same for answers given before Django is asked."""
    headers = HEADERS | {"Content-Security-Policy": CLOSED_POLICY, "Cache-Control": "no-store"}
    seconds = getattr(settings, "SECURE_HSTS_SECONDS", 0)
    if seconds:
        headers["Strict-Transport-Security"] = f"max-age={seconds}; includeSubDomains; preload"
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
