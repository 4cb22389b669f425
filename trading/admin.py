"""The trading domain in Django's admin.

Prices and corporate actions are not here: Django's admin can't address rows with a composite key. `Series` shows
where they come from and how far they reach; the application's Data page shows the bars themselves. What a run or
the job service wrote is shown read-only: editing a result would make it a lie.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from trading import desk_admin
from trading.models import (
    Ingestion,
    Job,
    PlantedPair,
    Scan,
    ScanCandidate,
    Series,
    Signal,
    SignalState,
    Symbol,
    TradingPair,
    Universe,
    Worker,
)

__all__ = ["ReadOnlyAdmin", "desk_admin"]  # Django looks for pages in this module only

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
    _SymbolForm = forms.ModelForm[Symbol]
    _Inline = admin.TabularInline[PlantedPair, Universe]
else:
    # generic to the type checker only
    _Admin, _Inline, _SymbolForm = admin.ModelAdmin, admin.TabularInline, forms.ModelForm


class ReadOnlyAdmin(_Admin):
    """Shows rows that only the software writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody edits one."""
        return False


class PlantedPairInline(_Inline):
    """The truth about a synthetic universe, on its page."""

    model = PlantedPair
    extra = 0
    can_delete = False
    fields = readonly_fields = ("symbol_1", "symbol_2", "kind", "hedge_ratio", "half_life", "break_at")

    def has_add_permission(self, request: HttpRequest, obj: Universe | None = None) -> bool:
        """The generator plants pairs, nobody else."""
        return False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[PlantedPair]:
        """With both legs, in one query."""
        return super().get_queryset(request).select_related("symbol_1", "symbol_2")


class SymbolForm(_SymbolForm):
    """A symbol as the API takes it too."""

    class Meta:
        model = Symbol
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        """A delisting that is told anew must be possible and agree with the bars."""
        from trading.services.backtesting.delistings import check_told_delisting
        from trading.services.refusals import Refusal

        found: dict[str, Any] = super().clean() or self.cleaned_data
        told = {
            name: found.get(name) for name in ("delisted_on", "delisting_return") if name in self.changed_data
        }
        try:
            check_told_delisting(
                self.instance if self.instance.pk else None,
                day=told.get("delisted_on"),
                value=told.get("delisting_return"),
            )
        except Refusal as error:
            self.add_error(error.field, str(error))
        return found


@admin.register(Symbol)
class SymbolAdmin(_Admin):
    """Symbols; deactivated rather than deleted, for scans and pairs refer to them."""

    form = SymbolForm
    list_display = ("ticker", "name", "sector", "exchange", "asset_class", "is_active")
    list_filter = ("is_active", "asset_class", "sector", "exchange")
    search_fields = ("ticker", "name")
    actions = ["deactivate"]

    def has_delete_permission(self, request: HttpRequest, obj: Symbol | None = None) -> bool:
        """Use the deactivate action."""
        return False

    @admin.action(description="Deactivate the selected symbols", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: models.QuerySet[Symbol]) -> None:
        """Hide them from new work."""
        for symbol in queryset:
            symbol.deactivate()
        self.message_user(request, f"{len(queryset)} deactivated.")


@admin.register(Universe)
class UniverseAdmin(_Admin):
    """Universes and their members."""

    list_display = ("name", "source", "n_symbols", "updated_at")
    list_filter = ("source",)
    search_fields = ("name", "slug", "symbols__ticker")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("symbols",)
    raw_id_fields = ("created_by",)
    inlines = [PlantedPairInline]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Universe]:
        """With the number of members counted in the same query."""
        universes: models.QuerySet[Universe] = super().get_queryset(request)
        return universes.annotate(members=models.Count("symbols"))

    @admin.display(description="symbols", ordering="members")
    def n_symbols(self, universe: Universe) -> int:
        """Number of members."""
        return int(getattr(universe, "members", 0))


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    """Provenance and coverage of bars."""

    list_display = (
        "symbol",
        "timeframe",
        "source",
        "adjustment",
        "n_bars",
        "first_timestamp",
        "last_timestamp",
    )
    list_filter = ("timeframe", "source", "adjustment")
    search_fields = ("symbol__ticker",)
    list_select_related = ("symbol",)

    def has_delete_permission(self, request: HttpRequest, obj: Series | None = None) -> bool:
        """Its bars lie in another database and would be left behind."""
        return False


@admin.register(Scan)
class ScanAdmin(ReadOnlyAdmin):
    """Scans; deleting one deletes its candidates."""

    list_display = ("id", "owner", "universe", "n_tests", "n_discoveries", "created_at", "completed_at")
    list_filter = ("universe", "timeframe")
    search_fields = ("owner__username",)
    list_select_related = ("owner", "universe")
    date_hierarchy = "created_at"


@admin.register(ScanCandidate)
class ScanCandidateAdmin(ReadOnlyAdmin):
    """Candidates of scans."""

    list_display = ("scan_id", "rank", "symbol_1", "symbol_2", "statistic", "qvalue", "half_life")
    search_fields = ("symbol_1__ticker", "symbol_2__ticker")
    list_select_related = ("symbol_1", "symbol_2")


@admin.register(Ingestion)
class IngestionAdmin(ReadOnlyAdmin):
    """Files that were brought in; deleting one deletes its row report, never its bars."""

    list_display = ("id", "owner", "filename", "source", "universe", "size", "created_at", "completed_at")
    list_filter = ("source",)
    search_fields = ("owner__username", "filename", "sha256")
    list_select_related = ("owner", "universe")
    date_hierarchy = "created_at"


@admin.register(TradingPair)
class TradingPairAdmin(ReadOnlyAdmin):
    """Promoted pairs; a fit stays as it was made, and pairs are retired in the application."""

    list_display = ("__str__", "timeframe", "cointegration_pvalue", "half_life", "hedge_ratio", "is_active")
    list_filter = ("is_active", "timeframe", "scale")
    search_fields = ("symbol_1__ticker", "symbol_2__ticker")
    list_select_related = ("symbol_1", "symbol_2")


@admin.register(SignalState)
class SignalStateAdmin(ReadOnlyAdmin):
    """How far each pair's signals are written, and why one has none."""

    list_display = ("pair", "last_bar", "side", "z_score", "message", "updated_at")
    list_select_related = ("pair__symbol_1", "pair__symbol_2")


@admin.register(Signal)
class SignalAdmin(ReadOnlyAdmin):
    """Signals of strategies."""

    list_display = ("pair", "timestamp", "signal_type", "z_score", "processed")
    list_filter = ("signal_type", "processed")
    list_select_related = ("pair__symbol_1", "pair__symbol_2")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Jobs; cancel them in the application, where the worker hears of it."""

    list_display = ("id", "kind", "owner", "status", "progress", "attempt", "created_at", "finished_at")
    list_filter = ("status", "kind")
    search_fields = ("owner__username", "message", "error")
    list_select_related = ("owner",)
    date_hierarchy = "created_at"

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        """A running job's row is its lease."""
        return False


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    """Processes that do jobs, as they last said of themselves."""

    list_display = ("name", "host", "pid", "queues", "version", "started_at", "seen_at", "stopping")
    list_filter = ("host", "stopping")
