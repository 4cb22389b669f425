"""Sweeps: a rule over a grid of parameters on one pair."""

from typing import Any

from rest_framework import serializers

from api.serializers.backtest_results import DeflatedSerializer
from api.serializers.backtests import EstimateSerializer, RunFieldsSerializer, TermsForm
from api.serializers.base import Form, ReadSerializer
from api.serializers.trading_terms import GridField, ParametersField

__all__ = ["SurfaceQuerySerializer", "SurfaceSerializer", "SweepCreateSerializer", "SweepSerializer"]


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
    grid = GridField(help_text='By parameter: values, or {"from", "to", "n"}; at most 100,000 combinations.')


class CombinationSerializer(serializers.Serializer[Any]):
    """One combination of the grid."""

    parameters = ParametersField()
    sharpe = EstimateSerializer()
    total_return = serializers.FloatField(allow_null=True)
    max_drawdown = serializers.FloatField(allow_null=True)
    n_trades = serializers.IntegerField()


class PlateauSerializer(CombinationSerializer):
    """The combination whose neighbours are good too: it is worth more than a lonely peak."""

    score = serializers.FloatField(help_text="Mean Sharpe ratio of it and its neighbours on the grid.")


class SweepSummarySerializer(serializers.Serializer[Any]):
    """What a finished sweep found."""

    best = CombinationSerializer()
    plateau = PlateauSerializer()
    deflated = DeflatedSerializer()
    pbo = serializers.FloatField(allow_null=True, help_text="Probability of backtest overfitting.")
    pbo_words = serializers.CharField()
    correlation = serializers.FloatField(allow_null=True, help_text="Mean, of the combinations' returns.")


class SweepSerializer(RunFieldsSerializer):
    """A sweep, with its job."""

    grid = serializers.DictField(
        child=serializers.ListField(child=serializers.FloatField(allow_null=True)), help_text="Values tried."
    )
    n_combinations = serializers.IntegerField(
        help_text="Those that do not contradict themselves: the trials."
    )
    n_left_out = serializers.IntegerField()
    summary = SweepSummarySerializer(allow_null=True)


class SurfaceQuerySerializer(Form):
    """Which two parameters to look at."""

    x = serializers.CharField(required=False, max_length=40, help_text="Default: the grid's first parameter.")
    y = serializers.CharField(
        required=False, max_length=40, help_text="Default: the grid's second parameter."
    )
    metric = serializers.CharField(required=False, max_length=40, help_text="Default: sharpe_ratio.")


class SurfacePointSerializer(serializers.Serializer[Any]):
    """A place on the surface."""

    x = serializers.FloatField(allow_null=True)
    y = serializers.FloatField(allow_null=True)
    value = serializers.FloatField(allow_null=True)


class SurfaceSerializer(ReadSerializer):
    """A metric over two parameters; the others stand at the best combination's values."""

    x = serializers.CharField()
    y = serializers.CharField(allow_null=True, help_text="null where the grid has one parameter.")
    metric = serializers.CharField()
    x_values = serializers.ListField(child=serializers.FloatField(allow_null=True))
    y_values = serializers.ListField(child=serializers.FloatField(allow_null=True))
    values = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(allow_null=True)),
        help_text="A row a y, a column an x; null where the combination contradicts itself or never traded.",
    )
    fixed = ParametersField(help_text="The other parameters of the grid.")
    best = SurfacePointSerializer(allow_null=True)
    plateau = SurfacePointSerializer(allow_null=True, help_text="Highest mean of a place and its neighbours.")
    pbo = serializers.FloatField(allow_null=True)
    deflated = DeflatedSerializer(allow_null=True)
