"""The REST reference, drawn from openapi.json: every operation with what it takes and gives."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

__all__ = ["rest_page"]

SCHEMA = Path(__file__).resolve().parent.parent / "frontend" / "react_app" / "openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")
# said once above the tables instead of in every row
COMMON = {"page", "page_size", "ordering", "search", "fields", "Idempotency-Key"}
HEAD = """# REST reference

Every operation of `/api/v1/`, drawn from the schema by `tools/reference.py`; `make check` fails where it is stale.
Conventions, errors and examples are in [the REST API](rest.md), field by field it stands in `/api/docs/`.

An address is relative to `/api/v1/`. In **takes**, query names stand after `?`, names of the body in braces, those
that may be left out with a `?` behind. Lists (marked ≡) also take `page`, `page_size` and, where they say so,
`ordering` and `search`; everything read takes `fields`; every POST that makes something takes the header
`Idempotency-Key`. Operations marked ○ need no sign-in.
"""


def rest_page() -> str:
    """The page."""
    schema = json.loads(SCHEMA.read_text())
    by_tag: dict[str, list[str]] = defaultdict(list)
    for path, methods in sorted(schema["paths"].items()):
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                by_tag[operation["tags"][0]].append(_row(schema, path, method, operation))
    columns = "| operation | takes | gives | what |\n|---|---|---|---|\n"
    tables = [f"## {tag}\n\n{columns}" + "\n".join(by_tag[tag]) + "\n" for tag in sorted(by_tag)]
    return "\n".join([HEAD, *tables])


def _row(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    address = path.removeprefix("/api/v1/")
    queries = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    marks = ("≡" if "page_size" in queries else "") + ("" if _needs_sign_in(operation) else "○")
    words = " ".join(operation.get("description", "").split("\n\n")[0].split()).replace("|", "\\|")
    cells = (
        f"`{method.upper()} {address}` {marks}".rstrip(),
        _taken(schema, operation),
        _given(operation),
        words,
    )
    return "| " + " | ".join(cells) + " |"


def _needs_sign_in(operation: dict[str, Any]) -> bool:
    return bool(operation.get("security")) and {} not in operation["security"]


def _taken(schema: dict[str, Any], operation: dict[str, Any]) -> str:
    """Query names, and names of the body."""
    parameters = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    queries = [each["name"] for each in parameters if each["name"] not in COMMON]
    queries += [each["name"] for each in parameters if each["name"] in {"ordering", "search"}]
    said = f"`?{'&'.join(queries)}`" if queries else ""
    for media, content in sorted(operation.get("requestBody", {}).get("content", {}).items()):
        body = _resolved(schema, content["schema"])
        required = set(body.get("required", ()))
        names = [name if name in required else f"{name}?" for name in body.get("properties", {})]
        kind = "" if media == "application/json" else f"{media} "
        said += f"{' ' if said else ''}{kind}`{{{', '.join(names)}}}`" if names else f" {kind}`{{}}`"
        break  # the same names in every form
    return said.strip()


def _given(operation: dict[str, Any]) -> str:
    """Status and kind of the good answers."""
    said = []
    for status, answer in sorted(operation["responses"].items()):
        if not status.startswith("2"):
            continue
        kinds = [
            _name(content["schema"]) if "json" in media else media
            for media, content in answer.get("content", {}).items()
        ]
        said.append(f"{status} {', '.join(f'`{kind}`' for kind in dict.fromkeys(kinds) if kind)}".strip())
    return "; ".join(said)


def _name(node: dict[str, Any]) -> str:
    if "$ref" in node:
        return str(node["$ref"].rpartition("/")[2])
    if node.get("type") == "array":
        return f"{_name(node['items'])}[]"
    return str(node.get("type", "")) if node.get("type") != "object" else "object"


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return dict(schema["components"]["schemas"][node["$ref"].rpartition("/")[2]])
    return node
