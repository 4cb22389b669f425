"""A backtest answered at once, as sliders move."""

from typing import Any

from rest_framework import serializers

from api.serializers.backtest_results import floats, instants
from api.serializers.backtests import HeadlineSerializer
from api.serializers.base import ChoiceField, Form
from api.serializers.choices import EXIT_REASON, RULE, SIDE, TIMEFRAME
from api.serializers.trading_terms import CostsField, ParametersField, SizingSerializer

__all__ = ["QuickBacktestSerializer", "QuickResultSerializer"]


class QuickBacktestSerializer(Form):
    """One pair, one rule; counts as a trial."""

    pair_id = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**63 - 1)
    symbol_1 = serializers.CharField(required=False, max_length=20, help_text="Ticker of the dependent leg.")
    symbol_2 = serializers.CharField(required=False, max_length=20)
    rule = ChoiceField(choices=RULE, required=False)
    parameters = ParametersField(required=False)
    costs = CostsField(required=False)
    sizing = SizingSerializer(required=False)
    capital = serializers.FloatField(required=False, min_value=1.0, max_value=1e12)
    timeframe = ChoiceField(choices=TIMEFRAME, required=False)
    start_date = serializers.DateField(required=False, allow_null=True)
    end_date = serializers.DateField(required=False, allow_null=True)


class QuickTradeSerializer(serializers.Serializer[Any]):
    """A trade as a marker."""

    entry = serializers.DateTimeField()
    exit = serializers.DateTimeField(allow_null=True)
    side = ChoiceField(choices=SIDE)
    net_pnl = serializers.FloatField()
    exit_reason = ChoiceField(choices=EXIT_REASON)


class QuickResultSerializer(serializers.Serializer[Any]):
    """What came of it."""

    timestamps = instants()
    equity = floats(help_text="Over capital, at most 400 points.")
    metrics = HeadlineSerializer()
    trades = QuickTradeSerializer(many=True)
    n_trials = serializers.IntegerField(
        help_text="Configurations looked at in this family, this one included."
    )
    deflated_sharpe = serializers.FloatField(allow_null=True)
    fit_end = serializers.DateField(allow_null=True)
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    warnings = serializers.ListField(child=serializers.CharField())
