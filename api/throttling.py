"""Brakes: failed sign-ins per address and account, costly actions per person."""

import hashlib
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle, UserRateThrottle

__all__ = ["CostlyThrottle", "LoginAccountThrottle", "LoginAddressThrottle"]


class CostlyThrottle(UserRateThrottle):
    """Scans and analyses one person may start."""

    scope = "costly"


class _FailureThrottle(SimpleRateThrottle):
    """Counts failures only, so that signing in often is never punished."""

    num_requests: int
    duration: int

    def throttle_success(self) -> bool:
        """Let through, without counting."""
        return True

    def failed(self, request: Request, view: Any) -> None:
        """Count one failure."""
        self.key = self.get_cache_key(request, view)
        history = self.cache.get(self.key, [])
        self.cache.set(self.key, [self.timer(), *history][: self.num_requests], self.duration)


class LoginAddressThrottle(_FailureThrottle):
    """Failed sign-ins from one address."""

    scope = "login_address"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """One count an address."""
        return f"throttle_login_address_{self.get_ident(request)}"


class LoginAccountThrottle(_FailureThrottle):
    """Failed sign-ins to one account from one address, whether or not the account exists."""

    scope = "login_account"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """One count an account and address; the name is hashed, for it may hold anything."""
        data = request.data if isinstance(request.data, dict) else {}
        name = hashlib.sha256(str(data.get("username", "")).casefold().encode()).hexdigest()
        return f"throttle_login_account_{name}_{self.get_ident(request)}"
