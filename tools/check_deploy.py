"""Exit 1 if a file of deploy/ is not what the tool it is for would take.

hadolint reads the Dockerfile, JSON schemas the compose files and the pipeline, Kubernetes' own schemas the manifests,
shellcheck the scripts. What the files say of one another (commands, secrets, images) is tests/tools/test_deploy.py's.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DEPLOY = ROOT / "deploy"
# Kinds that no cluster knows by itself have no schema here: those of kustomize and of KEDA.
OF_OTHERS = ("kustomize.config.k8s.io/", "keda.sh/")


def main() -> int:
    """Run every tool; print what the failing ones said."""
    failed = 0
    for name, command in commands():
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            failed += 1
            print(f"--- {name}\n{done.stdout}{done.stderr}".rstrip())
    return 1 if failed else 0


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each tool with its files."""
    schema = [str(BIN / "check-jsonschema"), "--builtin-schema"]
    yield "hadolint", [str(BIN / "hadolint"), "deploy/Dockerfile"]
    yield "compose", [*schema, "vendor.compose-spec", *named("deploy/compose*.yaml")]
    yield "pipeline", [*schema, "vendor.github-workflows", *named(".github/workflows/*.yml")]
    if (BIN / "shellcheck").exists():  # its package has no program for Linux on ARM
        yield "shellcheck", [str(BIN / "shellcheck"), *scripts()]
    yield "kubernetes", [str(BIN / "kubernetes-validate"), "--strict", "--quiet", *manifests()]


def named(pattern: str) -> list[str]:
    """Files of a pattern; there must be one."""
    found = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern))
    if not found:
        raise SystemExit(f"no file is named {pattern}")
    return found


def scripts() -> list[str]:
    """Every file of deploy/ that begins as a shell script does."""
    files = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
    return [str(path.relative_to(ROOT)) for path in files if path.read_bytes()[:9] == b"#!/bin/sh"]


def manifests() -> list[str]:
    """Every Kubernetes manifest that has a schema; patches have none of their own."""
    files = sorted(
        path for folder in ("kubernetes", "database", "redis") for path in (DEPLOY / folder).rglob("*.yaml")
    )
    patches = {
        path.parent / line.split()[-1]
        for path in files
        for line in path.read_text().splitlines()
        if line.startswith("  - path: ")
    }
    return [
        str(path.relative_to(ROOT))
        for path in files
        if path not in patches and not path.read_text().partition("apiVersion: ")[2].startswith(OF_OTHERS)
    ]


if __name__ == "__main__":
    sys.exit(main())
