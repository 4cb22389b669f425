"""Static files from this process: the SPA's hashed assets, the admin's and the API docs' files."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

__all__ = ["StaticFilesMiddleware"]

# Vite writes assets/<name>-<hash>.<ext>; such a file never changes under its name.
_HASHED_ASSET = re.compile(r"^/assets/.+-[\w-]{8,}\.\w+(?:\.map)?$")


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise ships no types
    """WhiteNoise that also serves the SPA's build, and answers with whole bodies.

    A streamed file under ASGI is read in a thread with a warning per request; these files are small, so they are
    sent whole.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        if Path(settings.SPA_DIST).is_dir():
            self.add_files(str(settings.SPA_DIST), prefix="/")
            # The page itself comes from a view, which adds its security headers.
            self.files.pop("/index.html", None)

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Whether the file may be cached for ever."""
        return bool(_HASHED_ASSET.match(url)) or bool(super().immutable_file_test(path, url))

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
