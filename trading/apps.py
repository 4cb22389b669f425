"""Django's handle on the trading app."""

from django.apps import AppConfig


class TradingConfig(AppConfig):
    """Symbols, prices, scans, pairs, jobs."""

    name = "trading"
    default_auto_field = "django.db.models.BigAutoField"
