"""Cost of a scan against symbols and bars, in processor seconds: the table and figure of docs/performance.md.

``python -m benchmarks.scan_cost [threads] [largest]`` prints the table and writes docs/images/scan-cost.svg. The
largest scan takes half a minute, so it is no part of ``make bench``.
"""

import math
import sys
import time
from pathlib import Path

from benchmarks.cointegration import market
from titan_core.analysis import scan_pairs

SYMBOLS, BARS = (100, 200, 500, 1_000, 2_000, 3_000), (250, 1_000, 2_520)
FIGURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "scan-cost.svg"
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 340, 64, 96, 20, 44
_COLOURS = ("#0072b2", "#d55e00", "#009e73")


def measure(n_threads: int, largest: int) -> dict[int, list[tuple[int, float]]]:
    """Processor seconds by number of bars, then symbols; the best of two, of one where that takes long."""
    costs: dict[int, list[tuple[int, float]]] = {}
    scan_pairs(market(20, 300), n_threads=n_threads)
    for n_bars in BARS:
        for n_symbols in SYMBOLS:
            if n_symbols > largest:
                continue
            panel, seconds = market(n_symbols, n_bars), math.inf
            for _ in range(1 if n_symbols > 1_000 else 2):
                start = time.process_time()
                scan_pairs(panel, n_threads=n_threads)
                seconds = min(seconds, time.process_time() - start)
            costs.setdefault(n_bars, []).append((n_symbols, seconds))
    return costs


def as_markdown(costs: dict[int, list[tuple[int, float]]]) -> str:
    """Seconds, and microseconds a pair."""
    lines = [
        "| symbols | pairs | " + " | ".join(f"{n:,} bars" for n in costs) + " |",
        "|" + "---|" * (len(costs) + 2),
    ]
    for at, (n_symbols, _) in enumerate(next(iter(costs.values()))):
        pairs = n_symbols * (n_symbols - 1) // 2
        cells = [f"{points[at][1]:.2f} s ({points[at][1] / pairs * 1e6:.1f} µs)" for points in costs.values()]
        lines.append(f"| {n_symbols:,} | {pairs:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def as_svg(costs: dict[int, list[tuple[int, float]]]) -> str:
    """Seconds against symbols, both on logarithmic scales."""
    seconds = [point[1] for points in costs.values() for point in points]
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))
    first, last = math.log10(SYMBOLS[0]), math.log10(SYMBOLS[-1])

    def across(n_symbols: float) -> float:
        return _LEFT + (math.log10(n_symbols) - first) / (last - first) * (_WIDTH - _LEFT - _RIGHT)

    def down(value: float) -> float:
        return _TOP + (high - math.log10(value)) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    parts = [
        f'{head} font-family="sans-serif" font-size="12">',
        "<title>Processor seconds of a scan against symbols, for 250, 1,000 and 2,520 bars</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for power in range(low, high + 1):
        y = down(10.0**power)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    for n in SYMBOLS:
        x = across(n)
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{n:,}</text>')
    what = "symbols; processor seconds, all threads together"
    parts.append(f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 6}" text-anchor="middle">{what}</text>')
    for colour, (n_bars, points) in zip(_COLOURS, costs.items(), strict=True):
        line = " ".join(f"{across(n):.1f},{down(value):.1f}" for n, value in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{across(n):.1f}" cy="{down(v):.1f}" r="3" fill="{colour}"/>' for n, v in points
        ]
        n, value = points[-1]
        parts.append(
            f'<text x="{across(n) + 8:.1f}" y="{down(value) + 4:.1f}" fill="{colour}">{n_bars:,} bars</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    found = measure(
        int(sys.argv[1]) if len(sys.argv) > 1 else 4, int(sys.argv[2]) if len(sys.argv) > 2 else SYMBOLS[-1]
    )
    print(as_markdown(found))
    FIGURE.write_text(as_svg(found), encoding="utf-8")
