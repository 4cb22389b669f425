"""Backtests: what is asked, how a run is shown, its trades."""

from typing import Any

from rest_framework import serializers

from api.serializers.base import ChoiceField, Form, ReadSerializer
from api.serializers.choices import EXIT_REASON, RULE, SIDE, TIMEFRAME
from api.serializers.jobs import JobSerializer
from api.serializers.scans import ManifestSerializer, OrderingField
from api.serializers.trading_terms import (
    CostsField,
    CostsSerializer,
    LimitsSerializer,
    PairsField,
    ParametersField,
    SizingSerializer,
)
from api.serializers.universes import UniverseRefSerializer
from trading.models import BacktestKind

__all__ = [
    "KIND",
    "BacktestCreateSerializer",
    "BacktestSerializer",
    "BacktestTradeSerializer",
    "HeadlineSerializer",
    "RunFieldsSerializer",
    "TermsForm",
    "TradeQuerySerializer",
]

KIND = BacktestKind.choices


class TermsForm(Form):
    """What backtests, sweeps and walk-forwards are asked with alike."""

    name = serializers.CharField(required=False, allow_blank=True, max_length=120)
    rule = ChoiceField(choices=RULE, required=False, help_text="Default: the strategy's, or rolling.")
    strategy = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Id of a strategy of one's own.",
    )
    parameters = ParametersField(
        required=False,
        help_text="What differs from the rule's (or the strategy's) settings; see strategies/rules/.",
    )
    costs = CostsField(
        required=False,
        help_text="A cost model's id (strategies/cost-models/) or costs in full. Default: retail where the bars are "
        "raw, index where they are total-return.",
    )
    sizing = SizingSerializer(required=False, help_text="Default: an equal fraction of equity a pair.")
    capital = serializers.FloatField(
        required=False, min_value=1.0, max_value=1e12, help_text="Default: your preference."
    )
    timeframe = ChoiceField(choices=TIMEFRAME, required=False)
    start_date = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="First day traded; hedge ratios are fitted on bars before it. Default: the last ten years, the first "
        "third of which fits and the rest of which is traded.",
    )
    end_date = serializers.DateField(required=False, allow_null=True, help_text="Default: the last bar.")


class BacktestCreateSerializer(TermsForm):
    """A backtest to run: pairs by tickers or ids, or the best candidates of a scan."""

    kind = ChoiceField(choices=KIND, required=False, help_text="Default: pair for one pair, list for more.")
    pairs = PairsField(required=False, help_text="[dependent, other] each.")
    pair_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, max_length=200
    )
    scan = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Id of a scan of one's own.",
    )
    top = serializers.IntegerField(
        required=False, min_value=1, max_value=100, help_text="Candidates of the scan to trade; default 10."
    )
    limits = LimitsSerializer(required=False)


class EstimateSerializer(serializers.Serializer[Any]):
    """A figure, how far off it may be, and how many observations are behind it."""

    value = serializers.FloatField(allow_null=True)
    standard_error = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()


class HeadlineSerializer(serializers.Serializer[Any]):
    """The figures of a list's row."""

    total_return = serializers.FloatField(allow_null=True)
    cagr = serializers.FloatField(allow_null=True)
    sharpe = EstimateSerializer()
    deflated_sharpe = serializers.FloatField(
        allow_null=True, help_text="Probability that the true Sharpe ratio beats the luck of all trials."
    )
    max_drawdown = serializers.FloatField(allow_null=True)
    n_trades = serializers.IntegerField()
    cost_share = serializers.FloatField(allow_null=True, help_text="Costs over gross profit.")


class CausalitySerializer(serializers.Serializer[Any]):
    """Whether a run knew the future, found out by running it on other futures."""

    at = serializers.DateTimeField()
    is_causal = serializers.BooleanField()
    part = ChoiceField(
        choices=["pairs", "hedge_ratio", "signal", "fill"], allow_null=True, help_text="What differed first."
    )
    timestamp = serializers.DateTimeField(allow_null=True, help_text="The first bar that differs.")
    cut = serializers.DateTimeField(allow_null=True, help_text="The first bar of the other future.")
    n_cuts = serializers.IntegerField()
    words = serializers.CharField()


