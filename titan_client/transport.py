"""Requests: signed in, signed in anew when a token ends, sent again where that has no second effect."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

import httpx

from titan_client.errors import raise_for

__all__ = ["Transport"]

_ATTEMPTS = 4
_LONGEST_WAIT = 60.0
_SAFE = frozenset({"GET", "HEAD"})


class Transport:
    """One connection to one server as one person."""

    def __init__(
        self,
        url: str,
        *,
        token: str | None,
        username: str | None,
        password: str | None,
        otp: str | None,
        key: str | None,
        timeout: float,
        transport: httpx.BaseTransport | None,
    ) -> None:
        ways = [token is not None, key is not None, username is not None and password is not None]
        if sum(ways) != 1:
            raise ValueError("sign in one way: with key=…, token=…, or username=… and password=…")
        self._http = httpx.Client(base_url=url.rstrip("/"), timeout=timeout, transport=transport)
        self._refresh: str | None = None
        self._bearer = key or token or ""
        if username is not None:
            self._keep(self._post("auth/token/", {"username": username, "password": password, "otp": otp}))

    @property
    def url(self) -> str:
        """Where the server is."""
        return str(self._http.base_url).rstrip("/")

    def close(self) -> None:
        """Close the connection; a sign-in by password is ended with it."""
        if self._refresh is not None:
            self._http.post(
                "/api/v1/auth/logout/", json={"refresh": self._refresh}, headers=self._authorization()
            )
            self._refresh = None
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any],
        body: Any,
        is_form: bool,
        accept: str,
        idempotency_key: str | None,
    ) -> httpx.Response:
        """The answer; too many requests are waited for, and a lost POST goes out again under its key."""
        headers = {"Accept": accept}
        if method == "POST":  # one key for every try of this call: the effect is had once
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        content = _content(body, is_form=is_form)
        for attempt in range(_ATTEMPTS):
            is_last = attempt == _ATTEMPTS - 1
            try:
                answer = self._http.request(
                    method, path, params=query, headers=headers | self._authorization(), **content
                )
            except httpx.TransportError:
                if is_last or is_form or method not in _SAFE | {"POST"}:
                    raise
                time.sleep(0.2 * 2**attempt)
                continue
            if is_last or not self._again(answer):
                break
        raise_for(answer)
        return answer

    def _again(self, answer: httpx.Response) -> bool:
        """Whether to ask once more, after a fresh token or after a wait."""
        if answer.status_code == 401 and self._refresh is not None:
            refresh, self._refresh = self._refresh, None  # good for one use
            self._keep(self._post("auth/token/refresh/", {"refresh": refresh}))
            return True
        if answer.status_code == 429:
            wait = float(answer.headers.get("Retry-After", "1"))
            if wait <= _LONGEST_WAIT:
                time.sleep(wait)
                return True
        return False

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._bearer}"}

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        given = {name: value for name, value in body.items() if value is not None}
        answer = self._http.post(f"/api/v1/{path}", json=given)
        raise_for(answer)
        return answer.json()

    def _keep(self, tokens: Mapping[str, str]) -> None:
        self._bearer, self._refresh = tokens["access"], tokens["refresh"]


def _content(body: Any, *, is_form: bool) -> dict[str, Any]:
    if body is None:
        return {}
    if not is_form:
        return {"json": body}
    files = {
        name: value
        for name, value in body.items()
        if hasattr(value, "read") or isinstance(value, bytes | tuple)
    }
    return {"files": files, "data": {name: value for name, value in body.items() if name not in files}}
