"""One action on many rows: each is done or refused by itself, and the answer says which."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.response import Response

from api.serializers.bulk import BulkResultSerializer
from titan_core.errors import TitanError

__all__ = ["each_by_itself"]

ABSENT = "There is nothing here under this id, or it is not yours to see."


def each_by_itself(ids: Sequence[int], rows: QuerySet[Any], act: Callable[[Any], object]) -> Response:
    """Act on those of `rows` that are named; an id outside `rows` is refused like one that does not exist.

    `act` refuses a row by raising a `TitanError`, whose words become the reason.
    """
    found = {row.pk: row for row in rows.filter(pk__in=ids)}
    done: list[int] = []
    refused: list[dict[str, Any]] = []
    for pk in ids:
        if pk not in found:
            refused.append({"id": pk, "reason": ABSENT})
            continue
        try:
            act(found[pk])
        except TitanError as error:
            refused.append({"id": pk, "reason": str(error)})
        else:
            done.append(pk)
    return Response(BulkResultSerializer({"done": done, "refused": refused}).data)
