"""Walk-forwards: optimised on the past, traded on what came after."""

from typing import Any

from rest_framework import serializers

from api.serializers.backtest_results import floats, instants
from api.serializers.backtests import HeadlineSerializer, RunFieldsSerializer, TermsForm
from api.serializers.base import ChoiceField, ReadSerializer
from api.serializers.choices import RULE, SELECTION
from api.serializers.trading_terms import GridField, PairsField, ParametersField
from trading.models import Universe, WalkForwardRun

__all__ = [
    "WalkForwardCreateSerializer",
    "WalkForwardEquitySerializer",
    "WalkForwardSerializer",
    "WalkForwardWindowSerializer",
]

SCHEME = WalkForwardRun.Scheme.choices


class WalkForwardCreateSerializer(TermsForm):
    """A walk-forward to run: over a universe, a scan's symbols, or pairs."""

    universe = serializers.PrimaryKeyRelatedField(
        queryset=Universe.objects.all(),
        required=False,
        allow_null=True,
        error_messages={
            "does_not_exist": "There is no universe {pk_value}; see universes/ for those there are."
        },
    )
    scan = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Its symbols are walked through.",
    )
    pairs = PairsField(required=False, help_text="[dependent, other] each, no symbol in two of them.")
    start_date = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="First day of the history; default: ten years before its last bar.",
    )
    scheme = ChoiceField(choices=SCHEME, required=False, help_text="Default rolling.")
    train_bars = serializers.IntegerField(
        required=False, min_value=60, max_value=20_000, help_text="Default 504."
    )
    test_bars = serializers.IntegerField(
        required=False, min_value=10, max_value=5_000, help_text="Default 126."
    )
    purge = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=5_000,
        help_text="Default: the longest time stop of the grid, or 60.",
    )
    embargo = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=5_000,
        help_text="Default: the grid's longest lookback.",
    )
    grid = GridField(
        required=False, help_text="Tried in every window; default entry_z 1.5, 2, 2.5 and window 40, 60."
    )
    top = serializers.IntegerField(
        required=False, min_value=1, max_value=50, help_text="Pairs a window; default 5."
    )
    selection = ChoiceField(
        choices=SELECTION, required=False, help_text="discoveries: only pairs that survive the correction."
    )


class WalkForwardSerializer(RunFieldsSerializer):
    """A walk-forward, with its job; figures are out of sample."""

    scheme = ChoiceField(choices=SCHEME)
    train_bars = serializers.IntegerField()
    test_bars = serializers.IntegerField()
    purge = serializers.IntegerField()
    embargo = serializers.IntegerField()
    top = serializers.IntegerField()
    selection = ChoiceField(choices=SELECTION)
    symbols = serializers.ListField(child=serializers.CharField())
    grid = serializers.DictField(child=serializers.ListField(child=serializers.FloatField(allow_null=True)))
    n_windows = serializers.IntegerField()
    n_done = serializers.IntegerField(help_text="Windows finished so far.")
    metrics = HeadlineSerializer(allow_null=True)
    in_sample_sharpe = serializers.FloatField(allow_null=True, help_text="Mean over windows, annual.")
    sparkline = serializers.ListField(
        child=serializers.FloatField(), help_text="Equity over capital, ≤ 60 points."
    )
    data_changed = serializers.BooleanField(
        allow_null=True, help_text="Whether the stored bars changed since."
    )


class ChosenPairSerializer(serializers.Serializer[Any]):
    """A pair a window chose, with what its training said and what its test earned."""

    symbol_1 = serializers.CharField()
    symbol_2 = serializers.CharField()
    hedge_ratio = serializers.FloatField()
    pvalue = serializers.FloatField(allow_null=True)
    qvalue = serializers.FloatField(allow_null=True)
    half_life = serializers.FloatField(allow_null=True)
    rule = ChoiceField(choices=RULE)
    parameters = ParametersField(help_text="The grid's parameters as its training chose them.")
    in_sample_sharpe = serializers.FloatField(allow_null=True)
    sharpe = serializers.FloatField(allow_null=True, help_text="In the test.")
    net_pnl = serializers.FloatField()
    n_trades = serializers.IntegerField()


class WindowSideSerializer(serializers.Serializer[Any]):
    """Training or test of a window."""

    sharpe = serializers.FloatField(
        allow_null=True, help_text="Annual; of the training the mean over its pairs."
    )
    total_return = serializers.FloatField(allow_null=True)
    max_drawdown = serializers.FloatField(allow_null=True)
    n_trades = serializers.IntegerField(allow_null=True)


class SkippedWindowPairSerializer(serializers.Serializer[Any]):
    """A pair that was chosen and could not be traded."""

    pair = serializers.CharField()
    reason = serializers.CharField()


class WalkForwardWindowSerializer(ReadSerializer):
    """One window."""

    number = serializers.IntegerField()
    train_start = serializers.DateTimeField()
    train_end = serializers.DateTimeField()
    test_start = serializers.DateTimeField()
    test_end = serializers.DateTimeField()
    n_tests = serializers.IntegerField(help_text="Pairs tested in its training.")
    n_discoveries = serializers.IntegerField()
    n_trials = serializers.IntegerField(help_text="Combinations tried in its training.")
    pairs = ChosenPairSerializer(many=True)
    in_sample = WindowSideSerializer()
    out_of_sample = WindowSideSerializer()
    skipped = SkippedWindowPairSerializer(many=True)


class WindowSharpesSerializer(serializers.Serializer[Any]):
    """In-sample beside out-of-sample, and where on the curve the window lies."""

    number = serializers.IntegerField()
    first = serializers.IntegerField(help_text="Position of its first bar in the columns.")
    last = serializers.IntegerField()
    in_sample_sharpe = serializers.FloatField(allow_null=True)
    out_of_sample_sharpe = serializers.FloatField(allow_null=True)


class WalkForwardEquitySerializer(ReadSerializer):
    """The account through all tests, one after the other; finished windows only while it runs."""

    timestamps = instants()
    equity = floats()
    drawdown = floats()
    gross = floats()
    benchmark = floats(help_text="The capital held in equal parts of all its symbols.")
    rolling_sharpe = floats()
    rolling_beta = floats()
    windows = WindowSharpesSerializer(many=True)
