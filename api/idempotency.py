"""``Idempotency-Key``: a request that is sent again, at once or after a lost answer, has its effect once.

The key, the effect and the answer are one transaction. A request that fails or is killed leaves no trace of its key,
and one that comes while the first still runs waits at the key's unique row and is then given the first one's answer.
"""

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from typing import Any, cast

import orjson
from django.db import OperationalError, transaction
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Conflict, KeyReused
from api.json import dumps
from api.models import IdempotentAnswer
from common.sealing import derived_keys, seal, unseal

__all__ = ["HEADER", "REPLAYED", "once", "wanted"]

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = dt.timedelta(hours=24)
_FORM = re.compile(r"[!-~]{1,200}\Z")
_PURPOSE = "idempotent-answer"
Handler = Callable[..., Response]


def wanted(request: Request) -> bool:
    """Whether this request names a key that counts: one that does something, by somebody signed in."""
    return request.method == "POST" and HEADER in request.headers and bool(request.user.is_authenticated)


def once(handler: Handler, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """The handler's answer, or the one it gave to this key before.

    Only answers that say something was done are kept: a refusal changed nothing, so trying again is no second effect.
    """
    key = request.headers[HEADER]
    if not _FORM.match(key):
        raise ValidationError(
            {HEADER: ["A key is 1 to 200 printable ASCII characters without blanks; a UUID is a good one."]}
        )
    asked = _fingerprint(request)
    with transaction.atomic():
        mine, held = _claim(int(request.user.pk or 0), key, asked)
        if held.fingerprint != asked:
            raise KeyReused
        if not mine:
            return _replay(held)
        answer = handler(request, *args, **kwargs)
        held.status = answer.status_code
        held.body = seal(dumps(answer.data).decode() if answer.data is not None else "", _PURPOSE)
        held.save(update_fields=["status", "body"])
    return answer


def _claim(user: int, key: str, asked: str) -> tuple[bool, IdempotentAnswer]:
    """The key's row, and whether this request made it; waits for one that is being made."""
    try:
        IdempotentAnswer.objects.filter(user_id=user, created_at__lt=timezone.now() - KEPT).delete()
        made = IdempotentAnswer(user_id=user, key=key, fingerprint=asked)
        # a conflict is ignored, not raised: on PostgreSQL an error would end the transaction
        IdempotentAnswer.objects.bulk_create([made], ignore_conflicts=True)
        held = IdempotentAnswer.objects.get(user_id=user, key=key)
    except (OperationalError, IdempotentAnswer.DoesNotExist) as error:
        raise Conflict(
            "A request with this Idempotency-Key is still being worked on; send it again in a moment.",
            code="idempotency_in_flight",
        ) from error
    return held.status == 0, held


def _replay(held: IdempotentAnswer) -> HttpResponse:
    body = unseal(held.body, _PURPOSE)
    answer = HttpResponse(body, status=held.status, content_type="application/json")
    if not body:
        del answer["Content-Type"]
    answer[REPLAYED] = "true"
    return answer


def _fingerprint(request: Request) -> str:
    """Method, address and body; the order of names in JSON and the boundary of a form do not matter."""
    digest = hmac.new(
        derived_keys(_PURPOSE)[0], digestmod=hashlib.sha256
    )  # keyed: bodies may hold a short secret
    digest.update(f"{request.method} {request.get_full_path()}\n".encode())
    for part in _parts(request):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _parts(request: Request) -> Iterator[bytes]:
    files = request.FILES
    if not files:
        data = request.data
        plain = dict(data.lists()) if hasattr(data, "lists") else data
        yield orjson.dumps(plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        return
    for name, texts in sorted(cast(QueryDict, request.data).lists()):
        for text in texts if name not in files else ():
            yield from (name.encode(), str(text).encode())
    for name, held in sorted(files.lists()):
        for file in held:
            yield from (name.encode(), str(file.name).encode())
            yield from file.chunks()
            file.seek(0)
