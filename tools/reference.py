"""Exit 1 if docs/rest-reference.md or docs/websocket.md differs from what the code would say now.

``--write`` regenerates both in place. The REST page is drawn from openapi.json, the socket page from the consumers.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.reference_rest import rest_page  # noqa: E402 - found from the root
from tools.reference_sockets import socket_page  # noqa: E402

__all__ = ["main"]


def main() -> int:
    """Compare, or write."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "titan.settings.development")
    import django

    django.setup()
    pages = {ROOT / "docs" / "rest-reference.md": rest_page(), ROOT / "docs" / "websocket.md": socket_page()}
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text() != text]
    if "--write" in sys.argv[1:]:
        for path in stale:
            path.write_text(pages[path])
        return 0
    for path in stale:
        print(f"stale: {path.relative_to(ROOT)}")
    if stale:
        print(
            "The API or the sockets changed and their reference didn't: run `make client` and commit what changes."
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
