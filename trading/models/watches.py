"""Pairs a person keeps an eye on."""

from django.db import models

from trading.models.pairs import TradingPair
from users.models import User

__all__ = ["Watch"]


class Watch(models.Model):
    """One person's star on one pair."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="watches")
    pair = models.ForeignKey(TradingPair, on_delete=models.CASCADE, related_name="watches")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name_plural = "watches"
        constraints = (models.UniqueConstraint(fields=("owner", "pair"), name="watched_once"),)

    def __str__(self) -> str:
        return f"{self.owner_id} watches pair {self.pair_id}"
