"""Static files from this process: the SPA's assets, the admin's, the API docs'."""

import re
from collections.abc import Callable
from pathlib import Path
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
        self._page = f"{self.static_prefix}app/index.html"
        self.files.pop(self._page, None)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The file of that name, else what the view answers."""
        found = self.files.get(request.path_info) or self._arrived(request.path_info)
        return self.serve(found, request) if found is not None else self.get_response(request)

    def _arrived(self, url: str) -> StaticFile | None:
        """A file that the next version's ``collectstatic`` put there after this process started.

        While processes are replaced one after the other, a page of the new version may ask one of the old.
        """
        if not self.static_root or not url.startswith(self.static_prefix) or not self.url_is_canonical(url):
            return None
        root = f"{Path(self.static_root).resolve()}/"
        path = root + url.removeprefix(self.static_prefix)
        if url == self._page or not self.path_is_child_of(path, root) or not Path(path).is_file():
            return None
        self.add_file_to_dictionary(url, path)
        return self.files.get(url)

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
