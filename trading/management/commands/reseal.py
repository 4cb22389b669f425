"""``titan reseal``: what is kept sealed is sealed anew under today's TITAN_SECRET_KEY, after the key was replaced."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common.sealing import Unsealable
from trading.services.alerts.channels import reseal_all as reseal_channels
from users.services.second_factor import reseal_all as reseal_authenticators


class Command(BaseCommand):
    """All of it or nothing; running it twice does no harm."""

    help = (
        "Seals authenticators' and channels' secrets anew under TITAN_SECRET_KEY. What TITAN_SECRET_KEY_FALLBACKS "
        "sealed opens without it afterwards; recovery codes and the audit trail can't be sealed anew."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Reseal."""
        try:
            with transaction.atomic():
                n_authenticators, n_channels = reseal_authenticators(), reseal_channels()
        except Unsealable as error:
            raise CommandError(f"nothing was changed: {error}") from error
        self.stdout.write(
            f"Sealed anew: {n_authenticators:,} authenticators, {n_channels:,} secrets of channels. Recovery codes "
            "made under a former key count only while that key is in TITAN_SECRET_KEY_FALLBACKS, and so does the "
            "audit trail: keep the key there, or note `titan audit verify` before and make new codes."
        )
