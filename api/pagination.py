"""Pages of lists: ``page`` and ``page_size``, refused in words where they make no sense."""

from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

__all__ = ["Pagination"]


class Pagination(PageNumberPagination):
    """``{count, next, previous, results}``; 50 a page unless asked, 1,000 at most."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 1000
    last_page_strings = ()
    invalid_page_message = "There is no page {page_number}; ask for page 1."

    def get_page_size(self, request: Request) -> int:
        """The size asked for, or 50."""
        return self._number(request, "page_size", self.max_page_size) or 50

    def get_page_number(self, request: Request, paginator: Any) -> int:
        """The page asked for, or the first."""
        return self._number(request, "page", 2**31) or 1

    @staticmethod
    def _number(request: Request, name: str, largest: int) -> int | None:
        text = request.query_params.get(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= largest):
            raise ValidationError({name: [f"{text!r} is not a whole number from 1 to {largest:,}."]})
        return int(text)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """One page; a page beyond the last says which the last is."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except NotFound as error:
            paginator = self.django_paginator_class(queryset, self.get_page_size(request))
            asked = self.get_page_number(request, paginator)
            raise NotFound(f"There is no page {asked}; the last is {paginator.num_pages}.") from error

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The bounds belong to the schema."""
        return [
            {
                "name": "page",
                "required": False,
                "in": "query",
                "description": "Page number, from 1.",
                "schema": {"type": "integer", "minimum": 1, "maximum": 2**31},
            },
            {
                "name": "page_size",
                "required": False,
                "in": "query",
                "description": "Results a page.",
                "schema": {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": 50},
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """All four keys are always there."""
        page = super().get_paginated_response_schema(schema)
        page["required"] = ["count", "next", "previous", "results"]
        page["properties"]["count"] = {"type": "integer"}
        for link in ("next", "previous"):
            page["properties"][link] = {"type": ["string", "null"], "format": "uri"}
        return page
