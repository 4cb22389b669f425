"""Files of bars: what is uploaded, what became of it, and the rows that were set aside."""

from typing import Any

from rest_framework import serializers

from api.serializers.base import ChoiceField, Form, ReadSerializer
from api.serializers.choices import ADJUSTMENT
from api.serializers.jobs import JobSerializer
from api.serializers.universes import UniverseRefSerializer
from trading.models import Universe

__all__ = [
    "IngestionRowCsvSerializer",
    "IngestionRowSerializer",
    "IngestionRowsQuerySerializer",
    "IngestionSerializer",
    "UniverseQualitySerializer",
    "UploadSerializer",
]

DATE_ORDER = ["auto", "day_first", "month_first"]
LAYOUT = ["auto", "long", "wide"]
DECIMAL = ["auto", ".", ","]


class UploadSerializer(Form):
    """A file of bars, with what the file itself does not say."""

    file = serializers.FileField(
        max_length=255, help_text="CSV (comma, semicolon, tab), gzip, zip or Parquet."
    )
    universe = serializers.PrimaryKeyRelatedField(
        queryset=Universe.objects.all(),
        required=False,
        allow_null=True,
        help_text="Its symbols become members of this universe.",
        error_messages={
            "does_not_exist": "There is no universe {pk_value}; see universes/ for those there are."
        },
    )
    universe_name = serializers.CharField(
        required=False,
        max_length=100,
        help_text="Its symbols become members of the universe of this name, which is made where there is none.",
    )
    symbol = serializers.CharField(
        required=False, max_length=20, help_text="Ticker, where the file holds one symbol and names none."
    )
    adjustment = ChoiceField(
        choices=["auto", *ADJUSTMENT],
        default="auto",
        help_text="auto: raw, unless only adjusted closes are there.",
    )
    timeframe = ChoiceField(choices=["1d"], default="1d", help_text="This release stores daily bars.")
    calendar = serializers.CharField(default="XNYS", max_length=20, help_text="XNYS, XLON, 24/7, ...")
    timezone = serializers.CharField(
        required=False,
        max_length=64,
        help_text="Of times written without one, such as America/New_York. Default: the exchange's.",
    )
    date_order = ChoiceField(
        choices=DATE_ORDER,
        default="auto",
        help_text="For dates such as 03/04/2021, where the file can't tell.",
    )
    layout = ChoiceField(
        choices=LAYOUT, default="auto", help_text="long: a row a bar; wide: a row a day, a column a symbol."
    )
    decimal = ChoiceField(choices=DECIMAL, default="auto", help_text="Decimal mark.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """``source`` is a word of DRF's own, so it is no class attribute."""
        source = serializers.CharField(
            required=False, max_length=40, help_text="Provenance to note. Default: the file's kind."
        )
        return super().get_fields() | {"source": source}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """At most one way to name the universe."""
        if attrs.get("universe") is not None and attrs.get("universe_name"):
            raise serializers.ValidationError("Give universe or universe_name, not both.")
        return attrs


class ReasonCountSerializer(serializers.Serializer[Any]):
    """How many rows were set aside (or warned of) for one reason."""

    reason = serializers.CharField()
    count = serializers.IntegerField()
    is_warning = serializers.BooleanField()
    message = serializers.CharField(help_text="What the reason means, and how to mend it.")


class SymbolReportSerializer(serializers.Serializer[Any]):
    """What became of one symbol's rows."""

    ticker = serializers.CharField()
    stored = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    quarantined = serializers.IntegerField()
    first = serializers.DateTimeField(allow_null=True)
    last = serializers.DateTimeField(allow_null=True)


class IngestionReportSerializer(serializers.Serializer[Any]):
    """The result of one file, in rows."""

    rows_read = serializers.IntegerField()
    stored = serializers.IntegerField(help_text="Bars that were not there before.")
    changed = serializers.IntegerField(help_text="Bars that replaced other values.")
    unchanged = serializers.IntegerField(help_text="Bars that were there already, with these values.")
    quarantined = serializers.IntegerField(help_text="Rows that were not stored.")
    warnings = serializers.IntegerField(help_text="Things told of bars that were stored all the same.")
    actions = serializers.IntegerField(help_text="Splits and dividends of the file.")
    n_symbols = serializers.IntegerField()
    new_symbols = serializers.IntegerField()
    reasons = ReasonCountSerializer(many=True)
    symbols = SymbolReportSerializer(many=True, help_text="At most 1,000, those with most set aside first.")
    columns = serializers.DictField(
        child=serializers.CharField(), help_text="Meaning to the file's own heading."
    )
    layout = ChoiceField(choices=LAYOUT[1:])
    adjustment = ChoiceField(choices=ADJUSTMENT)
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What was assumed about the file, in words."
    )
    rows_kept = serializers.IntegerField(help_text="Rows listed under rows/; counts above are of all.")


class IngestionSerializer(ReadSerializer):
    """An upload, with its job."""

    id = serializers.IntegerField()
    filename = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    options = serializers.DictField()
    universe = UniverseRefSerializer(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]  # DRF's Field has an attribute of this name; DRF itself keeps them apart
    report = IngestionReportSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    job = JobSerializer(allow_null=True)


class IngestionRowSerializer(ReadSerializer):
    """A row that was set aside, or warned of."""

    id = serializers.IntegerField()
    row = serializers.IntegerField(allow_null=True, help_text="Line of the file; the header is line 1.")
    symbol = serializers.CharField()
    timestamp = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    is_warning = serializers.BooleanField()
    message = serializers.CharField()
    values = serializers.DictField()


class IngestionRowCsvSerializer(IngestionRowSerializer):
    """A row of the report as a table, where ``values`` are columns of their own."""

    id = None  # type: ignore[assignment]  # DRF's way to leave an inherited field out


class IngestionRowsQuerySerializer(Form):
    """Which rows."""

    reason = serializers.CharField(required=False, max_length=24)
    symbol = serializers.CharField(required=False, max_length=20)
    is_warning = serializers.BooleanField(required=False, allow_null=True, default=None)


class SymbolQualitySerializer(serializers.Serializer[Any]):
    """One symbol's bars by month beside what its exchange had."""

    ticker = serializers.CharField()
    counts = serializers.ListField(child=serializers.IntegerField(), help_text="Bars a month.")
    expected = serializers.ListField(
        child=serializers.IntegerField(), help_text="Sessions a month, between its first and last bar."
    )
    quarantined = serializers.ListField(
        child=serializers.IntegerField(), help_text="Rows of its uploads set aside, a month."
    )
    quality = serializers.FloatField(help_text="Bars there are over bars there should be, 0 to 1.")
    n_missing = serializers.IntegerField()
    n_quarantined = serializers.IntegerField(help_text="Rows of its uploads that were set aside.")
    first = serializers.DateTimeField(allow_null=True)
    last = serializers.DateTimeField(allow_null=True)


class UniverseQualitySerializer(ReadSerializer):
    """Which bars a universe has, by symbol and month."""

    months = serializers.ListField(child=serializers.CharField(), help_text="2013-01, in order.")
    symbols = SymbolQualitySerializer(many=True)
    quality = serializers.FloatField(allow_null=True, help_text="Over all symbols; null without bars.")
