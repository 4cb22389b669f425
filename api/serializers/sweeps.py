"""Sweeps: a rule over a grid of parameters, or searched through ranges of them, on one pair."""

from typing import Any

from rest_framework import serializers

from api.serializers.backtest_results import DeflatedSerializer
from api.serializers.backtests import EstimateSerializer, RunFieldsSerializer, TermsForm
from api.serializers.base import ChoiceField, Form, ReadSerializer
from api.serializers.choices import RULE_SETTING
from api.serializers.scans import OrderingField
from api.serializers.trading_terms import GridField, ParametersField, RangesField
from trading.models import Sweep
from trading.services.backtesting.surface import COLUMNS
from trading.services.sweep_service import DEFAULT_TRIALS, MAX_TRIALS

__all__ = [
    "CombinationQuerySerializer",
    "CombinationRowSerializer",
    "SurfaceQuerySerializer",
    "SurfaceSerializer",
    "SweepCreateSerializer",
    "SweepSerializer",
]

METHOD = Sweep.Method.choices


class SweepCreateSerializer(TermsForm):
    """A sweep to run."""

    pair = serializers.ListField(
        child=serializers.CharField(max_length=20),
        min_length=2,
        max_length=2,
        required=False,
        help_text="Two tickers, the dependent leg first.",
    )
    pair_id = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**63 - 1)
    method = ChoiceField(choices=METHOD, required=False, help_text="Default: grid.")
    grid = GridField(
        required=False,
        help_text='Of method grid. By parameter: values, or {"from", "to", "n"}; at most 100,000 combinations.',
    )
    ranges = RangesField(
        required=False,
        help_text='Of method search. By parameter of the rule: {"from", "to"} with "step" or "log" where wanted.',
    )
    n_trials = serializers.IntegerField(
        required=False,
        min_value=2,
        max_value=MAX_TRIALS,
        help_text=f"Points a search asks for; default {DEFAULT_TRIALS}. Every one makes the best harder to believe.",
    )
    seed = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**32 - 1,
        help_text="Of a search; the same seed gives the same points. Default 1.",
    )


class CombinationSerializer(serializers.Serializer[Any]):
    """One combination of the grid."""

    parameters = ParametersField()
    sharpe = EstimateSerializer()
    total_return = serializers.FloatField(allow_null=True)
    max_drawdown = serializers.FloatField(allow_null=True)
    n_trades = serializers.IntegerField()


class PlateauSerializer(CombinationSerializer):
    """The combination whose neighbours are good too: it is worth more than a lonely peak."""

    score = serializers.FloatField(help_text="Mean Sharpe ratio of it and its neighbours; see plateau_words.")


class SweepSummarySerializer(serializers.Serializer[Any]):
    """What a finished sweep found."""

    best = CombinationSerializer()
    plateau = PlateauSerializer(allow_null=True, help_text="null where no combination has neighbours.")
    plateau_words = serializers.CharField(
        allow_blank=True, help_text="What its score is, or why there is none."
    )
    deflated = DeflatedSerializer()
    pbo = serializers.FloatField(allow_null=True, help_text="Probability of backtest overfitting.")
    pbo_words = serializers.CharField(help_text="What it says, or why there is none.")
    correlation = serializers.FloatField(allow_null=True, help_text="Mean, of the combinations' returns.")


class RangeSerializer(serializers.Serializer[Any]):
    """Where a search may look."""

    to = serializers.FloatField()
    step = serializers.FloatField(allow_null=True)
    log = serializers.BooleanField()

    def get_fields(self) -> dict[str, Any]:
        """With `from`, which no attribute can be called."""
        return {"from": serializers.FloatField(), **super().get_fields()}


class SweepSerializer(RunFieldsSerializer):
    """A sweep or a search, with its job."""

    method = ChoiceField(choices=METHOD)
    ranges = serializers.DictField(child=RangeSerializer(), help_text="Of a search.")
    n_trials = serializers.IntegerField(allow_null=True, help_text="Points a search asks for.")
    seed = serializers.IntegerField(allow_null=True)
    grid = serializers.DictField(
        child=serializers.ListField(child=serializers.FloatField(allow_null=True)), help_text="Values tried."
    )
    n_combinations = serializers.IntegerField(
        help_text="Those that do not contradict themselves: the trials."
    )
    n_left_out = serializers.IntegerField(help_text="Those that contradict themselves: not run, no trials.")
    n_repeated = serializers.IntegerField(help_text="Points a search asked for again: run and counted once.")
    summary = SweepSummarySerializer(allow_null=True)


