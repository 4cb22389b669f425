"""Named strategies: a rule and what of it differs from its defaults."""

from typing import Any

from django.db import IntegrityError, transaction

from trading.models import Strategy
from trading.services.backtesting.terms import rule_of
from trading.services.base_service import BaseService, async_form
from trading.services.refusals import Refusal
from users.models import User

__all__ = ["StrategyService"]


class StrategyService(BaseService):
    """Everything about strategies."""

    def save_sync(self, strategy: Strategy, **changes: Any) -> Strategy:
        """Keep a new or changed strategy; settings that contradict each other are refused."""
        for name, value in changes.items():
            setattr(strategy, name, value)
        rule_of(strategy.rule, strategy.parameters)
        try:
            with transaction.atomic():
                strategy.save()
        except IntegrityError as error:
            raise Refusal(
                f"You have a strategy called {strategy.name!r} already: choose another name.",
                field="name",
                code="conflict",
            ) from error
        return strategy

    save = async_form(save_sync)

    def create_sync(self, *, owner: User, **fields: Any) -> Strategy:
        """A new strategy."""
        return self.save_sync(Strategy(owner=owner), **fields)

    create = async_form(create_sync)
