"""A scan of many pairs: what was asked, what came of it, and the candidates worth a look."""

from django.db import models

from trading.models.pairs import TradingPair
from trading.models.prices import Timeframe
from trading.models.symbols import Symbol, Universe
from users.models import User

__all__ = ["Scan", "ScanCandidate"]


class ScanQuerySet(models.QuerySet["Scan"]):
    """Questions asked of scans."""

    def visible_to(self, user: User) -> "ScanQuerySet":
        """One's own, and no one else's."""
        return self.filter(owner=user)

    def completed(self) -> "ScanQuerySet":
        """Those with a result."""
        return self.filter(completed_at__isnull=False)


class Scan(models.Model):
    """One run over a universe: parameters, manifest and result. Status and progress belong to its `Job`."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="scans")
    universe = models.ForeignKey(
        Universe, null=True, blank=True, on_delete=models.SET_NULL, related_name="scans"
    )
    symbols = models.JSONField(default=list, help_text="Tickers scanned, in order.")
    parameters = models.JSONField(default=dict)
    timeframe = models.CharField(max_length=3, choices=Timeframe.choices, default=Timeframe.DAILY)
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)
    manifest = models.JSONField(null=True, blank=True)
    n_symbols = models.PositiveIntegerField(default=0)
    n_tests = models.PositiveIntegerField(default=0, help_text="Hypotheses tested: unordered pairs.")
    n_skipped = models.PositiveIntegerField(default=0)
    n_discoveries = models.PositiveIntegerField(default=0, help_text="Pairs with q at most alpha.")
    n_nominal = models.PositiveIntegerField(default=0, help_text="Pairs with an uncorrected p at most 5 %.")
    null_discoveries = models.FloatField(
        null=True, blank=True, help_text="Discoveries the same scan makes on its own null, mean of the draws."
    )
    null_nominal = models.FloatField(
        null=True, blank=True, help_text="Pairs with p at most 5 % on that null, mean of the draws."
    )
    null_draws = models.PositiveIntegerField(null=True, blank=True, help_text="Draws of the null made.")
    reasons = models.JSONField(default=dict, help_text="Why pairs were not tested: reason to count.")
    result_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the whole result table.")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(start_date__isnull=True)
                | models.Q(end_date__isnull=True)
                | models.Q(start_date__lte=models.F("end_date")),
                name="scan_starts_before_it_ends",
            ),
        )

    def __str__(self) -> str:
        return f"scan {self.pk} of {self.universe or f'{len(self.symbols)} symbols'}"

    @property
    def is_complete(self) -> bool:
        """Whether it has a result."""
        return self.completed_at is not None


class ScanCandidateQuerySet(models.QuerySet["ScanCandidate"]):
    """Questions asked of candidates."""

    def visible_to(self, user: User) -> "ScanCandidateQuerySet":
        """Those of one's own scans."""
        return self.filter(scan__owner=user)


class ScanCandidate(models.Model):
    """The better direction of one tested pair; `symbol_1` is the dependent leg."""

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="candidates")
    rank = models.PositiveIntegerField()
    symbol_1 = models.ForeignKey(Symbol, on_delete=models.PROTECT, related_name="candidates_as_first")
    symbol_2 = models.ForeignKey(Symbol, on_delete=models.PROTECT, related_name="candidates_as_second")
    statistic = models.FloatField()
    pvalue = models.FloatField()
    hypothesis_pvalue = models.FloatField(help_text="Both directions counted: min(1, 2·min(p₁, p₂)).")
    qvalue = models.FloatField()
    lag = models.PositiveIntegerField()
    hedge_ratio = models.FloatField()
    intercept = models.FloatField()
    correlation = models.FloatField(null=True, blank=True)
    half_life = models.FloatField(
        null=True, blank=True, help_text="Bars; empty when the spread does not revert."
    )
    n_obs = models.PositiveIntegerField()
    outlier_pvalue = models.FloatField(
        null=True, blank=True, help_text="Pair's p without its three most influential bars."
    )
    outlier_driven = models.BooleanField(
        null=True, blank=True, help_text="Whether p crosses alpha without these bars."
    )
    fwer_pvalue = models.FloatField(
        null=True, blank=True, help_text="Romano–Wolf, over every pair; with 199 draws of the null or more."
    )
    sparkline = models.JSONField(default=list, help_text="The spread in ≤ 48 points.")
    pair = models.ForeignKey(
        TradingPair, null=True, blank=True, on_delete=models.SET_NULL, related_name="promoted_from"
    )

    objects = ScanCandidateQuerySet.as_manager()

    class Meta:
        ordering = ("scan", "rank")
        permissions = (("promote_scancandidate", "Can promote scan candidates to pairs"),)
        constraints = (
            models.UniqueConstraint(fields=("scan", "rank"), name="candidate_rank_once"),
            models.UniqueConstraint(fields=("scan", "symbol_1", "symbol_2"), name="candidate_pair_once"),
            models.CheckConstraint(
                condition=~models.Q(symbol_1=models.F("symbol_2")), name="candidate_has_two_symbols"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    pvalue__range=(0, 1), hypothesis_pvalue__range=(0, 1), qvalue__range=(0, 1)
                ),
                name="candidate_probabilities_in_range",
            ),
        )
        indexes = (
            models.Index(fields=("scan", "statistic"), name="candidate_by_statistic"),
            models.Index(fields=("scan", "qvalue"), name="candidate_by_qvalue"),
        )

    def __str__(self) -> str:
        return f"#{self.rank} {self.symbol_1}/{self.symbol_2}"
