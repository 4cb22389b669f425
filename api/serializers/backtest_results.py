"""What came of a run: figures with their meaning, series, judgement, comparison."""

from typing import Any

from rest_framework import serializers

from api.serializers.backtests import BacktestSerializer, EstimateSerializer
from api.serializers.base import ChoiceField, Form, ReadSerializer
from api.serializers.choices import METRIC_UNIT

__all__ = [
    "EXPORT",
    "CompareQuerySerializer",
    "ComparisonSerializer",
    "DeflatedSerializer",
    "EquitySerializer",
    "ExportQuerySerializer",
    "ResultsSerializer",
]

EXPORT = ["csv", "parquet", "json", "html"]


def floats(**kwargs: Any) -> serializers.ListField:
    """A column of numbers."""
    return serializers.ListField(child=serializers.FloatField(allow_null=True), **kwargs)


def instants() -> serializers.ListField:
    """A column of closes."""
    return serializers.ListField(child=serializers.DateTimeField(), help_text="UTC instant of each close.")


class DefinedMetricSerializer(EstimateSerializer):
    """A figure with what it means."""

    title = serializers.CharField()
    unit = ChoiceField(choices=METRIC_UNIT)
    formula = serializers.CharField()
    counts = ChoiceField(choices=["bars", "trades"], help_text="What n counts.")


class MonthlySerializer(serializers.Serializer[Any]):
    """Returns by month: a row a year, twelve columns, null where nothing was traded."""

    years = serializers.ListField(child=serializers.IntegerField())
    months = serializers.ListField(child=serializers.ListField(child=serializers.FloatField(allow_null=True)))
    totals = floats(help_text="Of each year.")


class CostBreakdownSerializer(serializers.Serializer[Any]):
    """Money over all trades: gross_pnl + dividends − costs = net_pnl."""

    gross_pnl = serializers.FloatField()
    commission = serializers.FloatField()
    spread_cost = serializers.FloatField()
    impact = serializers.FloatField()
    borrow = serializers.FloatField()
    financing = serializers.FloatField()
    legging = serializers.FloatField()
    dividends = serializers.FloatField()
    net_pnl = serializers.FloatField()


class DeflatedSerializer(serializers.Serializer[Any]):
    """The deflated Sharpe ratio and what it was made of; one-bar ratios."""

    sharpe = serializers.FloatField(allow_null=True, help_text="Of one bar.")
    sr0 = serializers.FloatField(
        allow_null=True, help_text="What the best of so many trials reaches without skill."
    )
    n_trials = serializers.IntegerField()
    effective_n = serializers.FloatField(allow_null=True)
    probability = serializers.FloatField(allow_null=True)
    is_significant = serializers.BooleanField(allow_null=True, help_text="probability ≥ 0.95.")
    words = serializers.CharField()


class OverfittingSerializer(serializers.Serializer[Any]):
    """How much of the choice is luck."""

    pbo = serializers.FloatField(allow_null=True, help_text="Probability of backtest overfitting; of sweeps.")
    pbo_words = serializers.CharField()
    min_track_record = serializers.FloatField(
        allow_null=True, help_text="Bars needed to call the Sharpe ratio above zero at 5 %; null: never."
    )
    min_track_record_years = serializers.FloatField(allow_null=True)
    min_track_record_words = serializers.CharField()


class QuantilesSerializer(serializers.Serializer[Any]):
    """Quantiles at `levels`."""

    total_return = floats()
    maximum_drawdown = floats()
    sharpe_ratio = floats()


class StressSerializer(serializers.Serializer[Any]):
    """Paths that could have been."""

    n_paths = serializers.IntegerField()
    levels = serializers.ListField(child=serializers.FloatField())
    at = serializers.ListField(child=serializers.IntegerField(), help_text="Bars (or trades) from the start.")
    bands = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()), help_text="Equity: a row a level."
    )
    quantiles = QuantilesSerializer()
    ruin_share = serializers.FloatField()
    drawdown_share = serializers.FloatField(help_text="Paths with a drawdown as deep as the run's or deeper.")
    block_length = serializers.FloatField(allow_null=True)


class MonteCarloSerializer(serializers.Serializer[Any]):
    """The run's bars drawn again, and its trades in another order; null with too few of them."""

    resampled = StressSerializer(allow_null=True)
    shuffled = StressSerializer(allow_null=True)


class ResultsSerializer(ReadSerializer):
    """Everything a finished run says in figures; null parts while it has no result."""

    metrics = serializers.DictField(child=DefinedMetricSerializer())
    monthly = MonthlySerializer(allow_null=True)
    costs = CostBreakdownSerializer(allow_null=True)
    deflated = DeflatedSerializer(allow_null=True)
    overfitting = OverfittingSerializer(allow_null=True)
    monte_carlo = MonteCarloSerializer(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())


class EquitySerializer(ReadSerializer):
    """The account bar by bar, columns of equal length."""

    timestamps = instants()
    equity = floats()
    drawdown = floats(help_text="1 − equity / highest so far.")
    gross = floats()
    net = floats()
    cash = floats()
    benchmark = floats(help_text="The capital held in equal parts of the universe's (or the pairs') symbols.")
    rolling_sharpe = floats(help_text="Annual, over the last half year of bars.")
    rolling_beta = floats(help_text="On the benchmark, over the last half year of bars.")


class ExportQuerySerializer(Form):
    """The form of an export."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """``as`` is a word of Python, so it is no class attribute."""
        form = ChoiceField(
            choices=EXPORT,
            default="json",
            help_text="csv and parquet: equity; json: everything; html: a report.",
        )
        return super().get_fields() | {"as": form}


class RunIdsField(serializers.CharField):
    """Comma-separated ids, read as a list."""

    def to_internal_value(self, data: Any) -> list[int]:  # type: ignore[override]  # a list on purpose
        """Two to eight different ids."""
        parts = [part.strip() for part in super().to_internal_value(data).split(",") if part.strip()]
        if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
            raise serializers.ValidationError("Give ids of backtests, separated by commas: runs=3,5.")
        ids = list(dict.fromkeys(int(part) for part in parts))
        if not 2 <= len(ids) <= 8:
            raise serializers.ValidationError(f"Compare 2 to 8 backtests; these are {len(ids)}.")
        return ids


class CompareQuerySerializer(Form):
    """Which runs to compare."""

    runs = RunIdsField(max_length=200, help_text="Ids separated by commas, 2 to 8.")


class DifferingParameterSerializer(serializers.Serializer[Any]):
    """A setting in which the runs differ; values in the order of the runs."""

    name = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField(allow_null=True))


class SharpeDifferenceSerializer(serializers.Serializer[Any]):
    """Sharpe ratio of run a minus that of run b on the bars both have, tested in pairs (Ledoit & Wolf)."""

    a = serializers.IntegerField()
    b = serializers.IntegerField()
    sharpe_difference = serializers.FloatField(allow_null=True)
    standard_error = serializers.FloatField(allow_null=True)
    pvalue = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField(help_text="Bars in common.")
    words = serializers.CharField()


class ComparisonSerializer(ReadSerializer):
    """Runs side by side on the union of their bars."""

    runs = BacktestSerializer(many=True)
    timestamps = instants()
    equity = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(allow_null=True)),
        help_text="A row a run, 1 at its start; null where it has no bar.",
    )
    parameters_differ = DifferingParameterSerializer(many=True)
    differences = SharpeDifferenceSerializer(many=True)
