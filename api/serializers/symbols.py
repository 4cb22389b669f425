"""Symbols, their coverage and their bars."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from api.representations import best_series
from api.serializers.base import ChoiceField, Form, ReadSerializer, StrictModelSerializer
from api.serializers.choices import ADJUSTMENT, TIMEFRAME
from trading.models import Series, Symbol
from trading.services.backtesting.delistings import check_told_delisting
from trading.services.calendars import check_calendar

__all__ = [
    "BarRowSerializer",
    "CoverageSerializer",
    "PriceQuerySerializer",
    "PricesSerializer",
    "SymbolRefSerializer",
    "SymbolSerializer",
    "SymbolWriteSerializer",
]


class CoverageSerializer(serializers.Serializer[Any]):
    """Which bars of a symbol are stored (its daily series, or its longest one)."""

    first = serializers.DateTimeField(source="first_timestamp", allow_null=True)
    last = serializers.DateTimeField(source="last_timestamp", allow_null=True)
    n_bars = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF's Field has an attribute of this name; DRF itself keeps them apart
    adjustment = ChoiceField(choices=ADJUSTMENT)

    def get_attribute(self, instance: Symbol) -> Series | None:
        """The series that stands for the symbol this is a field of, None where it has no bars."""
        return best_series(instance)


class SymbolRefSerializer(serializers.Serializer[Any]):
    """A symbol as others mention it."""

    id = serializers.IntegerField()
    ticker = serializers.CharField()
    name = serializers.CharField()
    sector = serializers.CharField()


class SymbolSerializer(ReadSerializer):
    """A symbol with the coverage of its stored bars."""

    id = serializers.IntegerField()
    ticker = serializers.CharField()
    name = serializers.CharField()
    sector = serializers.CharField()
    exchange = serializers.CharField()
    currency = serializers.CharField()
    asset_class = serializers.CharField()
    delisted_on = serializers.DateField(allow_null=True, help_text="First day it trades no more.")
    delisting_return = serializers.FloatField(
        allow_null=True, help_text="What the last close still returned, -0.3 for -30 %; null where unknown."
    )
    is_active = serializers.BooleanField()
    coverage = CoverageSerializer(allow_null=True)


class SymbolWriteSerializer(StrictModelSerializer):
    """A symbol as it is written."""

    class Meta:
        model = Symbol
        fields: ClassVar = [
            "ticker",
            "name",
            "sector",
            "exchange",
            "currency",
            "asset_class",
            "calendar",
            "delisted_on",
            "delisting_return",
            "is_active",
        ]

    def to_internal_value(self, data: Any) -> Any:
        """Tickers are written in capitals, however they were typed."""
        if isinstance(data, Mapping) and isinstance(data.get("ticker"), str):
            data = {**data, "ticker": data["ticker"].strip().upper()}
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A return belongs to a delisting; what is told anew of one must be possible and agree with the bars."""
        check_told_delisting(
            self.instance,
            day=self._changed(attrs, "delisted_on"),
            value=self._changed(attrs, "delisting_return"),
        )
        if self._after(attrs, "delisting_return") is not None and self._after(attrs, "delisted_on") is None:
            raise serializers.ValidationError({"delisted_on": ["Say on which day it ceased to trade."]})
        return attrs

    def _changed(self, attrs: dict[str, Any], name: str) -> Any:
        """A field that is told anew, else None: bars that came later must not hold up other changes."""
        value = attrs.get(name)
        return None if value == getattr(self.instance, name, None) else value

    def _after(self, attrs: dict[str, Any], name: str) -> Any:
        """A field as it will stand."""
        return attrs.get(name, getattr(self.instance, name, None))

    def validate_calendar(self, name: str) -> str:
        """Refused where no exchange is called so: sessions could never be counted."""
        check_calendar(name)
        return name


class PriceQuerySerializer(Form):
    """Which bars to return."""

    start_date = serializers.DateField(required=False, help_text="First day, inclusive.")
    end_date = serializers.DateField(required=False, help_text="Last day, inclusive.")
    timeframe = ChoiceField(choices=TIMEFRAME, default="1d")


class BarRowSerializer(ReadSerializer):
    """A bar as a line of a table."""

    timestamp = serializers.DateTimeField(help_text="UTC instant of the close.")
    open = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    close = serializers.FloatField(allow_null=True)
    volume = serializers.FloatField(allow_null=True)


class PricesSerializer(ReadSerializer):
    """Bars as columns of equal length, oldest first; a column the source lacks is null."""

    symbol = serializers.CharField()
    timeframe = ChoiceField(choices=TIMEFRAME)
    source = serializers.CharField()  # type: ignore[assignment]  # DRF's Field has an attribute of this name; DRF itself keeps them apart
    adjustment = ChoiceField(choices=ADJUSTMENT)
    timestamps = serializers.ListField(
        child=serializers.DateTimeField(), help_text="UTC instant of each close."
    )
    open = serializers.ListField(child=serializers.FloatField(allow_null=True), allow_null=True)
    high = serializers.ListField(child=serializers.FloatField(allow_null=True), allow_null=True)
    low = serializers.ListField(child=serializers.FloatField(allow_null=True), allow_null=True)
    close = serializers.ListField(child=serializers.FloatField(allow_null=True))
    volume = serializers.ListField(child=serializers.FloatField(allow_null=True), allow_null=True)