class SurfaceQuerySerializer(Form):
    """Which two parameters to look at."""

    x = serializers.CharField(required=False, max_length=40, help_text="Default: the first parameter.")
    y = serializers.CharField(required=False, max_length=40, help_text="Default: the second parameter.")
    metric = serializers.CharField(required=False, max_length=40, help_text="Default: sharpe_ratio.")


class SurfacePointSerializer(serializers.Serializer[Any]):
    """A place on the surface."""

    x = serializers.FloatField(allow_null=True)
    y = serializers.FloatField(allow_null=True)
    value = serializers.FloatField(allow_null=True)


class SurfacePointsSerializer(serializers.Serializer[Any]):
    """The points of a search, as columns."""

    number = serializers.ListField(child=serializers.IntegerField(), help_text="As in combinations/.")
    x = serializers.ListField(child=serializers.FloatField())
    y = serializers.ListField(child=serializers.FloatField(), help_text="Empty with one parameter.")
    value = serializers.ListField(child=serializers.FloatField(allow_null=True))


class SurfaceSerializer(ReadSerializer):
    """A metric over two parameters: a grid's as a matrix, the others at the best's values; a search's as points."""

    method = ChoiceField(choices=METHOD)
    x = serializers.CharField()
    y = serializers.CharField(allow_null=True, help_text="null with one parameter.")
    metric = serializers.CharField()
    x_values = serializers.ListField(child=serializers.FloatField(allow_null=True))
    y_values = serializers.ListField(child=serializers.FloatField(allow_null=True))
    values = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(allow_null=True)),
        help_text="A row a y, a column an x; null where the combination contradicts itself or never traded.",
    )
    numbers = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(allow_null=True)),
        help_text="Which combination each place is; as in combinations/.",
    )
    points = SurfacePointsSerializer(
        allow_null=True, help_text="Of a search: every point, whatever its other settings; null for a grid."
    )
    fixed = ParametersField(help_text="The other parameters of a grid.")
    best = SurfacePointSerializer(allow_null=True)
    plateau = SurfacePointSerializer(allow_null=True, help_text="Highest mean of a place and its neighbours.")
    pbo = serializers.FloatField(allow_null=True)
    deflated = DeflatedSerializer(allow_null=True)


COMBINATION_ORDERING = ["number", *RULE_SETTING, *COLUMNS]


class CombinationQuerySerializer(Form):
    """In which order."""

    ordering = OrderingField(
        COMBINATION_ORDERING,
        required=False,
        help_text="Comma-separated columns, parameters among them; a minus sign reverses. Default: number.",
    )


class CombinationRowSerializer(ReadSerializer):
    """One combination that was tried, with its figures."""

    number = serializers.IntegerField(help_text="From 1, as tried.")
    parameters = ParametersField()
    probability = serializers.FloatField(
        allow_null=True, help_text="That its true Sharpe ratio is above zero, had it been the only one tried."
    )
    plateau = serializers.FloatField(allow_null=True, help_text="Mean Sharpe ratio of it and its neighbours.")
    total_return = serializers.FloatField(allow_null=True)
    annual_return = serializers.FloatField(allow_null=True)
    volatility = serializers.FloatField(allow_null=True)
    sharpe_ratio = serializers.FloatField(allow_null=True)
    sortino_ratio = serializers.FloatField(allow_null=True)
    calmar_ratio = serializers.FloatField(allow_null=True)
    maximum_drawdown = serializers.FloatField(allow_null=True)
    n_trades = serializers.FloatField(allow_null=True)
    win_rate = serializers.FloatField(allow_null=True)
    profit_factor = serializers.FloatField(allow_null=True)
    expectancy = serializers.FloatField(allow_null=True)
    holding_time = serializers.FloatField(allow_null=True)
    exposure = serializers.FloatField(allow_null=True)
    costs = serializers.FloatField(allow_null=True)
