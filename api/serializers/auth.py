"""Signing in and out, who one is, and what one prefers."""

import zoneinfo
from typing import Any

from rest_framework import serializers

from api.serializers.base import ChoiceField, Form, ReadSerializer
from api.serializers.choices import NOTIFICATION_CHANNEL, ROLE, THEME, TIMEFRAME
from trading.models import Universe

__all__ = [
    "MeSerializer",
    "MeUpdateSerializer",
    "PasswordChangeSerializer",
    "RefreshSerializer",
    "TokenObtainSerializer",
    "TokenPairSerializer",
    "TokenStateSerializer",
    "TokenVerifySerializer",
    "WsTicketSerializer",
]


class TokenObtainSerializer(Form):
    """Name and password, and a code where the account asks for one."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False, style={"input_type": "password"})
    otp = serializers.CharField(
        max_length=32,
        required=False,
        allow_blank=True,
        help_text="Code of the authenticator, or a recovery code; needed where signing in answers otp_required.",
    )


class RefreshSerializer(Form):
    """A refresh token."""

    refresh = serializers.CharField(max_length=4096)


class TokenVerifySerializer(Form):
    """A token of either kind."""

    token = serializers.CharField(max_length=4096)


class TokenPairSerializer(serializers.Serializer[Any]):
    """An access token for the Authorization header, and a refresh token good for one use."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class TokenStateSerializer(serializers.Serializer[Any]):
    """A token that verified: its kind and when it expires."""

    token_type = ChoiceField(choices=["access", "refresh"])
    expires_at = serializers.DateTimeField()


class WsTicketSerializer(serializers.Serializer[Any]):
    """A ticket that opens one WebSocket, once."""

    ticket = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class PreferencesSerializer(serializers.Serializer[Any]):
    """How a person likes TITAN to look and to test."""

    theme = ChoiceField(choices=THEME)
    timezone = serializers.CharField()
    default_universe = serializers.IntegerField(allow_null=True)
    default_timeframe = ChoiceField(choices=TIMEFRAME)
    scan_window_years = serializers.IntegerField()
    min_overlap = serializers.IntegerField()
    alpha = serializers.FloatField()
    base_currency = serializers.CharField(help_text="ISO 4217.")
    capital = serializers.FloatField(help_text="In the base currency.")
    risk_per_trade = serializers.FloatField(help_text="Share of capital.")
    gross_limit = serializers.FloatField(help_text="Gross exposure as a multiple of capital.")
    entry_z = serializers.FloatField()
    exit_z = serializers.FloatField()
    single_key_shortcuts = serializers.BooleanField()
    notification_channels = serializers.ListField(child=ChoiceField(choices=NOTIFICATION_CHANNEL))


class PreferencesUpdateSerializer(Form):
    """Preferences to change; what is left out stays."""

    theme = ChoiceField(choices=THEME, required=False)
    timezone = serializers.CharField(max_length=64, required=False, help_text="IANA name, or UTC.")
    default_universe = serializers.IntegerField(
        allow_null=True, required=False, min_value=1, max_value=2**63 - 1, help_text="Id of a universe."
    )
    default_timeframe = ChoiceField(choices=TIMEFRAME, required=False)
    scan_window_years = serializers.IntegerField(min_value=1, max_value=100, required=False)
    min_overlap = serializers.IntegerField(min_value=30, max_value=100_000, required=False)
    alpha = serializers.FloatField(min_value=1e-6, max_value=0.5, required=False)
    base_currency = serializers.RegexField(
        r"^[A-Z]{3}\Z", required=False, help_text="ISO 4217, three capitals, such as EUR."
    )
    capital = serializers.FloatField(min_value=1.0, max_value=1e12, required=False)
    risk_per_trade = serializers.FloatField(min_value=1e-5, max_value=1.0, required=False)
    gross_limit = serializers.FloatField(min_value=0.01, max_value=100.0, required=False)
    entry_z = serializers.FloatField(min_value=0.1, max_value=20.0, required=False)
    exit_z = serializers.FloatField(min_value=-20.0, max_value=20.0, required=False)
    single_key_shortcuts = serializers.BooleanField(required=False)
    notification_channels = serializers.ListField(
        child=ChoiceField(choices=NOTIFICATION_CHANNEL), max_length=3, required=False
    )

    def validate_timezone(self, value: str) -> str:
        """A name the time zone database knows."""
        if value not in zoneinfo.available_timezones():
            raise serializers.ValidationError(
                f"{value!r} is not an IANA time zone; give one like Europe/Berlin."
            )
        return value

    def validate_notification_channels(self, value: list[str]) -> list[str]:
        """Each once."""
        return list(dict.fromkeys(value))

    def validate_default_universe(self, value: int | None) -> int | None:
        """A universe that exists."""
        if value is not None and not Universe.objects.filter(pk=value).exists():
            raise serializers.ValidationError(
                f"There is no universe {value}; see universes/ for those there are."
            )
        return value


class MeSerializer(ReadSerializer):
    """The person signed in, and what they may do."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    role = ChoiceField(choices=ROLE, allow_null=True, help_text="The greatest role held.")
    roles = serializers.ListField(child=ChoiceField(choices=ROLE))
    totp_enabled = serializers.BooleanField()
    permissions = serializers.ListField(child=serializers.CharField(), help_text="As app.codename.")
    preferences = PreferencesSerializer()


class MeUpdateSerializer(Form):
    """What one may change about oneself; what is left out stays."""

    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    first_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    last_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    preferences = PreferencesUpdateSerializer(required=False)


class PasswordChangeSerializer(Form):
    """The password as it is and as it shall be; every other session's refresh token is revoked."""

    current_password = serializers.CharField(max_length=4096, trim_whitespace=False)
    new_password = serializers.CharField(max_length=4096, trim_whitespace=False)
    refresh = serializers.CharField(
        max_length=4096, required=False, help_text="This session's refresh token, which then stays good."
    )
