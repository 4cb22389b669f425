"""What sign-in and the administration of accounts refuse, in words for the person at the keyboard."""

from titan_core.errors import DataUnavailable, InvalidInput, TitanError

__all__ = [
    "AccountConflict",
    "LockedOut",
    "NameTaken",
    "NoSuchInvitation",
    "OtpInvalid",
    "OtpRequired",
    "SignInRefused",
    "UnfitPassword",
    "WrongCode",
    "WrongPassword",
]


class SignInRefused(TitanError):
    """The name or the password is wrong; which of the two is said to nobody."""

    code = "wrong_credentials"

    def __init__(self, message: str = "The name or the password is wrong.") -> None:
        super().__init__(message)


class OtpRequired(SignInRefused):
    """The password is right, and this account asks for a code too."""

    code = "otp_required"

    def __init__(self) -> None:
        super().__init__("This account asks for a code too: send it as otp, from your authenticator app.")


class OtpInvalid(SignInRefused):
    """The code is wrong, or was used before."""

    code = "otp_invalid"

    def __init__(self) -> None:
        super().__init__(
            "The code is wrong or was used before: wait for the next one, or use a recovery code."
        )


class LockedOut(SignInRefused):
    """Too many failures; the same whether or not the account exists."""

    code = "locked_out"

    def __init__(self, wait_seconds: int) -> None:
        self.wait_seconds = wait_seconds
        minutes = max(1, -(-wait_seconds // 60))
        super().__init__(f"Too many failed log-ins: try again in {minutes} min. Open sessions go on.")


class AccountConflict(TitanError):
    """The accounts as they stand do not allow it."""

    code = "conflict"


class NameTaken(AccountConflict):
    """There is an account of this name, in capitals or not."""

    field = "username"

    def __init__(self, username: str) -> None:
        super().__init__(f"There is an account {username!r} already; choose another name.")


class WrongPassword(InvalidInput):
    """The current password, asked for again, is not this one."""

    def __init__(self, field: str = "password") -> None:
        self.field = field
        super().__init__("This is not your current password.")


class WrongCode(InvalidInput):
    """A code given while signed in does not fit."""

    field = "code"


class UnfitPassword(InvalidInput):
    """A new password the rules refuse; the messages say which."""

    def __init__(self, messages: list[str], field: str) -> None:
        self.field = field
        super().__init__(" ".join(messages))


class NoSuchInvitation(DataUnavailable):
    """No link of this token that still opens."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__(
            "This link is not good any more: it was used, has expired, or a newer one was sent. "
            "Ask an administrator for a new one."
        )
