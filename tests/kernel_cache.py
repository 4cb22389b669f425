"""One cache of compiled kernels for every TITAN_HOME that tests make: compiling takes longer than all else here.

It is keyed by the kernels' sources, so it may outlive a run.
"""

import os
from pathlib import Path

__all__ = ["share_kernels"]

# Read once, before `tests.settings` puts another folder into the environment.
_SHARED = (
    Path(os.environ.get("TITAN_HOME") or Path(__file__).parent.parent / "var").resolve() / "cache" / "kernels"
)


def share_kernels(home: Path) -> None:
    """Let the TITAN whose home this folder will be find what was compiled before."""
    _SHARED.mkdir(parents=True, exist_ok=True)
    (home / "cache").mkdir(parents=True, exist_ok=True)
    link = home / "cache" / "kernels"
    if not link.exists():
        link.symlink_to(_SHARED)
