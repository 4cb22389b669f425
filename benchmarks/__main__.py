"""Run benchmarks by name (all without one) and print a table, or one JSON object a line."""

import argparse
import importlib
import json
import sys

from benchmarks.measure import Options, Row, WrongAnswer, as_table

NAMES = ("cointegration", "store", "backtest", "api")
PLATFORM = ("platform", "platform_store", "platform_workers", "platform_servers")
ON_REQUEST = ("cointegration_large", "slider", *PLATFORM)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 where an answer is wrong: then its time means nothing and is not shown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES + ON_REQUEST)}")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--threads", type=int, default=2, help="threads for ours and for the floor (2)")
    parser.add_argument("--repeats", type=int, default=5, help="interleaved repeats; medians are shown (5)")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in NAMES + ON_REQUEST]
    if unknown:
        parser.error(f"no benchmark called {', '.join(unknown)}; there are {', '.join(NAMES + ON_REQUEST)}")
    options = Options(threads=asked.threads, repeats=asked.repeats)
    rows: list[Row] = []
    try:
        for name in asked.names or NAMES:
            for row in importlib.import_module(f"benchmarks.{name}").rows(options):
                rows.append(row)
                if asked.json:
                    print(json.dumps(row.as_dict()), flush=True)
    except WrongAnswer as error:
        print(f"wrong answer, not timed: {error}", file=sys.stderr)
        return 1
    if not asked.json:
        print(as_table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
