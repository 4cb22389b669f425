"""Accounts, each trader's preferences, second factors, invitations, and failed sign-ins."""

from users.models.accounts import User, UserManager
from users.models.attempts import LoginAttempt
from users.models.invitations import Invitation
from users.models.preferences import TradingPreferences, validate_timezone
from users.models.second_factor import RecoveryCode, TotpDevice

__all__ = [
    "Invitation",
    "LoginAttempt",
    "RecoveryCode",
    "TotpDevice",
    "TradingPreferences",
    "User",
    "UserManager",
    "validate_timezone",
]
