"""Static files from this process: the SPA's assets, the admin's, the API docs'."""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

__all__ = ["StaticFilesMiddleware"]

# Vite writes assets/<name>-<hash>.<ext>; such a file never changes under its name.
_HASHED_ASSET = re.compile(r"/app/assets/.+-[\w-]{8,}\.\w+(?:\.map)?$")


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise ships no types
    """WhiteNoise that answers with whole bodies and keeps the SPA's page for the view.

    A streamed file under ASGI is read in a thread with a warning per request; these files are small, so they are
    sent whole.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        # The page comes from a view, which adds its security headers.
        self.files.pop(f"{self.static_prefix}app/index.html", None)

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Whether the file may be cached for ever."""
        return bool(_HASHED_ASSET.search(url)) or bool(super().immutable_file_test(path, url))

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """The file, a part of it, or "not modified"."""
        answer = static_file.get_response(request.method, request.META)
        body: Any = b""
        if answer.file is not None:
            with answer.file:
                body = answer.file.read()
        response = HttpResponse(body, status=int(answer.status))
        del response["Content-Type"]
        for name, value in answer.headers:
            response[name] = value
        return response
