"""``titan backtest KO/PEP``: a backtest in the terminal."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.table import Table

from common.csv import csv_lines
from titan_core.strategy import RULES
from trading.management.setup import console
from trading.services.backtesting.at_once import Answer, backtest_at_once
from trading.services.backtesting.presets import COST_PRESETS
from users.models import User

_SHOWN = (
    "total_return annual_return volatility sharpe_ratio adjusted_sharpe_ratio maximum_drawdown n_trades win_rate "
    "profit_factor holding_time exposure turnover cost_share"
)


class Command(BaseCommand):
    """Backtests at once, in this process; backtests of the application are jobs and are kept."""

    help = "Backtests pairs with the checks, costs and trial ledger of the application, and shows how much is luck."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to trade, how, and what to write."""
        parser.add_argument(
            "pairs", nargs="+", type=_pair, metavar="A/B", help="dependent/other, such as KO/PEP"
        )
        parser.add_argument("--rule", choices=list(RULES), default="rolling")
        parser.add_argument(
            "--set",
            dest="told",
            action="append",
            type=_setting,
            default=[],
            metavar="NAME=VALUE",
            help="a setting of the rule, such as entry_z=2.5; off switches one off",
        )
        parser.add_argument(
            "--costs", choices=[preset.id for preset in COST_PRESETS], help="what fits the bars"
        )
        parser.add_argument("--capital", type=float, help="your preference")
        parser.add_argument("--start", type=dt.date.fromisoformat, help="first day traded")
        parser.add_argument("--end", type=dt.date.fromisoformat, help="last day")
        parser.add_argument("--user", help="whose trial ledger it counts in (the only account, or demo)")
        parser.add_argument("--trades", type=Path, metavar="FILE", help="write the trades as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, run, show, write."""
        answer = backtest_at_once(
            _owner(options["user"]),
            options["pairs"],
            rule=options["rule"],
            parameters=dict(options["told"]),
            costs=options["costs"],
            capital=options["capital"],
            start=options["start"],
            end=options["end"],
        )
        out = console()
        out.print(f"Traded {answer.start} to {answer.end}, {answer.account.equity.size:,} bars", markup=False)
        for note in answer.notes:
            out.print(note, markup=False)
        out.print(_table(answer))
        out.print(answer.deflated["words"], markup=False)
        out.print(answer.overfitting["min_track_record_words"], markup=False)
        if options["trades"] is not None:
            _write(answer, options["trades"])
            out.print(
                f"{answer.account.trades.n_trades:,} trades written to {options['trades']}", markup=False
            )


def _pair(text: str) -> tuple[str, str]:
    one, _, two = text.partition("/")
    if not one or not two:
        raise ValueError
    return one, two


def _setting(text: str) -> tuple[str, float | None]:
    name, _, value = text.partition("=")
    return name, None if value == "off" else float(value)


def _owner(name: str | None) -> User:
    """Whose look it is: a look that nobody owns would count nowhere."""
    active = User.objects.filter(is_active=True)
    if name is not None:
        found = active.filter(username=name).first()
        if found is None:
            raise CommandError(f"there is no active account {name!r}")
        return found
    only = list(active[:2])
    owner = only[0] if len(only) == 1 else active.filter(username="demo").first()
    if owner is None:
        raise CommandError("say with --user NAME whose trial ledger this look counts in")
    return owner


def _table(answer: Answer) -> Table:
    """Figures with their errors and samples."""
    shown = Table(box=None, pad_edge=False)
    for title in ("", "value", "± error", "n"):
        shown.add_column(title, justify="left" if not title else "right")
    for name in _SHOWN.split():
        one = answer.metrics[name]
        shown.add_row(
            one["title"],
            _number(one["value"], one["unit"]),
            _number(one["standard_error"], one["unit"]) if one["standard_error"] else "",
            f"{one['n']:,} {one['counts']}",
        )
    return shown


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "none"
    return f"{value:.2%}" if unit == "fraction" else f"{value:,.2f}"


def _write(answer: Answer, path: Path) -> None:
    rows = answer.account.trades.to_arrow().to_pylist()
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            file.writelines(csv_lines(list(answer.account.trades), rows))
    except OSError as error:
        raise CommandError(f"can't write {path}: {error.strerror}") from error
