"""What a run is asked with: rule, costs, sizing, limits; shared by backtests, sweeps and walk-forwards."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers.base import ChoiceField, Form
from api.serializers.choices import COST_MODEL, FILL, SIZING

__all__ = [
    "CostsField",
    "CostsSerializer",
    "GridField",
    "LimitsSerializer",
    "PairsField",
    "ParametersField",
    "RangesField",
    "SizingSerializer",
]

_NUMBER = {"type": "number", "format": "double"}


def _amount(**kwargs: Any) -> serializers.FloatField:
    return serializers.FloatField(required=False, min_value=0.0, **kwargs)


class CommissionSerializer(Form):
    """max(minimum, bps · value + per_share · shares) + per_order, for each leg and fill."""

    bps = _amount()
    per_share = _amount()
    minimum = _amount()
    per_order = _amount()


class ImpactSerializer(Form):
    """Square-root impact, and the share of volume that may be taken; null = no cap."""

    coefficient = _amount()
    participation = _amount(allow_null=True)
    window = serializers.IntegerField(required=False, min_value=5, max_value=1_000)


class BorrowRateSerializer(Form):
    """From this instant on a symbol's shares cost this a year; null = they can't be borrowed."""

    symbol = serializers.CharField(max_length=20)
    timestamp = serializers.CharField(max_length=40)
    rate_annual = serializers.FloatField(min_value=0.0, allow_null=True)


class RecallSerializer(Form):
    """From this instant on the lender wants a symbol's shares back."""

    symbol = serializers.CharField(max_length=20)
    timestamp = serializers.CharField(max_length=40)


class BorrowSerializer(Form):
    """Fee on borrowed shares."""

    rate_annual = _amount()
    rates = BorrowRateSerializer(many=True, required=False)
    recalls = RecallSerializer(many=True, required=False)


class FinancingSerializer(Form):
    """Interest on the account."""

    debit_rate_annual = _amount()
    credit_rate_annual = _amount()


class CostsSerializer(Form):
    """Everything between a decision and the money; what is left out costs nothing."""

    fill = ChoiceField(choices=FILL, required=False)
    half_spread_bps = _amount()
    commission = CommissionSerializer(required=False)
    impact = ImpactSerializer(required=False)
    borrow = BorrowSerializer(required=False)
    financing = FinancingSerializer(required=False)
    lot = _amount()
    legging_bps = _amount()
    limit_bps = _amount(allow_null=True, help_text="null = entries never wait.")
    expires_after = serializers.IntegerField(required=False, min_value=1, max_value=250)


@extend_schema_field(
    {"oneOf": [{"type": "string", "enum": COST_MODEL}, {"$ref": "#/components/schemas/Costs"}]}
)
class CostsField(serializers.Field[Any, Any, Any, Any]):
    """The id of a cost model, or costs in full."""

    def to_internal_value(self, data: Any) -> Any:
        """The id, or the checked object."""
        if isinstance(data, str):
            if data not in COST_MODEL:
                raise serializers.ValidationError(
                    f"{data[:40]!r} is not one of {', '.join(COST_MODEL)}: name a cost model, or give the costs."
                )
            return data
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("Name a cost model, or give the costs as an object.")
        return CostsSerializer(context=self.context).run_validation(data)

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value


class SizingSerializer(Form):
    """How large an entry is, as a fraction of equity."""

    name = ChoiceField(choices=SIZING, required=False)
    fraction = _amount()
    risk = _amount()
    kelly_share = _amount()
    most = _amount()
    window = serializers.IntegerField(required=False, min_value=20, max_value=5_000)
    least_bars = serializers.IntegerField(required=False, min_value=2, max_value=100_000)


class LimitsSerializer(Form):
    """Bounds of the book in multiples of equity; null = none."""

    gross = _amount(allow_null=True)
    net = _amount(allow_null=True)
    pair = _amount(allow_null=True)
    symbol = _amount(allow_null=True)
    sector = _amount(allow_null=True)


class ParametersField(serializers.DictField):
    """Parameters of a rule by name; null switches one off."""

    child = serializers.FloatField(allow_null=True)


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "oneOf": [
                {"type": "array", "items": {**_NUMBER, "type": ["number", "null"]}},
                {
                    "type": "object",
                    "properties": {"from": _NUMBER, "to": _NUMBER, "n": {"type": "integer"}},
                    "required": ["from", "to", "n"],
                },
            ]
        },
    }
)
class GridField(serializers.Field[Any, Any, Any, Any]):
    """By parameter: the values to try, or where they run from and to and how many."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Lists and ranges; whether they make sense is the engine's to say."""
        if not isinstance(data, Mapping) or not data:
            raise serializers.ValidationError(
                'Give at least one parameter and its values: {"entry_z": [1.5, 2]}.'
            )
        return {str(name)[:40]: self._values(str(name)[:40], values) for name, values in data.items()}

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value

    @staticmethod
    def _values(name: str, values: Any) -> Any:
        if isinstance(values, list) and 0 < len(values) <= 1_000:
            if all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values):
                return values
        elif isinstance(values, Mapping) and set(values) == {"from", "to", "n"}:
            first, last, n = values["from"], values["to"], values["n"]
            numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (first, last))
            if numbers and isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= 1_000:
                return {"from": float(first), "to": float(last), "n": n}
        raise serializers.ValidationError(
            {name: [f"Give {name} a list of 1 to 1,000 numbers, or {{from, to, n}} with n from 1 to 1,000."]}
        )


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {"from": _NUMBER, "to": _NUMBER, "step": _NUMBER, "log": {"type": "boolean"}},
            "required": ["from", "to"],
            "additionalProperties": False,
        },
        "minProperties": 1,
        "maxProperties": 8,
    }
)
class RangesField(serializers.Field[Any, Any, Any, Any]):
    """Parameters to search, each with its ends."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Ends by parameter."""
        if not isinstance(data, Mapping) or not data:
            raise serializers.ValidationError(
                'Give at least one parameter and its range: {"entry_z": {"from": 1, "to": 3}}.'
            )
        if len(data) > 8:
            raise serializers.ValidationError("Search at most 8 parameters at once; fix the others.")
        return {str(name)[:40]: self._range(str(name)[:40], told) for name, told in data.items()}

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value

    @staticmethod
    def _range(name: str, told: Any) -> dict[str, Any]:
        if isinstance(told, Mapping) and {"from", "to"} <= set(told) <= {"from", "to", "step", "log"}:
            numbers = [told[part] for part in ("from", "to", "step") if told.get(part) is not None]
            are_numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in numbers)
            if (
                are_numbers
                and all(abs(v) <= 1e12 for v in numbers)
                and len(numbers) >= 2
                and isinstance(told.get("log", False), bool)
            ):
                return dict(told)
        raise serializers.ValidationError(
            {name: [f"Give {name} a range: {{from, to}}, with a step or with log: true where wanted."]}
        )


class PairsField(serializers.ListField):
    """Pairs of tickers, the dependent leg first."""

    def __init__(self, **kwargs: Any) -> None:
        legs = serializers.ListField(child=serializers.CharField(max_length=20), min_length=2, max_length=2)
        super().__init__(child=legs, max_length=200, **kwargs)
