"""Skeleton."""

from typing import Any

from trading.services.base_service import BaseService


class WalkForwardService(BaseService):
    """Skeleton."""

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)
