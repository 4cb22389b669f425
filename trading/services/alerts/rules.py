"""Rules: what a person wants to be told of, and the usual ones everyone starts with."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from trading.models import AlertChannel, AlertDefaults, AlertKind, AlertRule, Severity
from trading.services.alerts.parameters import full_parameters
from trading.services.base_service import BaseService, async_form
from trading.services.refusals import Refusal
from users.models import TradingPreferences, User

__all__ = ["MAX_RULES", "AlertRuleService", "ensure_defaults"]

MAX_RULES = 100
# Completed jobs are told by the application itself as they end; as an alert they are for those who ask for it.
_USUAL: tuple[tuple[AlertKind, Severity, bool], ...] = (
    (AlertKind.JOB_FAILED, Severity.WARNING, True),
    (AlertKind.JOB_COMPLETED, Severity.INFO, False),
    (AlertKind.SCAN_DISCOVERIES, Severity.INFO, True),
    (AlertKind.DATA_STALE, Severity.WARNING, True),
    (AlertKind.ROWS_SET_ASIDE, Severity.WARNING, True),
    (AlertKind.COVERAGE_LOW, Severity.WARNING, True),
    (AlertKind.SIGNAL, Severity.INFO, True),
)


def ensure_defaults(owner: User) -> None:
    """Give a person the usual rules, once; those they delete afterwards stay deleted."""
    if AlertDefaults.objects.filter(owner=owner).exists():
        return
    try:
        with transaction.atomic():
            AlertDefaults.objects.create(owner=owner)
            AlertRule.objects.bulk_create(
                AlertRule(
                    owner=owner,
                    kind=kind,
                    severity=severity,
                    is_active=is_active,
                    parameters=full_parameters(kind, {}),
                )
                for kind, severity, is_active in _USUAL
            )
    except IntegrityError:  # another worker was faster
        return


class AlertRuleService(BaseService):
    """Everything about rules."""

    @transaction.atomic
    def create_sync(
        self,
        *,
        owner: User,
        kind: str,
        parameters: Mapping[str, Any] | None = None,
        severity: str = Severity.INFO,
        in_app: bool | None = None,
        channels: Sequence[int] | None = None,
        is_active: bool = True,
    ) -> AlertRule:
        """A rule; where nothing is said of the way, it goes the ways the owner's preferences name."""
        ensure_defaults(owner)
        if AlertRule.objects.filter(owner=owner).count() >= MAX_RULES:
            raise Refusal(
                f"You have {MAX_RULES} rules already: delete one you no longer need.", code="conflict"
            )
        ways = _preferred(owner)
        rule = AlertRule.objects.create(
            owner=owner,
            kind=kind,
            parameters=full_parameters(kind, parameters or {}),
            severity=severity,
            in_app="in_app" in ways if in_app is None else in_app,
            is_active=is_active,
        )
        if channels is None:
            rule.channels.set(AlertChannel.objects.filter(owner=owner, is_active=True, kind__in=ways))
        else:
            rule.channels.set(_own_channels(owner, channels))
        return rule

    create = async_form(create_sync)

    @transaction.atomic
    def update_sync(self, rule: AlertRule, **changes: Any) -> AlertRule:
        """Change a rule; parameters given replace all of its parameters."""
        channels = changes.pop("channels", None)
        if "parameters" in changes:
            changes["parameters"] = full_parameters(rule.kind, changes["parameters"])
        for name, value in changes.items():
            setattr(rule, name, value)
        rule.save()
        if channels is not None:
            rule.channels.set(_own_channels(rule.owner, channels))
        return rule

    update = async_form(update_sync)

    def rules_sync(self, owner: User) -> None:
        """Make sure the usual rules are there before they are listed."""
        ensure_defaults(owner)

    rules = async_form(rules_sync)


def _preferred(owner: User) -> list[str]:
    """Kinds of channels the owner's preferences name."""
    return list(TradingPreferences.objects.of(owner).notification_channels)


def _own_channels(owner: User, ids: Sequence[int]) -> list[AlertChannel]:
    found = {channel.pk: channel for channel in AlertChannel.objects.filter(owner=owner, pk__in=ids)}
    unknown = [str(pk) for pk in ids if pk not in found]
    if unknown:
        raise Refusal(f"You have no channel {', '.join(unknown)}; see channels/ for yours.", field="channels")
    return list(found.values())
