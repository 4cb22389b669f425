"""Uploads go to disk as they come in, and stop where they grow longer than is allowed."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest

from api.errors import PayloadTooLarge

if TYPE_CHECKING:
    from django.core.files.base import File

__all__ = ["LimitedUploads", "upload_limit"]


def upload_limit() -> int:
    """Bytes one uploaded file may have (``TITAN_UPLOAD_LIMIT``)."""
    return int(settings.TITAN_UPLOAD_LIMIT)


def too_large() -> PayloadTooLarge:
    """The refusal, with its mend."""
    return PayloadTooLarge(
        f"The file is larger than {upload_limit() / 2**30:,.2g} GiB; compress it with gzip, or split it."
    )


class LimitedUploads(TemporaryFileUploadHandler):
    """A temporary file that is never larger than the limit."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.begun: list[File[bytes]] = []

    def close_all(self) -> None:
        """Close what was begun: where a body breaks off inside a file, nobody else knows of that file."""
        for file in self.begun:
            file.close()

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any) -> None:
        """Refuse before the first byte where the length is told; what is not the file is small."""
        if content_length > upload_limit() + 2**20:
            raise too_large()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count."""
        super().new_file(*args, **kwargs)
        self.received = 0
        self.begun.append(self.file)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep one piece, or stop."""
        self.received += len(raw_data)
        if self.received > upload_limit():
            self.upload_interrupted()  # what came so far goes at once
            raise too_large()
        super().receive_data_chunk(raw_data, start)
