"""The scan at 3,000 symbols, for its memory; half a minute, so only on request."""

from collections.abc import Iterator

from benchmarks.measure import Options, Row, WrongAnswer, in_a_fresh_process

__all__ = ["rows"]

_SCAN = """
import json, sys, time
from benchmarks.cointegration import market
from titan_core.analysis import scan_pairs
panel = market(int(sys.argv[1]), int(sys.argv[2]))
start = time.perf_counter()
scan = scan_pairs(panel, n_threads=int(sys.argv[3]))
print(json.dumps({"seconds": time.perf_counter() - start, "n": scan.n_tests}))
"""


def rows(options: Options) -> Iterator[Row]:
    """One row: seconds and peak memory of the whole process."""
    result = in_a_fresh_process(_SCAN, 3_000, 2_520, options.threads)
    if result["n"] != 3_000 * 2_999 // 2:
        raise WrongAnswer(f"{result['n']} of {3_000 * 2_999 // 2} pairs were tested")
    yield Row(f"scan 3000x2520, {options.threads} threads", result["seconds"], peak_mb=result["peak_mb"])
