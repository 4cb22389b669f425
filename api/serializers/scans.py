"""Scans: what is asked, what was found, what could not be tested, and what is promoted."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.errors import unknown_name
from api.serializers.base import ChoiceField, Form, ReadSerializer
from api.serializers.choices import AUTOLAG, FDR_METHOD, PLANTED_KIND, TIMEFRAME, TREND
from api.serializers.jobs import JobSerializer
from api.serializers.pairs import PairSerializer
from api.serializers.universes import UniverseRefSerializer
from trading.models import Universe

__all__ = [
    "CANDIDATE_COLUMNS",
    "CandidateCsvSerializer",
    "CandidateQuerySerializer",
    "CandidateSerializer",
    "PromoteSerializer",
    "PromotionSerializer",
    "ScanCreateSerializer",
    "ScanSerializer",
    "SkippedPairSerializer",
]


class ScanCreateSerializer(Form):
    """A scan to run: a universe or a list of tickers, a window, and how to test and correct."""

    universe = serializers.PrimaryKeyRelatedField(
        queryset=Universe.objects.all(),
        required=False,
        allow_null=True,
        error_messages={
            "does_not_exist": "There is no universe {pk_value}; see universes/ for those there are."
        },
    )
    symbols = serializers.ListField(
        child=serializers.CharField(max_length=20), required=False, max_length=5_000, help_text="Tickers."
    )
    start_date = serializers.DateField(
        required=False, allow_null=True, help_text="Default: ten years before the last bar."
    )
    end_date = serializers.DateField(required=False, allow_null=True, help_text="Default: the last bar.")
    timeframe = ChoiceField(choices=TIMEFRAME, default="1d")
    trend = ChoiceField(choices=TREND, default="c")
    autolag = ChoiceField(
        choices=AUTOLAG, default="aic", allow_null=True, help_text="null: exactly max_lag lags."
    )
    max_lag = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=200, help_text="null: 12·(n/100)^¼."
    )
    fdr = ChoiceField(choices=FDR_METHOD, default="by")
    alpha = serializers.FloatField(min_value=1e-6, max_value=0.5, default=0.05)
    min_overlap = serializers.IntegerField(min_value=30, max_value=100_000, default=250)
    within_sectors = serializers.BooleanField(default=False, help_text="Form pairs inside sectors only.")
    null_draws = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=999,
        help_text="Draws of the scan's own null; null: as many as its size allows, 0: none, "
        "199 or more: fwer_pvalue too.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of universe and symbols, and a window that runs forwards."""
        if (attrs.get("universe") is None) == (not attrs.get("symbols")):
            raise serializers.ValidationError("Give either a universe or a list of symbols, and not both.")
        start, end = attrs.get("start_date"), attrs.get("end_date")
        if start and end and end <= start:
            raise serializers.ValidationError(
                {
                    "end_date": [
                        f"The end ({end}) must lie after the start ({start}); swap or widen the window."
                    ]
                }
            )
        return attrs


class ScanParametersSerializer(serializers.Serializer[Any]):
    """How a scan tests and corrects."""

    trend = ChoiceField(choices=TREND)
    autolag = ChoiceField(choices=AUTOLAG, allow_null=True)
    max_lag = serializers.IntegerField(allow_null=True)
    fdr = ChoiceField(choices=FDR_METHOD)
    alpha = serializers.FloatField()
    min_overlap = serializers.IntegerField()
    within_sectors = serializers.BooleanField()
    null_draws = serializers.IntegerField(allow_null=True, default=None)


class SkipReasonSerializer(serializers.Serializer[Any]):
    """How many pairs could not be tested, and why."""

    reason = serializers.CharField()
    count = serializers.IntegerField()
    message = serializers.CharField()


class TruthSerializer(serializers.Serializer[Any]):
    """A scan of a synthetic universe beside the truth: planted cointegrated pairs, found and falsely found."""

    n_planted = serializers.IntegerField()
    n_found = serializers.IntegerField()
    n_false = serializers.IntegerField()


