"""OpenAPI: errors, ``?fields=`` and query forms documented on every operation without a word in the views."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from api.arrow import ARROW
from api.serializers.errors import ErrorSerializer

__all__ = ["TitanSchema", "tidy"]

_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]{1,200}$"},
    OpenApiParameter.HEADER,
    description="A request sent again under the same key has its effect once and gets the same answer, for 24 hours.",
)


class TitanSchema(AutoSchema):
    """Adds what every operation of ours has."""

    def get_override_parameters(self) -> list[Any]:
        """The id of the address as the number it is; ``?fields=`` and the view's query form for reading actions."""
        parameters: list[Any] = []
        if "{id}" in self.path:
            id_schema = getattr(self.view, "id_schema", {"type": "integer", "minimum": 1})
            parameters.append(OpenApiParameter("id", id_schema, OpenApiParameter.PATH))
        if self.method == "POST" and getattr(self.view, "idempotent", False):
            parameters.append(_IDEMPOTENCY_KEY)
        if self.method != "GET":
            return parameters
        query_form = getattr(self.view, "query_form", lambda: None)()
        if query_form is not None:
            parameters.append(query_form)
        names = sorted(getattr(self.view, "field_names", list)())
        if names:
            parameters.append(
                OpenApiParameter(
                    "fields",
                    {"type": "array", "items": {"type": "string", "enum": names}},
                    OpenApiParameter.QUERY,
                    description="Only these fields, comma-separated.",
                    explode=False,
                    style="form",
                )
            )
        return parameters

    def get_response_serializers(self) -> Any:
        """What was changed is answered as it is read, whatever the form of the change."""
        if getattr(self.view, "action", "") in {"update", "partial_update"}:
            return getattr(self.view, "serializer_class", None)
        return super().get_response_serializers()

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        """The view's answers, and the one error shape for all others."""
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, words in (("4XX", "The request was refused."), ("5XX", "The server failed.")):
            bodies[status] = self._get_response_for_code(ErrorSerializer, status, direction=direction)  # type: ignore[no-untyped-call]  # spectacular's
            bodies[status]["description"] = words
        return bodies


def tidy(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: FBT001 - spectacular's signature
    """Request bodies refuse names they do not know, and the schema says so; null is written as null."""
    schemas = result["components"]["schemas"]
    for item in result["paths"].values():
        for operation in item.values():
            _binary(operation["responses"])
    for name, component in schemas.items():
        if name.endswith("Request") and component.get("type") == "object":
            component["additionalProperties"] = False
    _inline_null(result)
    schemas.pop("Null", None)
    return result


def _binary(responses: dict[str, Any]) -> None:
    """An Arrow stream is bytes, whatever the serializer says of its JSON, and errors are always JSON."""
    for status, response in responses.items():
        content = response.get("content", {})
        if ARROW in content and status.startswith("2"):
            content[ARROW]["schema"] = {"type": "string", "format": "binary"}
        else:
            content.pop(ARROW, None)


def _inline_null(node: Any) -> None:
    """Replace references to the null enum by the type itself, in place."""
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        if isinstance(value, dict) and value.get("$ref") == "#/components/schemas/Null":
            value.clear()
            value["type"] = "null"
        else:
            _inline_null(value)
