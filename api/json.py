"""JSON out and in: NaN and infinity leave as null, instants as UTC with Z, arrays without a detour."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.utils.functional import Promise
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

__all__ = ["AlwaysJson", "OrjsonParser", "OrjsonRenderer", "dumps"]

# orjson writes NaN and infinity as null: the deliberate answer to "no number here".
OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS
MAX_DEPTH = 64


def dumps(data: Any) -> bytes:
    """JSON bytes of plain values, numpy arrays, dates and lazy texts."""
    try:
        return orjson.dumps(data, default=_plain, option=OPTIONS)
    except TypeError as error:
        if "64-bit" not in str(error):
            raise
        # PostgreSQL's JSON gives 1e25 back as an integer
        return orjson.dumps(_within_64_bits(data), default=_plain, option=OPTIONS)


def _within_64_bits(value: Any) -> Any:
    """The same with integers beyond 64 bits as floating-point numbers."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value)
    if isinstance(value, Mapping):
        return {name: _within_64_bits(item) for name, item in value.items()}
    if isinstance(value, set | frozenset | tuple | list):
        return [_within_64_bits(item) for item in value]
    return value


def _plain(value: Any) -> Any:
    """What orjson does not know by itself."""
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset | tuple | list):
        return list(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if hasattr(value, "tolist"):  # a numpy array that is not contiguous, or of a type orjson leaves alone
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no JSON form")


class OrjsonRenderer(BaseRenderer):
    """``application/json`` through orjson."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "text"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes of the answer; empty where there is no body."""
        return b"" if data is None else dumps(data)


class OrjsonParser(BaseParser):
    """``application/json`` through orjson: bounded in size and depth, NaN and duplicates of syntax refused."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value of the body."""
        from api.errors import PayloadTooLarge  # errors writes with this module's dumps

        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read() if limit is None else stream.read(limit + 1)
        if limit is not None and len(raw) > limit:
            raise PayloadTooLarge(f"The body is larger than {limit:,} bytes; send less at a time.")
        try:
            data = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}.") from error
        if _too_deep(data):
            raise ParseError(f"The body is nested deeper than {MAX_DEPTH} levels.")
        return data


def _too_deep(data: Any) -> bool:
    """Whether anything lies deeper than `MAX_DEPTH`, found without recursion."""
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


class AlwaysJson(BaseContentNegotiation):
    """For routes whose success is no JSON: whatever is accepted, errors are JSON."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """The first."""
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first."""
        first = next(iter(renderers))
        return first, first.media_type