class ManifestSerializer(serializers.Serializer[Any]):
    """What a scan ran on, exactly enough to run it again to the same bits."""

    panel_hash = serializers.CharField()
    parameters = serializers.DictField()
    engine_version = serializers.CharField()
    seed = serializers.IntegerField(allow_null=True)


class ScanSerializer(ReadSerializer):
    """A scan, with its job."""

    id = serializers.IntegerField()
    universe = UniverseRefSerializer(allow_null=True)
    symbols = serializers.ListField(child=serializers.CharField())
    parameters = ScanParametersSerializer()
    timeframe = ChoiceField(choices=TIMEFRAME)
    start_date = serializers.DateField(allow_null=True)
    end_date = serializers.DateField(allow_null=True)
    n_symbols = serializers.IntegerField()
    n_tests = serializers.IntegerField(help_text="Unordered pairs tested: the hypotheses counted.")
    n_skipped = serializers.IntegerField()
    n_discoveries = serializers.IntegerField(help_text="q ≤ alpha.")
    n_nominal = serializers.IntegerField(help_text="hypothesis p ≤ 5 %, before correction.")
    expected_by_chance = serializers.FloatField(help_text="How many p ≤ 5 % chance alone would give.")
    null_discoveries = serializers.FloatField(
        allow_null=True,
        help_text="How many discoveries the same scan makes where nothing is cointegrated: mean over draws of its own "
        "null (joint returns resampled in blocks); null where none were drawn.",
    )
    null_nominal = serializers.FloatField(allow_null=True, help_text="How many p ≤ 5 % it has there.")
    null_draws = serializers.IntegerField(allow_null=True)
    reasons = SkipReasonSerializer(many=True)
    truth = TruthSerializer(allow_null=True)
    data_changed = serializers.BooleanField(
        allow_null=True, help_text="Whether the stored bars changed since."
    )
    manifest = ManifestSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    job = JobSerializer(allow_null=True)


class CandidateSerializer(ReadSerializer):
    """One pair a scan tested, in its better direction; ``symbol_1`` is the dependent leg."""

    id = serializers.IntegerField(
        allow_null=True, help_text="null where the pair is not kept as a row (p > 0.10)."
    )
    rank = serializers.IntegerField(help_text="By statistic over every tested pair, most negative first.")
    symbol_1 = serializers.CharField()
    symbol_2 = serializers.CharField()
    name_1 = serializers.CharField()
    name_2 = serializers.CharField()
    sector_1 = serializers.CharField()
    sector_2 = serializers.CharField()
    statistic = serializers.FloatField()
    pvalue = serializers.FloatField(help_text="Of this direction alone.")
    hypothesis_pvalue = serializers.FloatField(help_text="Of the unordered pair: min(1, 2·min(p₁, p₂)).")
    qvalue = serializers.FloatField(help_text="Corrected over every pair of the scan.")
    lag = serializers.IntegerField()
    hedge_ratio = serializers.FloatField()
    intercept = serializers.FloatField()
    correlation = serializers.FloatField(allow_null=True, help_text="Of log returns.")
    half_life = serializers.FloatField(
        allow_null=True, help_text="In bars; null where the spread does not revert."
    )
    n_obs = serializers.IntegerField()
    outlier_pvalue = serializers.FloatField(
        allow_null=True, help_text="hypothesis_pvalue without the pair's three most influential bars."
    )
    outlier_driven = serializers.BooleanField(
        allow_null=True, help_text="Whether p crosses alpha without these bars; null where not re-tested."
    )
    fwer_pvalue = serializers.FloatField(
        allow_null=True, help_text="Romano–Wolf over every pair; with 199 null draws or more."
    )
    is_discovery = serializers.BooleanField()
    planted = ChoiceField(choices=PLANTED_KIND, allow_null=True)
    pair_id = serializers.IntegerField(allow_null=True)
    sparkline = serializers.ListField(
        child=serializers.FloatField(allow_null=True),
        help_text="The spread, at most 48 points; empty without a row.",
    )


class CandidateCsvSerializer(CandidateSerializer):
    """A candidate as a line of a table, which holds no curve."""

    sparkline = None  # type: ignore[assignment]  # DRF's way to leave an inherited field out


