"""Universes: named sets of symbols, and the truth of synthetic ones."""

from itertools import chain, count
from typing import Any, ClassVar

from django.utils.text import slugify
from rest_framework import serializers

from api.serializers.base import ChoiceField, ReadSerializer, StrictModelSerializer
from api.serializers.choices import PLANTED_KIND, UNIVERSE_SOURCE
from api.serializers.symbols import CoverageSerializer
from trading.models import Symbol, Universe

__all__ = [
    "UniverseDetailSerializer",
    "UniverseRefSerializer",
    "UniverseSerializer",
    "UniverseWriteSerializer",
]


class UniverseCoverageSerializer(serializers.Serializer[Any]):
    """First and last bar over all symbols of a universe, and how many bars they have together."""

    first = serializers.DateTimeField(allow_null=True)
    last = serializers.DateTimeField(allow_null=True)
    n_bars = serializers.IntegerField()


class UniverseRefSerializer(serializers.Serializer[Any]):
    """A universe as a scan mentions it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    source = ChoiceField(choices=UNIVERSE_SOURCE)  # type: ignore[assignment]  # DRF's Field has an attribute of this name; DRF itself keeps them apart


class UniverseSerializer(ReadSerializer):
    """A universe in a list."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()
    description = serializers.CharField()
    source = ChoiceField(choices=UNIVERSE_SOURCE)  # type: ignore[assignment]  # DRF's Field has an attribute of this name; DRF itself keeps them apart
    n_symbols = serializers.IntegerField()
    coverage = UniverseCoverageSerializer(source="*")


class UniverseSymbolSerializer(serializers.Serializer[Any]):
    """A member of a universe."""

    id = serializers.IntegerField()
    ticker = serializers.CharField()
    name = serializers.CharField()
    sector = serializers.CharField()
    coverage = CoverageSerializer(allow_null=True)


class PlantedPairSerializer(serializers.Serializer[Any]):
    """A pair the generator of a synthetic universe planted: the truth a scan is compared with."""

    symbol_1 = serializers.CharField(source="symbol_1.ticker")
    symbol_2 = serializers.CharField(source="symbol_2.ticker")
    kind = ChoiceField(choices=PLANTED_KIND)
    hedge_ratio = serializers.FloatField()
    half_life = serializers.FloatField(help_text="In bars.")
    break_at = serializers.DateTimeField(
        allow_null=True, help_text="Where the relation of a breaking pair ends."
    )


class UniverseDetailSerializer(UniverseSerializer):
    """One universe with its members and, where it is synthetic, its planted pairs."""

    symbols = UniverseSymbolSerializer(many=True)
    planted = PlantedPairSerializer(source="planted_pairs", many=True)


class UniverseWriteSerializer(StrictModelSerializer):
    """A universe as it is written; members are given as tickers."""

    symbols = serializers.SlugRelatedField(
        slug_field="ticker",
        many=True,
        queryset=Symbol.objects.filter(is_active=True),
        error_messages={
            "does_not_exist": "There is no active symbol {value}; see symbols/ for those there are."
        },
    )

    class Meta:
        model = Universe
        fields: ClassVar = ["name", "description", "symbols"]

    def create(self, validated_data: dict[str, Any]) -> Universe:
        """A universe of the user's own, under an address made of its name."""
        universe: Universe = super().create(
            {**validated_data, "slug": self._free_slug(validated_data["name"])}
        )
        return universe

    @staticmethod
    def _free_slug(name: str) -> str:
        stem = slugify(name)[:90] or "universe"
        taken = set(Universe.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
        return next(slug for slug in chain((stem,), (f"{stem}-{n}" for n in count(2))) if slug not in taken)
