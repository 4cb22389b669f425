"""Invitations: a link with which somebody sets the password of an account, once."""

from django.db import models

from users.models.accounts import User

__all__ = ["Invitation"]


class Invitation(models.Model):
    """One link, for a new account or a forgotten password; its token is kept as a hash."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"invitation of {self.user_id}, until {self.expires_at:%Y-%m-%d}"