# Kinds of the columns of a candidate as Arrow (`api.arrow.table_of_rows`).
_TEXTS = ("symbol_1", "symbol_2", "name_1", "name_2", "sector_1", "sector_2", "planted")
_WHOLE = ("id", "rank", "lag", "n_obs", "pair_id")
_YES_OR_NO = ("outlier_driven", "is_discovery")
CANDIDATE_COLUMNS = {
    name: "str"
    if name in _TEXTS
    else "int"
    if name in _WHOLE
    else "bool"
    if name in _YES_OR_NO
    else "floats"
    if name == "sparkline"
    else "float"
    for name in map(str, CandidateSerializer().fields)
}

CANDIDATE_NUMBERS = [
    "rank",
    "statistic",
    "pvalue",
    "hypothesis_pvalue",
    "qvalue",
    "lag",
    "hedge_ratio",
    "intercept",
    "correlation",
    "half_life",
    "n_obs",
    "outlier_pvalue",
    "fwer_pvalue",
]
CANDIDATE_ORDERING = [*CANDIDATE_NUMBERS, "symbol_1", "symbol_2"]


class OrderingField(serializers.CharField):
    """Comma-separated names of columns, each perhaps with a minus sign; read as a list."""

    def __init__(self, names: list[str], **kwargs: Any) -> None:
        super().__init__(max_length=400, **kwargs)
        self.names = names

    def to_internal_value(self, data: Any) -> list[str]:  # type: ignore[override]  # a list on purpose
        """The terms, every one known."""
        terms = [term.strip() for term in super().to_internal_value(data).split(",") if term.strip()]
        for term in terms:
            if term.removeprefix("-") not in self.names:
                raise serializers.ValidationError(unknown_name(term.removeprefix("-"), self.names))
        return terms


@extend_schema_field(
    {"type": "array", "items": {"enum": [f"{s}{n}" for n in CANDIDATE_ORDERING for s in ("", "-")]}}
)
class CandidateOrderingField(OrderingField):
    """Ordering of candidates."""


class CandidateQuerySerializer(Form):
    """Which candidates, in which order."""

    search = serializers.CharField(required=False, max_length=100, help_text="Part of a ticker or a name.")
    ordering = CandidateOrderingField(
        CANDIDATE_ORDERING,
        required=False,
        help_text="Comma-separated; a minus sign reverses. Default: rank. One of: "
        + ", ".join(CANDIDATE_ORDERING),
    )
    symbol = serializers.CharField(required=False, max_length=20, help_text="Ticker of either leg.")
    is_discovery = serializers.BooleanField(required=False, allow_null=True, default=None)
    outlier_driven = serializers.BooleanField(required=False, allow_null=True, default=None)
    hypothesis_pvalue__lte = serializers.FloatField(required=False)
    qvalue__lte = serializers.FloatField(required=False)
    half_life__gte = serializers.FloatField(required=False)
    half_life__lte = serializers.FloatField(required=False)
    correlation__gte = serializers.FloatField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """``all`` hides a built-in, so it is no class attribute."""
        everything = serializers.BooleanField(
            default=False, help_text="Every tested pair, not only the candidates kept as rows (p ≤ 0.10)."
        )
        return super().get_fields() | {"all": everything}


class SkippedPairSerializer(serializers.Serializer[Any]):
    """A pair that could not be tested, and why."""

    symbol_1 = serializers.CharField()
    symbol_2 = serializers.CharField()
    reason = serializers.CharField()
    message = serializers.CharField()


class PromoteSerializer(Form):
    """Candidates to register as pairs."""

    candidates = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), allow_empty=False, max_length=500
    )
    force_outliers = serializers.BooleanField(
        default=False, help_text="Promote candidates too whose finding hangs on three bars."
    )


class RefusalSerializer(serializers.Serializer[Any]):
    """A candidate that was not promoted, and why."""

    candidate = serializers.IntegerField()
    reason = serializers.CharField()


class PromotionSerializer(serializers.Serializer[Any]):
    """What became of each candidate."""

    promoted = PairSerializer(many=True)
    refused = RefusalSerializer(many=True)
