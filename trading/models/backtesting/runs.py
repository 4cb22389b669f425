"""Backtests: what came of each, its trades, and its account bar by bar."""

from django.db import models

from common.fields import InstantField
from common.models import TimescaleModel
from trading.models.backtesting.asked import AskedFor, BacktestKind

__all__ = ["BacktestResult", "BacktestRun", "BacktestTrade", "EquityPoint"]


class BacktestRun(AskedFor):
    """One backtest: parameters, manifest and result. Status and progress belong to its `Job`."""

    kind = models.CharField(max_length=10, choices=BacktestKind.choices)
    rerun = models.JSONField(null=True, blank=True, help_text="What running it again gave: at, identical, …")
    causality = models.JSONField(
        null=True, blank=True, help_text="Whether it knew the future: at, is_causal, part, timestamp, words."
    )

    def __str__(self) -> str:
        return self.name or f"backtest {self.pk}"


class BacktestResult(models.Model):
    """What came of a backtest, in figures."""

    run = models.OneToOneField(BacktestRun, on_delete=models.CASCADE, related_name="result")
    metrics = models.JSONField(default=dict, help_text="By name: value, n, standard_error.")
    deflated = models.JSONField(default=dict, help_text="The deflated Sharpe ratio and what it was made of.")
    overfitting = models.JSONField(default=dict)
    monthly = models.JSONField(default=dict)
    costs = models.JSONField(default=dict, help_text="Money by kind of cost.")
    monte_carlo = models.JSONField(default=dict)
    sparkline = models.JSONField(default=list, help_text="Equity over capital in ≤ 60 points.")
    n_trades = models.PositiveIntegerField(default=0)
    n_bars = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"result of {self.run}"


class BacktestTrade(models.Model):
    """One trade of a backtest: the engine's record as a row."""

    run = models.ForeignKey(BacktestRun, on_delete=models.CASCADE, related_name="trades")
    number = models.PositiveIntegerField(help_text="From 1, oldest entry first.")
    pair = models.CharField(max_length=41)
    side = models.CharField(max_length=5)
    entry_decided_at = models.DateTimeField()
    entry_filled_at = models.DateTimeField()
    exit_decided_at = models.DateTimeField(null=True)
    exit_filled_at = models.DateTimeField(null=True)
    entry_price_1 = models.FloatField()
    entry_price_2 = models.FloatField()
    exit_price_1 = models.FloatField(null=True)
    exit_price_2 = models.FloatField(null=True)
    shares_1 = models.FloatField()
    shares_2 = models.FloatField()
    hedge_ratio = models.FloatField(null=True)
    entry_z = models.FloatField(null=True)
    exit_z = models.FloatField(null=True)
    exit_reason = models.CharField(max_length=12)
    gross_pnl = models.FloatField()
    commission = models.FloatField()
    spread_cost = models.FloatField()
    impact = models.FloatField()
    borrow = models.FloatField()
    financing = models.FloatField()
    dividends = models.FloatField()
    legging = models.FloatField()
    net_pnl = models.FloatField()
    bars_held = models.PositiveIntegerField()
    mae = models.FloatField()
    mfe = models.FloatField()

    class Meta:
        ordering = ("run", "number")
        constraints = (
            models.UniqueConstraint(fields=("run", "number"), name="backtest_trade_numbered_once"),
        )

    def __str__(self) -> str:
        return f"#{self.number} {self.side} {self.pair}"


class EquityPoint(TimescaleModel):
    """The account at one close. ``run_id`` is a plain number, for no foreign key crosses databases."""

    class Kind(models.TextChoices):
        """Whose account."""

        BACKTEST = "backtest", "Backtest"
        WALK_FORWARD = "walk_forward", "Walk-forward, out of sample"

    pk = models.CompositePrimaryKey("kind", "run_id", "timestamp")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    run_id = models.BigIntegerField()
    timestamp = InstantField()
    equity = models.FloatField()
    cash = models.FloatField(null=True)
    gross = models.FloatField(null=True)
    net = models.FloatField(null=True)
    drawdown = models.FloatField()
    benchmark = models.FloatField(null=True)

    class Meta:
        db_table = "equity_point"
        ordering = ("kind", "run_id", "timestamp")

    def __str__(self) -> str:
        return f"{self.kind} {self.run_id} at {self.timestamp.isoformat()}"
