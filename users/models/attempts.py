"""Sign-ins that failed lately."""

from typing import ClassVar

from django.db import models

__all__ = ["LoginAttempt"]


class LoginAttempt(models.Model):
    """A failed sign-in, or one being tried just now; what lies longer back than the lockout's window is swept.

    The name is kept as a keyed hash: people type passwords there.
    """

    name_digest = models.CharField(max_length=64)
    address = models.CharField(max_length=45)
    at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["name_digest", "at"], name="login_attempt_name_at")]

    def __str__(self) -> str:
        return f"attempt at {self.at:%H:%M:%S}"
