"""The three roles: groups that carry Django model permissions.

They are granted after every migrate rather than in a data migration, because permissions themselves are made
then: a model added next year reaches the admin role without anyone remembering to say so.
"""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db import models, router, transaction

__all__ = ["ROLE_PERMISSIONS", "Role", "grant_after_migrate"]

OUR_APPS = frozenset({"common", "users", "trading", "api"})


class Role(models.TextChoices):
    """What a person may do, from least to most."""

    VIEWER = "viewer", "Viewer: looks at shared data and pairs"
    TRADER = "trader", "Trader: also keeps symbols, scans, and promotes pairs"
    ADMIN = "admin", "Admin: everything, accounts included"


# What is one's own whatever one's role: told, watched, arranged.
_PERSONAL = frozenset(
    f"trading.{verb}_{model}"
    for verb in ("view", "add", "change", "delete")
    for model in ("alert", "alertrule", "alertchannel", "watch", "tablelayout")
)
_VIEWER = _PERSONAL | frozenset(
    f"trading.view_{model}"
    for model in (
        "symbol",
        "universe",
        "plantedpair",
        "series",
        "price",
        "corporateaction",
        "tradingpair",
        "signal",
        "scan",
        "scancandidate",
        "job",
        "ingestion",
        "quarantinedbar",
    )
)
_RUNS = ("strategy", "backtestrun", "sweep", "walkforwardrun")
_TRADER = _VIEWER | frozenset(
    {
        "trading.add_symbol",
        "trading.change_symbol",
        "trading.delete_symbol",
        "trading.add_universe",
        "trading.change_universe",
        "trading.delete_universe",
        "trading.add_ingestion",
        "trading.add_scan",
        "trading.delete_scan",
        "trading.promote_scancandidate",
        "trading.add_tradingpair",
        "trading.change_tradingpair",
        "trading.delete_tradingpair",
        "trading.add_job",
        "trading.cancel_job",
        "trading.view_worker",
        *(f"trading.{verb}_{run}" for verb in ("view", "add", "delete") for run in _RUNS),
        "trading.change_strategy",
        # a link shows something to people without an account: traders may, viewers may not
        "trading.view_share",
        "trading.add_share",
        "trading.delete_share",
    }
)
# The admin role has every permission of TITAN's own apps, so it is no list.
ROLE_PERMISSIONS: dict[str, frozenset[str]] = {Role.VIEWER.value: _VIEWER, Role.TRADER.value: _TRADER}


def grant_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Give each role its permissions on the models of the app just migrated, and take away what it lost."""
    if sender.label not in OUR_APPS or not router.allow_migrate_model(using, Group):
        return
    here = list(
        Permission.objects.using(using)
        .filter(content_type__app_label=sender.label)
        .select_related("content_type")
    )
    with transaction.atomic(using=using):
        for role in Role.values:
            group, _ = Group.objects.using(using).get_or_create(name=role)
            granted = {p.pk for p in here if role == Role.ADMIN or _name(p) in ROLE_PERMISSIONS[role]}
            held = set(
                group.permissions.filter(content_type__app_label=sender.label).values_list("pk", flat=True)
            )
            group.permissions.add(*(granted - held))
            group.permissions.remove(*(held - granted))


def _name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"
