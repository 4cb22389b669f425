"""OpenAPI links: which value of an answer stands in which address, so that a reader of the schema can go on."""

from collections.abc import Iterator
from typing import Any

__all__ = ["add_links"]

# What an answer calls a thing of another collection, and the collection.
_COLLECTIONS = {"job": "jobs", "universe": "universes", "pair": "pairs", "scan": "scans"}


def add_links(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: FBT001 - spectacular's signature
    """From what was created or listed to all that can be done with it, and from a reference to what it names."""
    paths, schemas = result["paths"], result["components"]["schemas"]
    for path, item in paths.items():
        if "{token}" in path:  # whoever holds a link sees what it shows, and cannot go on
            continue
        for method, operation in item.items():
            for status, answer in operation["responses"].items():
                schema = _resolved(
                    answer.get("content", {}).get("application/json", {}).get("schema"), schemas
                )
                if status.startswith("2") and (links := dict(_links(path, method, schema, paths, schemas))):
                    answer["links"] = links
    return result


def _links(
    path: str, method: str, schema: dict[str, Any], paths: dict[str, Any], schemas: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Links of one answer, by name."""
    fields = schema.get("properties", {})
    if "id" in fields and method == "post" and "{" not in path:
        yield from _below(path, "$response.body#/id", paths)
    rows = fields.get("results", {})
    if method == "get" and "id" in _resolved(rows.get("items"), schemas).get("properties", {}):
        yield from _below(path, "$response.body#/results/0/id", paths)
    for name, collection in _COLLECTIONS.items():
        found = _resolved(fields.get(name), schemas)
        target = paths.get(f"/api/v1/{collection}/{{id}}/", {}).get("get")
        if target is None or name not in fields:
            continue
        if "id" in found.get("properties", {}):
            yield _link(target, f"$response.body#/{name}/id")
        elif "integer" in found.get("type", ()):
            yield _link(target, f"$response.body#/{name}")


def _below(path: str, expression: str, paths: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that can be asked of one thing of a collection; nothing where the path holds none."""
    for other, item in paths.items():
        if other.startswith(f"{path}{{id}}/"):
            for operation in item.values():
                yield _link(operation, expression)


def _link(operation: dict[str, Any], expression: str) -> tuple[str, dict[str, Any]]:
    name = operation["operationId"]
    return name, {"operationId": name, "parameters": {"id": expression}}


def _resolved(schema: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """A schema with its reference followed, null aside."""
    if not isinstance(schema, dict):
        return {}
    if "$ref" in schema:
        return dict(schemas[schema["$ref"].rpartition("/")[2]])
    for several in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(several, ()):
            if "$ref" in part:
                return _resolved(part, schemas)
    return schema
