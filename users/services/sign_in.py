"""Signing in: a name, a password, and a code where the account asks for one; the same work for every name."""

from django.contrib.auth import authenticate
from django.db import transaction

from common import audit
from common.origin import current_origin
from common.sealing import digest
from users.errors import OtpInvalid, OtpRequired, SignInRefused
from users.models import User
from users.services import lockout, second_factor

__all__ = ["sign_in", "signed_out"]


def sign_in(username: str, password: str, otp: str = "", *, through: str = "api") -> User:
    """The person who may come in; `through` which door is what the audit trail says.

    1. The attempt is counted before anything is looked at, and refused where too many failed lately.
    2. The password is hashed whether or not there is such an account.
    3. Only after a right password is a code asked for; a wrong one counts as a failure too.

    Raises
    ------
    LockedOut, SignInRefused, OtpRequired, OtpInvalid
    """
    attempt = lockout.begin(username, current_origin().address)
    user = authenticate(None, username=username, password=password)
    if not isinstance(user, User):
        _failed(username, "password", through)
        raise SignInRefused
    if user.totp_enabled:
        if not otp:
            attempt.delete()  # the password was right, so nothing has failed yet
            raise OtpRequired
        if not second_factor.check_code(user, otp):
            _failed(username, "code", through)
            raise OtpInvalid
    with transaction.atomic():
        lockout.succeeded(attempt)
        audit.record("login", actor=user, target=user.username, detail={"through": through})
    return user


def signed_out(sender: object, *, user: User | None, **kwargs: object) -> None:
    """Note a sign-out from the pages, Django's admin among them; the API notes its own."""
    if user is not None:
        audit.record("logout", actor=user, target=user.username, detail={"which": "this", "through": "pages"})


def _failed(username: str, what: str, through: str) -> None:
    """Note a failure. A name nobody has is not written down: it may be a password in the wrong box."""
    known = User.objects.filter(username=username).values_list("username", "is_active").first()
    target = known[0] if known else f"unknown name #{digest(username.casefold(), 'login-name')[:8]}"
    # A deactivated account is refused whatever the password was.
    why = {"account": "deactivated"} if known and not known[1] else {"wrong": what}
    audit.record("login_failed", target=target, detail={**why, "through": through})