class RerunSerializer(serializers.Serializer[Any]):
    """What running it again gave."""

    at = serializers.DateTimeField()
    identical = serializers.BooleanField(help_text="Whether equity and trades are the same to the last bit.")
    result_hash = serializers.CharField()
    engine_version = serializers.CharField()


class RunFieldsSerializer(ReadSerializer):
    """What backtests, sweeps and walk-forwards show alike."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    pairs = PairsField()
    rule = ChoiceField(choices=RULE)
    parameters = ParametersField(help_text="Every parameter of the rule.")
    costs = CostsSerializer()
    sizing = SizingSerializer()
    limits = LimitsSerializer()
    capital = serializers.FloatField()
    timeframe = ChoiceField(choices=TIMEFRAME)
    periods_per_year = serializers.FloatField(help_text="Bars a year, by which ratios are annualised.")
    start_date = serializers.DateField(help_text="First day traded.")
    end_date = serializers.DateField()
    fit_end = serializers.DateField(
        allow_null=True,
        help_text="Last day hedge ratios were fitted on; null where the rule filters its own.",
    )
    universe = UniverseRefSerializer(allow_null=True)
    scan = serializers.IntegerField(source="scan_id", allow_null=True)
    strategy = serializers.IntegerField(source="strategy_id", allow_null=True)
    family = serializers.CharField(help_text="Trials are counted by it.")
    warnings = serializers.ListField(child=serializers.CharField())
    manifest = ManifestSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    job = JobSerializer(allow_null=True)


class BacktestSerializer(RunFieldsSerializer):
    """A backtest, with its job; figures once it has ended."""

    kind = ChoiceField(choices=KIND)
    metrics = HeadlineSerializer(allow_null=True)
    sparkline = serializers.ListField(
        child=serializers.FloatField(), help_text="Equity over capital, ≤ 60 points."
    )
    data_changed = serializers.BooleanField(
        allow_null=True, help_text="Whether the stored bars changed since."
    )
    rerun = RerunSerializer(allow_null=True)
    causality = CausalitySerializer(allow_null=True)


class BacktestTradeSerializer(ReadSerializer):
    """One trade; ``pair`` is symbol_1/symbol_2, LONG buys the first leg."""

    number = serializers.IntegerField()
    pair = serializers.CharField()
    side = ChoiceField(choices=SIDE)
    entry_decided_at = serializers.DateTimeField()
    entry_filled_at = serializers.DateTimeField()
    exit_decided_at = serializers.DateTimeField(allow_null=True)
    exit_filled_at = serializers.DateTimeField(allow_null=True)
    entry_price_1 = serializers.FloatField()
    entry_price_2 = serializers.FloatField()
    exit_price_1 = serializers.FloatField(allow_null=True)
    exit_price_2 = serializers.FloatField(allow_null=True)
    shares_1 = serializers.FloatField()
    shares_2 = serializers.FloatField()
    hedge_ratio = serializers.FloatField(allow_null=True)
    entry_z = serializers.FloatField(allow_null=True)
    exit_z = serializers.FloatField(allow_null=True)
    exit_reason = ChoiceField(choices=EXIT_REASON)
    gross_pnl = serializers.FloatField()
    commission = serializers.FloatField()
    spread_cost = serializers.FloatField()
    impact = serializers.FloatField()
    borrow = serializers.FloatField()
    financing = serializers.FloatField()
    dividends = serializers.FloatField()
    legging = serializers.FloatField()
    net_pnl = serializers.FloatField()
    bars_held = serializers.IntegerField()
    mae = serializers.FloatField(help_text="Worst open P&L, money.")
    mfe = serializers.FloatField(help_text="Best open P&L, money.")


TRADE_ORDERING = [str(name) for name in BacktestTradeSerializer().fields]


class TradeQuerySerializer(Form):
    """Which trades, in which order."""

    ordering = OrderingField(
        TRADE_ORDERING,
        required=False,
        help_text="Comma-separated columns; a minus sign reverses. Default: number.",
    )
    pair = serializers.CharField(required=False, max_length=41)
    side = ChoiceField(choices=SIDE, required=False)
    exit_reason = ChoiceField(choices=EXIT_REASON, required=False)
    net_pnl__gte = serializers.FloatField(required=False)
    net_pnl__lte = serializers.FloatField(required=False)
