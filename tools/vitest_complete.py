"""Exit 1 if Vitest's JSON report names a test that was skipped, left to do, or if it ran none."""

import json
import sys
from pathlib import Path


def main() -> int:
    """Read the report named on the command line."""
    path = Path(sys.argv[1])
    if not path.exists():
        print(f"{path} is missing: Vitest didn't finish", file=sys.stderr)
        return 1
    report = json.loads(path.read_text())
    left_out = [
        f"{Path(suite['name']).name}: {test['fullName']} ({test['status']})"
        for suite in report["testResults"]
        for test in suite["assertionResults"]
        if test["status"] not in {"passed", "failed"}
    ]
    for line in left_out:
        print(f"left out: {line}", file=sys.stderr)
    if not report["numTotalTests"]:
        print("Vitest ran no test", file=sys.stderr)
    return 1 if left_out or not report["numTotalTests"] else 0


if __name__ == "__main__":
    sys.exit(main())
