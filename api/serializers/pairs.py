"""Pairs: the registered ones, the analysis of any two symbols, the spread through time."""

from typing import Any

from rest_framework import serializers

from api.serializers.base import ChoiceField, Form, ReadSerializer
from api.serializers.choices import ADJUSTMENT, SCALE, TIMEFRAME, TREND
from api.serializers.symbols import SymbolSerializer

__all__ = [
    "PairAnalysisSerializer",
    "PairAnalyzeSerializer",
    "PairSerializer",
    "PairUpdateSerializer",
    "PairWriteSerializer",
    "SpreadQuerySerializer",
    "SpreadSerializer",
]

MAX_WINDOW = 5_000


def _floats(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.FloatField(allow_null=True), **kwargs)


def _instants() -> serializers.ListField:
    return serializers.ListField(child=serializers.DateTimeField(), help_text="UTC instant of each close.")


class PairSerializer(ReadSerializer):
    """A registered pair; ``symbol_1`` is the dependent leg."""

    id = serializers.IntegerField()
    symbol_1 = SymbolSerializer()
    symbol_2 = SymbolSerializer()
    timeframe = ChoiceField(choices=TIMEFRAME)
    trend = ChoiceField(choices=TREND)
    scale = ChoiceField(choices=SCALE)
    cointegration_pvalue = serializers.FloatField(help_text="Of this direction, before any correction.")
    qvalue = serializers.FloatField(
        allow_null=True, help_text="Corrected over every pair of the scan it came from."
    )
    statistic = serializers.FloatField()
    half_life = serializers.FloatField(
        allow_null=True, help_text="In bars; null where the spread does not revert."
    )
    correlation = serializers.FloatField(allow_null=True, help_text="Of log returns.")
    hedge_ratio = serializers.FloatField(help_text="Ratio of dollars (log scale).")
    intercept = serializers.FloatField()
    stability_score = serializers.FloatField(allow_null=True)
    fit_start = serializers.DateTimeField()
    fit_end = serializers.DateTimeField()
    n_obs = serializers.IntegerField()
    scan = serializers.IntegerField(source="scan_id", allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    is_active = serializers.BooleanField()


class PairWriteSerializer(Form):
    """A pair as it is registered: two tickers and a window; the statistics are computed, never taken on trust."""

    symbol_1 = serializers.CharField(max_length=20, help_text="Ticker of the dependent leg.")
    symbol_2 = serializers.CharField(max_length=20)
    start_date = serializers.DateField(required=False, allow_null=True, help_text="First day of the fit.")
    end_date = serializers.DateField(required=False, allow_null=True, help_text="Last day of the fit.")
    timeframe = ChoiceField(choices=TIMEFRAME, default="1d")
    trend = ChoiceField(choices=TREND, default="c")


class PairUpdateSerializer(Form):
    """Another window or trend to fit a pair over, or whether it is active; its legs stay."""

    start_date = serializers.DateField(required=False, allow_null=True, help_text="First day of the new fit.")
    end_date = serializers.DateField(required=False, allow_null=True, help_text="Last day of the new fit.")
    trend = ChoiceField(choices=TREND, required=False)
    is_active = serializers.BooleanField(required=False)


class PairAnalyzeSerializer(Form):
    """Two symbols to analyse, and how."""

    symbol_1 = serializers.CharField(max_length=20, help_text="Ticker of the dependent leg.")
    symbol_2 = serializers.CharField(max_length=20)
    start_date = serializers.DateField(
        required=False, allow_null=True, help_text="First day of the fit window."
    )
    end_date = serializers.DateField(required=False, allow_null=True, help_text="Last day of the fit window.")
    timeframe = ChoiceField(choices=TIMEFRAME, default="1d")
    min_correlation = serializers.FloatField(min_value=-1.0, max_value=1.0, default=0.6)
    significance_level = serializers.FloatField(min_value=1e-6, max_value=0.5, default=0.05)
    window = serializers.IntegerField(
        min_value=2, max_value=MAX_WINDOW, default=60, help_text="Bars of the trailing z-score."
    )
    trend = ChoiceField(choices=TREND, default="c")
    after = serializers.BooleanField(
        default=False,
        help_text="Also the bars after end_date, with the window's coefficients; statistics stay the window's.",
    )


class AnalysedSymbolSerializer(serializers.Serializer[Any]):
    """One leg of an analysis."""

    ticker = serializers.CharField()
    name = serializers.CharField()
    sector = serializers.CharField()


class CriticalValuesSerializer(serializers.Serializer[Any]):
    """MacKinnon critical values of the statistic, for the sample at hand."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The levels are not names Python takes as attributes."""
        return {level: serializers.FloatField(allow_null=True) for level in ("1%", "5%", "10%")}


class ReverseDirectionSerializer(serializers.Serializer[Any]):
    """The same test with the second leg as the dependent one."""

    statistic = serializers.FloatField()
    pvalue = serializers.FloatField()
    hedge_ratio = serializers.FloatField()


class AnalysisSeriesSerializer(serializers.Serializer[Any]):
    """Columns of equal length, oldest first, through the last bar both legs have up to the end date (or ever)."""

    timestamps = _instants()
    price_1 = _floats()
    price_2 = _floats()
    spread = _floats(
        help_text="log price_1 − hedge_ratio · log price_2 − intercept, coefficients of the fit window."
    )
    mean = _floats(help_text="Trailing mean of the spread; null until the window is full.")
    std = _floats(help_text="Trailing standard deviation of the spread; null until the window is full.")
    z_score = _floats(help_text="Trailing, causal; null until the window is full.")
    in_sample = serializers.ListField(
        child=serializers.BooleanField(), help_text="True where the coefficients were fitted on this bar."
    )


class PairAnalysisSerializer(ReadSerializer):
    """Whether two symbols are cointegrated in one window, in numbers and in words."""

    symbol_1 = AnalysedSymbolSerializer()
    symbol_2 = AnalysedSymbolSerializer()
    pair_id = serializers.IntegerField(allow_null=True, help_text="Where the two are a registered pair.")
    timeframe = ChoiceField(choices=TIMEFRAME)
    start_date = serializers.DateField(help_text="First day of the fit.")
    end_date = serializers.DateField(help_text="Last day of the fit.")
    trend = ChoiceField(choices=TREND)
    scale = ChoiceField(choices=SCALE)
    statistic = serializers.FloatField()
    pvalue = serializers.FloatField(help_text="Of this direction alone.")
    critical_values = CriticalValuesSerializer()
    lag = serializers.IntegerField()
    hedge_ratio = serializers.FloatField()
    intercept = serializers.FloatField()
    correlation = serializers.FloatField(allow_null=True, help_text="Of log returns.")
    half_life = serializers.FloatField(
        allow_null=True, help_text="In bars; null where the spread does not revert."
    )
    n_obs = serializers.IntegerField()
    reverse = ReverseDirectionSerializer()
    hypothesis_pvalue = serializers.FloatField(help_text="Of the unordered pair: min(1, 2·min(p₁, p₂)).")
    is_cointegrated = serializers.BooleanField(help_text="hypothesis_pvalue ≤ significance_level.")
    passes_correlation = serializers.BooleanField()
    verdict = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF's Field has an attribute of this name; DRF itself keeps them apart
    adjustment = ChoiceField(choices=ADJUSTMENT)
    last_timestamp = serializers.DateTimeField()
    series = AnalysisSeriesSerializer()


class SpreadQuerySerializer(Form):
    """Which part of a pair's spread to return."""

    start_date = serializers.DateField(required=False, help_text="First day, inclusive.")
    end_date = serializers.DateField(required=False, help_text="Last day, inclusive.")
    window = serializers.IntegerField(
        min_value=2,
        max_value=MAX_WINDOW,
        default=60,
        help_text="Bars of the trailing mean, deviation and z-score.",
    )


class SpreadSerializer(ReadSerializer):
    """The spread of a registered pair with the coefficients frozen at its fit."""

    timestamps = _instants()
    price_1 = _floats()
    price_2 = _floats()
    spread = _floats()
    z_score = _floats(help_text="Trailing, causal; null until the window is full.")
    mean = _floats(help_text="Trailing mean of the spread.")
    std = _floats(help_text="Trailing standard deviation of the spread.")
    in_sample = serializers.ListField(
        child=serializers.BooleanField(), help_text="True where the coefficients were fitted on this bar."
    )
    hedge_ratio = serializers.FloatField()
    intercept = serializers.FloatField()
    window = serializers.IntegerField()
    fit_start = serializers.DateTimeField()
    fit_end = serializers.DateTimeField()
