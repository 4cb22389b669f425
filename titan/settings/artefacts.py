"""Where artefacts are kept: a folder, or a bucket where django-storages is installed."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["artefacts"]


def artefacts(place: str | None, *, embedded: Path) -> dict[str, Any]:
    """Settings of the store at `place` (``TITAN_ARTEFACTS``), or of the folder `embedded` when none is given."""
    if place is not None and place.startswith("s3://"):
        parts = urlsplit(place)
        options = {
            "bucket_name": parts.netloc,
            "location": parts.path.strip("/"),
            "file_overwrite": True,
            "default_acl": None,
            "querystring_auth": False,
        }
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    folder = str(embedded if place is None else Path(place))
    return {"BACKEND": "trading.services.artefacts.storage.ArtefactFolder", "OPTIONS": {"location": folder}}
