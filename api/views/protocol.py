"""What every view of the API does beside its work: rates told and kept, one effect a key, tags of what is read."""

from functools import partial
from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpRequest
from django.utils.cache import patch_vary_headers
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from api import caching, idempotency
from api.json import OrjsonRenderer
from api.throttling import CostlyThrottle, RefusedThrottle, rate_limit_headers

__all__ = ["ProtocolMixin"]


class ProtocolMixin(APIView):
    """Throttles and their headers, ``Idempotency-Key``, ``ETag``.

    ``costly`` names operations that count twice, ``extra_throttles`` brakes that some operations have beside,
    ``made_of`` the models an operation's answer is made of: where they are named, the answer carries an ETag.
    ``idempotent`` is off for views that must count what they refuse, for a refusal under a key is rolled back with
    all it wrote.
    """

    costly: ClassVar[frozenset[str]] = frozenset()
    extra_throttles: ClassVar[dict[str, tuple[type[BaseThrottle], ...]]] = {}
    made_of: ClassVar[dict[str, tuple[type[Model], ...]]] = {}
    idempotent: ClassVar[bool] = False
    operation: str

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """The first step of a request, in views and viewsets alike; an instance serves one."""
        self.counted: list[Any] = []
        self.tag: str | None = None
        return super().initialize_request(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Who asks; a token or key that does not hold counts against its address."""
        try:
            super().perform_authentication(request)
        except (AuthenticationFailed, NotAuthenticated):
            refused = RefusedThrottle()
            self.counted.append(refused)
            if not refused.allow_request(request, self):
                raise Throttled(refused.wait()) from None
            raise

    def get_throttles(self) -> list[Any]:
        """The usual ones, and the costly one where the operation is; kept to tell what is left."""
        more = self.extra_throttles.get(self.operation, ())
        costly = [CostlyThrottle()] if self.operation in self.costly else []
        chosen = [*super().get_throttles(), *costly, *(throttle() for throttle in more)]
        self.counted += chosen
        return chosen

    def prepare(self, request: Request) -> None:
        """After every check, before the work: what makes the work unnecessary."""
        if request.method in {"GET", "HEAD"} and self.operation in self.made_of:
            self.tag = caching.entity_tag(request, self.made_of[self.operation])
            if self.tag is not None and caching.is_known(request, self.tag):
                raise caching.NotModified
        if self.idempotent and idempotency.wanted(request):
            # DRF takes the handler from the instance after the checks, and a POST that passed them has one
            handler = getattr(self, "post")  # noqa: B009 - no class here says that it answers POST
            setattr(self, "post", partial(idempotency.once, handler))  # noqa: B010 - the same

    def handle_exception(self, exc: Exception) -> Response:
        """Errors are JSON whatever is accepted."""
        if isinstance(exc, caching.NotModified):
            return Response(status=304)
        answer = super().handle_exception(exc)
        self.tag = None
        if hasattr(self.request, "accepted_renderer"):
            self.request.accepted_renderer = OrjsonRenderer()
            self.request.accepted_media_type = OrjsonRenderer.media_type
        return answer

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Add what is left of the rate, and the tag."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name, value in rate_limit_headers(self.counted).items():
            answer[name] = value
        if self.tag is not None and answer.status_code in {200, 304}:
            answer["ETag"] = self.tag
            answer["Cache-Control"] = caching.CACHE_CONTROL
            patch_vary_headers(answer, caching.VARY)
        return answer
