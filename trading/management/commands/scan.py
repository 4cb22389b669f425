"""``titan scan UNIVERSE``: cointegrated pairs of a universe, in the terminal."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.table import Table

from common.csv import csv_lines
from trading.management.setup import console, progress_bar
from trading.models import Universe
from trading.services.scans.at_once import ScanAnswer, scan_at_once
from trading.services.scans.table import NOMINAL, NUMBERS

_SHOWN = ("statistic", "hypothesis_pvalue", "qvalue", "hedge_ratio", "half_life", "correlation", "n_obs")
CHECKS = ("outlier_pvalue", "fwer_pvalue")


class Command(BaseCommand):
    """Scans at once, in this process; scans of the application are jobs and are kept."""

    help = (
        "Tests every pair of a universe for cointegration and lists the best, most negative statistic first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to scan, and what to show."""
        parser.add_argument("universe", help="slug or name, such as us-large-caps or synthetic")
        parser.add_argument("--start", type=dt.date.fromisoformat, help="first day, such as 2013-01-01")
        parser.add_argument("--end", type=dt.date.fromisoformat, help="last day")
        parser.add_argument("--alpha", type=_share, default=0.05, help="false discovery rate (0.05)")
        parser.add_argument(
            "--null-draws",
            type=int,
            choices=range(1_000),
            metavar="N",
            help="scans of its own null: 0 none, 199 or more for family-wise p-values (as many as the size allows)",
        )
        parser.add_argument("--limit", type=int, default=20, help="rows to show (20)")
        parser.add_argument("--csv", type=Path, metavar="FILE", help="write every tested pair to a file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Scan, show, write."""
        universe = _universe(options["universe"])
        with progress_bar() as bar:
            task = bar.add_task("Testing pairs", total=None)
            answer = scan_at_once(
                universe,
                alpha=options["alpha"],
                start=options["start"],
                end=options["end"],
                null_draws=options["null_draws"],
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        out = console()
        out.print(_summary(universe, answer, options["alpha"]), markup=False)
        out.print(_table(answer, options["limit"], options["alpha"]))
        if options["csv"] is not None:
            n_rows = _write(answer, options["csv"])
            out.print(f"{n_rows:,} pairs written to {options['csv']}", markup=False)


def _share(text: str) -> float:
    value = float(text)
    if not 0.0 < value < 1.0:
        raise ValueError
    return value


def _universe(name: str) -> Universe:
    """By slug or name; the refusal lists those there are."""
    found = Universe.objects.filter(slug=name).first() or Universe.objects.filter(name__iexact=name).first()
    if found is None:
        known = ", ".join(Universe.objects.values_list("slug", flat=True))
        raise CommandError(
            f"there is no universe {name!r}: "
            + (f"use one of {known}" if known else "`titan demo` loads two")
        )
    return found


def _summary(universe: Universe, answer: ScanAnswer, alpha: float) -> str:
    """How much was tested, what survives, and how much chance alone would give."""
    table = answer.table
    survive = f"{table.n_discoveries(alpha):,} survive at a false discovery rate of {alpha:g}"
    by_chance = f"chance alone gives up to {NOMINAL * table.n_tests:,.1f}"
    lines = [
        f"{universe.name}, {answer.start} to {answer.end}, {answer.n_bars:,} bars",
        f"{table.n_tests:,} pairs tested, {survive}",
        f"{table.n_nominal:,} have p ≤ {NOMINAL:g}; {by_chance}",
    ]
    null = answer.checks.null
    if null is not None:
        lines.append(
            f"On its own null, where nothing is cointegrated, the same scan makes {null.mean_discoveries:,.1f} "
            f"discoveries and has {null.mean_nominal:,.1f} with p ≤ {NOMINAL:g} (mean of {null.n_draws} draws)"
        )
    if table.n_skipped:
        lines.append(f"{table.n_skipped:,} pairs could not be tested")
    if answer.planted:
        q = table.numbers("qvalue")
        found = {_legs(answer, row) for row in table.better if q[row] <= alpha}
        lines.append(
            f"Truth: {len(answer.planted)} pairs are cointegrated, {len(found & answer.planted)} of them found, "
            f"{len(found - answer.planted)} others"
        )
    return "\n".join(lines)


def _table(answer: ScanAnswer, limit: int, alpha: float) -> Table:
    """The best pairs; a star marks a discovery, and words one that hangs on three bars."""
    titles = ("#", "dependent", "other", "t", "p", "q", "FWER", "hedge", "half-life", "corr", "bars", "")
    kept = answer.table.kept
    fwer = answer.checks.fwer_pvalues()
    driven = answer.checks.outliers.crosses(answer.table.numbers("hypothesis_pvalue")[kept], alpha)
    shown = Table(box=None, pad_edge=False)
    for title in titles:
        shown.add_column(title, justify="left" if title in {"dependent", "other", ""} else "right")
    columns = {name: answer.table.numbers(name) for name in _SHOWN}
    first, second = answer.table.symbols("symbol_1"), answer.table.symbols("symbol_2")
    for rank, row in enumerate(answer.table.better[:limit], start=1):
        values = {name: float(column[row]) for name, column in columns.items()}
        shown.add_row(
            str(rank),
            first[row],
            second[row],
            f"{values['statistic']:.2f}",
            _probability(values["hypothesis_pvalue"]),
            _probability(values["qvalue"]),
            _probability(float(fwer[rank - 1])) if fwer is not None and rank <= fwer.size else "",
            f"{values['hedge_ratio']:.3f}",
            f"{values['half_life']:,.1f}",
            f"{values['correlation']:.2f}",
            f"{values['n_obs']:,.0f}",
            " ".join(
                mark
                for mark, is_so in (
                    ("*", values["qvalue"] <= alpha),
                    ("outlier-driven", rank <= driven.size and driven[rank - 1]),
                )
                if is_so
            ),
        )
    return shown


def _probability(value: float) -> str:
    """Never more precision than the tables behind it have."""
    if value < 1e-6:
        return "< 1e-6"
    return f"{value:.4f}" if value >= 0.001 else f"{value:.0e}"


def _legs(answer: ScanAnswer, row: int) -> frozenset[str]:
    return frozenset((answer.table.symbols("symbol_1")[row], answer.table.symbols("symbol_2")[row]))


def _checks_by_rank(answer: ScanAnswer) -> dict[int, tuple[object, object]]:
    """Outlier and family-wise p-values of the pairs that have them."""
    fwer = answer.checks.fwer_pvalues()
    return {
        rank: (pvalue, "" if fwer is None else fwer[rank - 1])
        for rank, pvalue in enumerate(answer.checks.outliers.hypothesis_pvalue, start=1)
    }


def _write(answer: ScanAnswer, path: Path) -> int:
    """Every tested pair in its better direction, numbers in full."""
    columns = {name: answer.table.numbers(name) for name in NUMBERS}
    first, second = answer.table.symbols("symbol_1"), answer.table.symbols("symbol_2")
    checks = _checks_by_rank(answer)

    def rows() -> Iterator[dict[str, object]]:
        for rank, row in enumerate(answer.table.better, start=1):
            pair = {"rank": rank, "symbol_1": first[row], "symbol_2": second[row]}
            numbers = {name: columns[name][row] for name in NUMBERS}
            yield pair | numbers | dict(zip(CHECKS, checks.get(rank, ("", "")), strict=True))

    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            file.writelines(csv_lines(("rank", "symbol_1", "symbol_2", *NUMBERS, *CHECKS), rows()))
    except OSError as error:
        raise CommandError(f"can't write {path}: {error.strerror}") from error
    return int(answer.table.better.size)
