"""Sign-ins that hold, and the second factor."""

from typing import Any

from rest_framework import serializers

from api.serializers.base import Form, ReadSerializer

__all__ = [
    "OtpCodeSerializer",
    "PasswordProofSerializer",
    "RecoveryCodesSerializer",
    "SessionSerializer",
    "TotpDisableSerializer",
    "TotpEnrolmentSerializer",
    "TotpStateSerializer",
]


class SessionSerializer(ReadSerializer):
    """One sign-in: a browser or a program that holds tokens."""

    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(help_text="To the minute.")
    expires_at = serializers.DateTimeField()
    user_agent = serializers.CharField()
    address = serializers.CharField()
    is_current = serializers.SerializerMethodField()

    def get_is_current(self, session: Any) -> bool:
        """Whether the request itself came from it."""
        return bool(session.pk == self.context.get("session"))


class TotpStateSerializer(serializers.Serializer[Any]):
    """Whether signing in asks for a code."""

    enabled = serializers.BooleanField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    recovery_codes_left = serializers.IntegerField()


class PasswordProofSerializer(Form):
    """One's current password, asked for again."""

    password = serializers.CharField(max_length=4096, trim_whitespace=False)


class TotpEnrolmentSerializer(serializers.Serializer[Any]):
    """What an authenticator app needs; shown once."""

    secret = serializers.CharField(help_text="Base 32.")
    otpauth_uri = serializers.CharField()
    qr_svg = serializers.CharField(help_text="The address as a QR code, an <svg> element.")


class OtpCodeSerializer(Form):
    """A code of the authenticator."""

    code = serializers.CharField(max_length=32)


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    """Codes that stand in for the authenticator, each once; shown once."""

    recovery_codes = serializers.ListField(child=serializers.CharField(), min_length=10, max_length=10)


class TotpDisableSerializer(PasswordProofSerializer):
    """One's password and a code, of the authenticator or for recovery."""

    code = serializers.CharField(max_length=32)
