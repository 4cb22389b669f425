"""Exit 1 if openapi.json or a client, TypeScript or Python, differs from what the server's code would generate now.

``--write`` regenerates all in place, and the reference pages drawn from them.
"""

import filecmp
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import python_client

ROOT = Path(__file__).resolve().parent.parent
SPA = ROOT / "frontend" / "react_app"
SCHEMA = SPA / "openapi.json"
CLIENT = SPA / "src" / "lib" / "api" / "generated"
PYTHON_CLIENT = ROOT / "titan_client" / "generated"


def main() -> int:
    """Generate into a temporary folder and compare, or with ``--write`` over the committed files."""
    if "--write" in sys.argv[1:]:
        write_schema(SCHEMA)
        write_client(SCHEMA, CLIENT)
        python_client.write(SCHEMA, PYTHON_CLIENT)
        call([sys.executable, "tools/reference.py", "--write"], ROOT)
        return 0
    # inside the SPA, where the generator finds its configuration and packages
    with tempfile.TemporaryDirectory(prefix=".client-", dir=SPA) as folder:
        schema, client = Path(folder) / "openapi.json", Path(folder) / "generated"
        write_schema(schema)
        stale = [] if schema.read_bytes() == SCHEMA.read_bytes() else [SCHEMA.name]
        write_client(SCHEMA, client)
        stale += differences(CLIENT, client)
    with tempfile.TemporaryDirectory(prefix=".client-", dir=PYTHON_CLIENT.parent) as folder:
        python_client.write(SCHEMA, Path(folder) / "generated")
        stale += differences(PYTHON_CLIENT, Path(folder) / "generated")
    for name in stale:
        print(f"stale: {name}")
    if stale:
        print("The API changed and its client didn't: run `make client` and commit what changes.")
    return 1 if stale else 0


def write_schema(path: Path) -> None:
    """Write the server's OpenAPI document; a warning of the generator is an error."""
    titan = Path(sys.executable).parent / "titan"
    call(
        [
            str(titan),
            "spectacular",
            "--format",
            "openapi-json",
            "--validate",
            "--fail-on-warn",
            "--file",
            str(path),
        ],
        ROOT,
    )


def write_client(schema: Path, folder: Path) -> None:
    """Write the TypeScript client for a schema."""
    call(["npm", "run", "--silent", "generate", "--", "-i", str(schema), "-o", str(folder)], SPA)


def call(command: Sequence[str], folder: Path) -> None:
    """Run a command quietly; show what it said only if it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def differences(committed: Path, fresh: Path) -> list[str]:
    """Names of files that only one folder has, or that differ."""
    names = {
        path.relative_to(root)
        for root in (committed, fresh)
        for path in root.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    return sorted(
        str(name)
        for name in names
        if not (committed / name).is_file()
        or not (fresh / name).is_file()
        or not filecmp.cmp(committed / name, fresh / name, shallow=False)
    )


if __name__ == "__main__":
    sys.exit(main())
