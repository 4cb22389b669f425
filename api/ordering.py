"""Ordering and searching of lists; a name that is not known is refused with the names that are."""

from typing import Any

from django.db.models import F, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.request import Request

from api.errors import unknown_name

__all__ = ["StrictOrderingFilter", "WordSearchFilter"]

MAX_WORDS = 20


class StrictOrderingFilter(OrderingFilter):
    """``?ordering=-qvalue,rank``: nulls last, ties broken by id, so that pages never overlap."""

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> list[str]:
        """The terms asked for, or the view's own order."""
        text = request.query_params.get(self.ordering_param, "")
        terms = [term.strip() for term in text.split(",") if term.strip()]
        allowed = [name for name, _ in self.get_valid_fields(queryset, view, {"request": request})]
        for term in terms:
            if term.removeprefix("-") not in allowed:
                raise ValidationError({"ordering": [unknown_name(term.removeprefix("-"), allowed)]})
        return terms or list(getattr(view, "ordering", None) or [])

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """The queryset in that order."""
        names: dict[str, str] = getattr(view, "ordering_map", {})
        terms = []
        for term in self.get_ordering(request, queryset, view):
            name = term.removeprefix("-")
            column = F(names.get(name, name))
            terms.append(
                column.desc(nulls_last=True) if term.startswith("-") else column.asc(nulls_last=True)
            )
        return queryset.order_by(*terms, "pk")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Every term there is, in both directions."""
        names = list(getattr(view, "ordering_fields", []))
        terms = [term for name in names for term in (name, f"-{name}")]
        return [
            {
                "name": self.ordering_param,
                "required": False,
                "in": "query",
                "description": "Comma-separated; a minus sign reverses. One of: " + ", ".join(names) + ".",
                "schema": {"type": "array", "items": {"type": "string", "enum": terms}},
                "explode": False,
                "style": "form",
            }
        ]


class WordSearchFilter(SearchFilter):
    """``?search=``, where the view has anything to search in; each word is one more condition of the query."""

    def get_search_terms(self, request: Request) -> list[str]:
        """The words. Raises `ValidationError` for more than a database's query holds."""
        terms: list[str] = super().get_search_terms(request)
        if len(terms) > MAX_WORDS:
            raise ValidationError({"search": [f"Search for at most {MAX_WORDS} words at once."]})
        return terms

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """None where there is nothing to search in."""
        return super().get_schema_operation_parameters(view) if getattr(view, "search_fields", None) else []
