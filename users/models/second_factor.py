"""The second factor: a time-based one-time password, and recovery codes for the day the telephone is gone."""

from django.db import models

from users.models.accounts import User

__all__ = ["RecoveryCode", "TotpDevice"]


class TotpDevice(models.Model):
    """A person's authenticator (RFC 6238); asked for at sign-in once a code has confirmed it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="totp_device")
    sealed_secret = models.TextField(help_text="Encrypted with a key derived from SECRET_KEY.")
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # The 30-second interval of the last code taken: no code of it or before is taken again.
    last_interval = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"authenticator of {self.user_id}"


class RecoveryCode(models.Model):
    """A code that stands in for the authenticator once; kept as a keyed hash."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "digest"), name="recovery_code_once"),)

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"
