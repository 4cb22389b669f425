"""Every table of the trading domain in ``default``; bars follow in ``0002_prices``."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Scan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("symbols", models.JSONField(default=list, help_text="Tickers scanned, in order.")),
                ("parameters", models.JSONField(default=dict)),
                (
                    "timeframe",
                    models.CharField(
                        choices=[("1d", "Daily"), ("1wk", "Weekly"), ("1mo", "Monthly")],
                        default="1d",
                        max_length=3,
                    ),
                ),
                ("start_date", models.DateField(blank=True, null=True)),
                ("end_date", models.DateField(blank=True, null=True)),
                ("manifest", models.JSONField(blank=True, null=True)),
                ("n_symbols", models.PositiveIntegerField(default=0)),
                (
                    "n_tests",
                    models.PositiveIntegerField(default=0, help_text="Hypotheses tested: unordered pairs."),
                ),
                ("n_skipped", models.PositiveIntegerField(default=0)),
                (
                    "n_discoveries",
                    models.PositiveIntegerField(default=0, help_text="Pairs with q at most alpha."),
                ),
                (
                    "n_nominal",
                    models.PositiveIntegerField(
                        default=0, help_text="Pairs with an uncorrected p at most 5 %."
                    ),
                ),
                (
                    "reasons",
                    models.JSONField(default=dict, help_text="Why pairs were not tested: reason to count."),
                ),
                (
                    "result_hash",
                    models.CharField(
                        blank=True, help_text="SHA-256 of the whole result table.", max_length=64
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scans",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Symbol",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ticker",
                    models.CharField(
                        max_length=20,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z0-9][A-Z0-9.\\-=^/]{0,19}\\Z",
                                "a ticker is 1 to 20 capital letters, digits and . - = ^ /, such as KO or BRK.B",
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200)),
                ("sector", models.CharField(blank=True, db_index=True, max_length=100)),
                ("exchange", models.CharField(blank=True, max_length=40)),
                ("currency", models.CharField(default="USD", max_length=3)),
                (
                    "asset_class",
                    models.CharField(
                        choices=[
                            ("equity", "Equity"),
                            ("etf", "Exchange-traded fund"),
                            ("crypto", "Crypto"),
                            ("future", "Future"),
                            ("fx", "Currency"),
                            ("synthetic", "Synthetic"),
                        ],
                        default="equity",
                        max_length=12,
                    ),
                ),
                (
                    "calendar",
                    models.CharField(
                        default="XNYS", help_text="Exchange calendar, such as XNYS or 24/7.", max_length=20
                    ),
                ),
                ("is_active", models.BooleanField(db_index=True, default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ("ticker",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ticker", django.db.models.functions.text.Upper("ticker"))),
                        name="symbol_ticker_is_upper_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ticker", ""), _negated=True), name="symbol_ticker_is_not_empty"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TradingPair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "timeframe",
                    models.CharField(
                        choices=[("1d", "Daily"), ("1wk", "Weekly"), ("1mo", "Monthly")],
                        default="1d",
                        max_length=3,
                    ),
                ),
                (
                    "trend",
                    models.CharField(
                        choices=[
                            ("n", "None"),
                            ("c", "Constant"),
                            ("ct", "Constant and trend"),
                            ("ctt", "Constant, trend and its square"),
                        ],
                        default="c",
                        max_length=3,
                    ),
                ),
                (
                    "scale",
                    models.CharField(
                        choices=[
                            ("log", "Log prices: dollars per dollar"),
                            ("price", "Prices: shares per share"),
                        ],
                        default="log",
                        max_length=5,
                    ),
                ),
                ("cointegration_pvalue", models.FloatField()),
                (
                    "qvalue",
                    models.FloatField(
                        blank=True, help_text="Empty when the pair was tested on its own.", null=True
                    ),
                ),
                ("statistic", models.FloatField()),
                (
                    "half_life",
                    models.FloatField(
                        blank=True, help_text="Bars; empty when the spread does not revert.", null=True
                    ),
                ),
                ("correlation", models.FloatField(blank=True, help_text="Of log returns.", null=True)),
                ("hedge_ratio", models.FloatField()),
                ("intercept", models.FloatField(default=0.0)),
                (
                    "stability_score",
                    models.FloatField(blank=True, help_text="Empty until it has been estimated.", null=True),
                ),
                ("fit_start", models.DateTimeField()),
                ("fit_end", models.DateTimeField()),
                ("n_obs", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("is_active", models.BooleanField(db_index=True, default=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="pairs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "scan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="pairs",
                        to="trading.scan",
                    ),
                ),
                (
                    "symbol_1",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pairs_as_first",
                        to="trading.symbol",
                    ),
                ),
                (
                    "symbol_2",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pairs_as_second",
                        to="trading.symbol",
                    ),
                ),
            ],
            options={
                "ordering": ("cointegration_pvalue", "id"),
            },
        ),
        migrations.CreateModel(
            name="Signal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("timestamp", models.DateTimeField()),
                (
                    "signal_type",
                    models.CharField(
                        choices=[
                            ("entry_long", "Enter long the spread"),
                            ("entry_short", "Enter short the spread"),
                            ("exit", "Exit"),
                            ("stop", "Stop out"),
                        ],
                        max_length=12,
                    ),
                ),
                ("z_score", models.FloatField()),
                ("spread_value", models.FloatField()),
                ("confidence_score", models.FloatField(blank=True, null=True)),
                ("regime", models.CharField(blank=True, max_length=40)),
                ("processed", models.BooleanField(default=False)),
                (
                    "pair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signals",
                        to="trading.tradingpair",
                    ),
                ),
            ],
            options={
                "ordering": ("-timestamp", "-id"),
            },
        ),
        migrations.CreateModel(
            name="ScanCandidate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rank", models.PositiveIntegerField()),
                ("statistic", models.FloatField()),
                ("pvalue", models.FloatField()),
                (
                    "hypothesis_pvalue",
                    models.FloatField(help_text="Both directions counted: min(1, 2·min(p₁, p₂))."),
                ),
                ("qvalue", models.FloatField()),
                ("lag", models.PositiveIntegerField()),
                ("hedge_ratio", models.FloatField()),
                ("intercept", models.FloatField()),
                ("correlation", models.FloatField(blank=True, null=True)),
                (
                    "half_life",
                    models.FloatField(
                        blank=True, help_text="Bars; empty when the spread does not revert.", null=True
                    ),
                ),
                ("n_obs", models.PositiveIntegerField()),
                ("sparkline", models.JSONField(default=list, help_text="The spread in ≤ 48 points.")),
                (
                    "scan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="candidates",
                        to="trading.scan",
                    ),
                ),
                (
                    "symbol_1",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidates_as_first",
                        to="trading.symbol",
                    ),
                ),
                (
                    "symbol_2",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidates_as_second",
                        to="trading.symbol",
                    ),
                ),
                (
                    "pair",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="promoted_from",
                        to="trading.tradingpair",
                    ),
                ),
            ],
            options={
                "ordering": ("scan", "rank"),
                "permissions": (("promote_scancandidate", "Can promote scan candidates to pairs"),),
            },
        ),
        migrations.CreateModel(
            name="Universe",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("slug", models.SlugField(max_length=100, unique=True)),
                ("description", models.TextField(blank=True)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("demo", "Demo data"),
                            ("synthetic", "Synthetic, with known truth"),
                            ("user", "Made here"),
                        ],
                        default="user",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="universes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "symbols",
                    models.ManyToManyField(blank=True, related_name="universes", to="trading.symbol"),
                ),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.AddField(
            model_name="scan",
            name="universe",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="scans",
                to="trading.universe",
            ),
        ),
        migrations.CreateModel(
            name="PlantedPair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cointegrated", "Cointegrated throughout"),
                            ("breaking", "Cointegrated until it breaks"),
                        ],
                        max_length=12,
                    ),
                ),
                ("hedge_ratio", models.FloatField()),
                ("half_life", models.FloatField(help_text="Bars.")),
                ("break_at", models.DateTimeField(blank=True, null=True)),
                (
                    "symbol_1",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="planted_as_first",
                        to="trading.symbol",
                    ),
                ),
                (
                    "symbol_2",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="planted_as_second",
                        to="trading.symbol",
                    ),
                ),
                (
                    "universe",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="planted_pairs",
                        to="trading.universe",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("scan", "Cointegration scan"),
                            ("ingest", "Price ingestion"),
                            ("demo", "Demo data"),
                            ("housekeeping", "Housekeeping"),
                        ],
                        max_length=40,
                    ),
                ),
                ("subject_type", models.CharField(blank=True, default="", max_length=40)),
                ("subject_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("RUNNING", "Running"),
                            ("COMPLETED", "Completed"),
                            ("FAILED", "Failed"),
                            ("ERRORED", "Errored"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PENDING",
                        max_length=10,
                    ),
                ),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("deaths", models.PositiveSmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("worker", models.CharField(blank=True, default="", max_length=100)),
                ("checkpoint", models.JSONField(blank=True, default=dict)),
                ("progress", models.FloatField(default=0.0)),
                ("stage", models.CharField(blank=True, default="", max_length=100)),
                ("message", models.TextField(blank=True, default="")),
                ("error", models.TextField(blank=True, default="")),
                ("cancel_requested", models.BooleanField(default=False)),
                ("schedule_key", models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="jobs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "permissions": (("cancel_job", "Can cancel own jobs"),),
                "indexes": [
                    models.Index(fields=["status", "lease_until"], name="job_by_state"),
                    models.Index(fields=["owner", "-id"], name="job_by_owner"),
                    models.Index(fields=["subject_type", "subject_id"], name="job_by_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("progress__range", (0, 1))), name="job_progress_in_range"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "timeframe",
                    models.CharField(
                        choices=[("1d", "Daily"), ("1wk", "Weekly"), ("1mo", "Monthly")],
                        default="1d",
                        max_length=3,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        help_text="Provider, file or generator the bars came from.", max_length=40
                    ),
                ),
                (
                    "adjustment",
                    models.CharField(
                        choices=[
                            ("raw", "As quoted"),
                            ("split", "Adjusted for splits"),
                            ("total_return", "Total-return index"),
                        ],
                        max_length=12,
                    ),
                ),
                ("first_timestamp", models.DateTimeField(blank=True, null=True)),
                ("last_timestamp", models.DateTimeField(blank=True, null=True)),
                ("n_bars", models.PositiveIntegerField(default=0)),
                ("updated_at", models.DateTimeField(auto_now=True, help_text="When its bars last changed.")),
                (
                    "symbol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="series",
                        to="trading.symbol",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "series",
                "ordering": ("symbol__ticker", "timeframe", "source", "adjustment"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("symbol", "timeframe", "source", "adjustment"), name="series_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("first_timestamp__isnull", True),
                                ("last_timestamp__isnull", True),
                                ("n_bars", 0),
                            ),
                            models.Q(
                                ("first_timestamp__isnull", False),
                                ("last_timestamp__gte", models.F("first_timestamp")),
                                ("last_timestamp__isnull", False),
                                ("n_bars__gt", 0),
                            ),
                            _connector="OR",
                        ),
                        name="series_coverage_is_whole",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="tradingpair",
            constraint=models.UniqueConstraint(
                fields=("symbol_1", "symbol_2", "timeframe"), name="pair_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="tradingpair",
            constraint=models.CheckConstraint(
                condition=models.Q(("symbol_1", models.F("symbol_2")), _negated=True),
                name="pair_has_two_symbols",
            ),
        ),
        migrations.AddConstraint(
            model_name="tradingpair",
            constraint=models.CheckConstraint(
                condition=models.Q(("cointegration_pvalue__range", (0, 1))), name="pair_pvalue_in_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="tradingpair",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stability_score__isnull", True), ("stability_score__range", (0, 1)), _connector="OR"
                ),
                name="pair_stability_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="tradingpair",
            constraint=models.CheckConstraint(
                condition=models.Q(("fit_start__lte", models.F("fit_end"))),
                name="pair_fit_starts_before_it_ends",
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["processed", "timestamp"], name="signal_to_process"),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.UniqueConstraint(
                fields=("pair", "timestamp", "signal_type"), name="signal_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confidence_score__isnull", True), ("confidence_score__range", (0, 1)), _connector="OR"
                ),
                name="signal_confidence_in_range",
            ),
        ),
        migrations.AddIndex(
            model_name="scancandidate",
            index=models.Index(fields=["scan", "statistic"], name="candidate_by_statistic"),
        ),
        migrations.AddIndex(
            model_name="scancandidate",
            index=models.Index(fields=["scan", "qvalue"], name="candidate_by_qvalue"),
        ),
        migrations.AddConstraint(
            model_name="scancandidate",
            constraint=models.UniqueConstraint(fields=("scan", "rank"), name="candidate_rank_once"),
        ),
        migrations.AddConstraint(
            model_name="scancandidate",
            constraint=models.UniqueConstraint(
                fields=("scan", "symbol_1", "symbol_2"), name="candidate_pair_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="scancandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(("symbol_1", models.F("symbol_2")), _negated=True),
                name="candidate_has_two_symbols",
            ),
        ),
        migrations.AddConstraint(
            model_name="scancandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hypothesis_pvalue__range", (0, 1)), ("pvalue__range", (0, 1)), ("qvalue__range", (0, 1))
                ),
                name="candidate_probabilities_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="scan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("start_date__isnull", True),
                    ("end_date__isnull", True),
                    ("start_date__lte", models.F("end_date")),
                    _connector="OR",
                ),
                name="scan_starts_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="plantedpair",
            constraint=models.UniqueConstraint(
                fields=("universe", "symbol_1", "symbol_2"), name="planted_pair_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="plantedpair",
            constraint=models.CheckConstraint(
                condition=models.Q(("symbol_1", models.F("symbol_2")), _negated=True),
                name="planted_pair_has_two_symbols",
            ),
        ),
        migrations.AddConstraint(
            model_name="plantedpair",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("break_at__isnull", True), ("kind", "cointegrated")),
                    models.Q(("break_at__isnull", False), ("kind", "breaking")),
                    _connector="OR",
                ),
                name="planted_pair_breaks_when_it_says_so",
            ),
        ),
    ]
