"""Backtests: what was asked, what came of it, and every configuration that was ever looked at."""

from django.db import models

from common.fields import InstantField
from common.models import TimescaleModel
from trading.models.prices import Timeframe
from trading.models.scans import Scan
from trading.models.symbols import Universe
from users.models import User

__all__ = [
    "BacktestKind",
    "BacktestResult",
    "BacktestRun",
    "BacktestTrade",
    "EquityPoint",
    "Strategy",
    "Sweep",
    "Trial",
    "TrialSource",
    "WalkForwardRun",
    "WalkForwardWindow",
]


class Strategy(models.Model):
    """A rule and its parameters under a name."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="strategies")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=400, blank=True)
    rule = models.CharField(max_length=20, help_text="Name of the rule in the engine's registry.")
    parameters = models.JSONField(default=dict, help_text="What differs from the rule's defaults.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "strategies"
        constraints = (models.UniqueConstraint(fields=("owner", "name"), name="strategy_named_once"),)

    def __str__(self) -> str:
        return self.name


class BacktestKind(models.TextChoices):
    """What is traded."""

    PAIR = "pair", "One pair on an account of its own"
    LIST = "list", "Pairs on one account"
    SELECTION = "selection", "The best candidates of a scan on one account"


class AskedFor(models.Model):
    """What every run is asked with; a run never changes, so that it can be run again to the same bits."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="%(class)ss")
    name = models.CharField(max_length=120, blank=True)
    universe = models.ForeignKey(Universe, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    scan = models.ForeignKey(Scan, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    strategy = models.ForeignKey(Strategy, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    pairs = models.JSONField(default=list, help_text="[symbol_1, symbol_2] each, the dependent leg first.")
    rule = models.CharField(max_length=20)
    parameters = models.JSONField(default=dict, help_text="Every parameter of the rule.")
    costs = models.JSONField(default=dict)
    sizing = models.JSONField(default=dict)
    limits = models.JSONField(default=dict)
    capital = models.FloatField()
    timeframe = models.CharField(max_length=3, choices=Timeframe.choices, default=Timeframe.DAILY)
    start_date = models.DateField()
    end_date = models.DateField()
    fit_end = models.DateField(
        null=True,
        blank=True,
        help_text="Last day the hedge ratios were fitted on, before the first decision.",
    )
    inputs = models.JSONField(
        default=dict, help_text="Hash of the bars it runs on, and its pairs with their hedge ratios."
    )
    family = models.CharField(
        max_length=64, db_index=True, help_text="Hash of rule, universe and period: trials are counted in it."
    )
    manifest = models.JSONField(null=True, blank=True)
    result_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of equity and trades.")
    warnings = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-created_at", "-id")

    @property
    def is_complete(self) -> bool:
        """Whether it has a result."""
        return self.completed_at is not None


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


class Sweep(AskedFor):
    """A rule over a grid of parameters, or searched through ranges, on one pair; every combination is a trial."""

    class Method(models.TextChoices):
        """How combinations are chosen."""

        GRID = "grid", "Every combination of the values"
        SEARCH = "search", "Points chosen by what earlier ones gave"

    method = models.CharField(max_length=6, choices=Method.choices, default=Method.GRID)
    grid = models.JSONField(default=dict, help_text="By parameter: the values tried.")
    ranges = models.JSONField(default=dict, help_text="By parameter of a search: from, to, step, log.")
    n_trials = models.PositiveIntegerField(null=True, blank=True, help_text="Points a search asks for.")
    seed = models.PositiveBigIntegerField(null=True, blank=True, help_text="Decides every point of a search.")
    n_combinations = models.PositiveIntegerField(default=0)
    n_left_out = models.PositiveIntegerField(default=0)
    n_repeated = models.PositiveIntegerField(
        default=0, help_text="Points a search asked for again: run and counted once."
    )
    summary = models.JSONField(default=dict, help_text="Best, plateau, deflated Sharpe ratio, PBO.")

    def __str__(self) -> str:
        return self.name or f"sweep {self.pk}"

    @property
    def settings(self) -> list[str]:
        """The parameters that vary."""
        return list(self.grid or self.ranges)


class WalkForwardRun(AskedFor):
    """Optimised on the past, traded on what came after, window by window."""

    class Scheme(models.TextChoices):
        """Where a window's past begins."""

        ROLLING = "rolling", "The same length before each window"
        ANCHORED = "anchored", "Everything before each window"

    scheme = models.CharField(max_length=8, choices=Scheme.choices, default=Scheme.ROLLING)
    train_bars = models.PositiveIntegerField()
    test_bars = models.PositiveIntegerField()
    purge = models.PositiveIntegerField(help_text="Bars left out before each window: the longest holding.")
    embargo = models.PositiveIntegerField(help_text="Bars left out after each window: the longest lookback.")
    top = models.PositiveIntegerField(help_text="Pairs traded in a window, at most.")
    selection = models.CharField(max_length=12, default="strongest")
    symbols = models.JSONField(default=list)
    grid = models.JSONField(default=dict)
    n_windows = models.PositiveIntegerField(default=0)
    metrics = models.JSONField(default=dict)
    deflated = models.JSONField(default=dict)
    overfitting = models.JSONField(default=dict)
    monthly = models.JSONField(default=dict)
    costs_paid = models.JSONField(default=dict, help_text="Money by kind of cost.")
    monte_carlo = models.JSONField(default=dict)
    sparkline = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name or f"walk-forward {self.pk}"


class WalkForwardWindow(models.Model):
    """One window: what its past chose, and what that earned afterwards."""

    run = models.ForeignKey(WalkForwardRun, on_delete=models.CASCADE, related_name="windows")
    number = models.PositiveIntegerField()
    train_start = models.DateTimeField()
    train_end = models.DateTimeField()
    test_start = models.DateTimeField()
    test_end = models.DateTimeField()
    n_tests = models.PositiveIntegerField(help_text="Pairs tested in its past.")
    n_discoveries = models.PositiveIntegerField(default=0)
    n_trials = models.PositiveIntegerField(default=0)
    pairs = models.JSONField(default=list, help_text="What was chosen: symbols, hedge ratio, p and q.")
    parameters = models.JSONField(default=dict)
    in_sample = models.JSONField(default=dict)
    out_of_sample = models.JSONField(default=dict)
    skipped = models.JSONField(default=list)

    class Meta:
        ordering = ("run", "number")
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="window_numbered_once"),)

    def __str__(self) -> str:
        return f"window {self.number} of {self.run}"


class TrialSource(models.TextChoices):
    """Where a configuration was looked at."""

    RUN = "run", "Backtest"
    SWEEP = "sweep", "Sweep"
    SEARCH = "search", "Search"
    SLIDER = "slider", "Slider"
    CLI = "cli", "Command line"
    WALK_FORWARD = "walk_forward", "Walk-forward"


class Trial(models.Model):
    """One configuration somebody saw the result of: what a Sharpe ratio is deflated by.

    A sweep's combinations are one row with their count, mean and variance; everything else is a row a configuration.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="trials")
    family = models.CharField(max_length=64)
    configuration = models.CharField(max_length=64, help_text="Hash of what distinguishes it in its family.")
    source = models.CharField(max_length=12, choices=TrialSource.choices)
    n_trials = models.PositiveIntegerField(default=1)
    n_obs = models.PositiveIntegerField()
    mean_sharpe = models.FloatField(help_text="Per bar.")
    m2_sharpe = models.FloatField(default=0.0, help_text="Sum of squared deviations from the mean.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("owner", "family", "configuration"), name="trial_counted_once"),
        )

    def __str__(self) -> str:
        return f"{self.n_trials} in {self.family[:8]}"
