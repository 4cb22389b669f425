"""The second factor: setting it up, checking codes (each once), recovery codes, switching it off."""

import datetime as dt
import hmac
import secrets
from dataclasses import dataclass, field

import pyotp
import segno
from django.db import transaction
from django.utils import timezone

from common import audit
from common.origin import current_origin
from common.sealing import digest, digests, reseal, seal, unseal
from users.errors import AccountConflict, OtpInvalid, WrongCode
from users.models import RecoveryCode, TotpDevice, User
from users.services import lockout
from users.services.passwords import prove

__all__ = [
    "Enrolment",
    "State",
    "check_code",
    "confirm",
    "disable",
    "disable_own",
    "enrol",
    "new_recovery_codes",
    "reseal_all",
    "state",
]

ISSUER = "TITAN"
N_RECOVERY_CODES = 10
_PURPOSE = "totp"
_TOLERANCE = 1  # intervals a telephone's clock may be off, either way
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs, shown once."""

    secret: str = field(repr=False)
    otpauth_uri: str = field(repr=False)
    qr_svg: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class State:
    """Whether signing in asks for a code, and what is left for the day the telephone is gone."""

    enabled: bool
    confirmed_at: dt.datetime | None
    recovery_codes_left: int


def state(user: User) -> State:
    """How this person's second factor stands."""
    device = TotpDevice.objects.filter(user=user, confirmed_at__isnull=False).first()
    left = RecoveryCode.objects.filter(user=user, used_at__isnull=True).count() if device else 0
    return State(device is not None, device.confirmed_at if device else None, left)


def enrol(user: User, *, password: str) -> Enrolment:
    """A new secret, not asked for until a code confirms it; an unconfirmed one before it is forgotten."""
    prove(user, password)
    secret = pyotp.random_base32()
    with transaction.atomic():
        if TotpDevice.objects.filter(user=user, confirmed_at__isnull=False).exists():
            raise AccountConflict("Codes are on already: switch them off before you set up another device.")
        TotpDevice.objects.update_or_create(
            user=user,
            defaults={"sealed_secret": seal(secret, _PURPOSE), "last_interval": 0, "confirmed_at": None},
        )
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER)
    return Enrolment(secret, uri, segno.make(uri, error="m").svg_inline(scale=5, border=4, light="#fff"))


@transaction.atomic
def confirm(user: User, *, code: str) -> list[str]:
    """Turn codes on with the first one; the recovery codes, shown this once."""
    device = TotpDevice.objects.filter(user=user, confirmed_at__isnull=True).first()
    if device is None:
        raise AccountConflict("There is nothing to confirm: set up an authenticator first.")
    if not _take_totp(device, code):
        raise WrongCode("The code does not fit: check the telephone's clock, and give the newest code.")
    TotpDevice.objects.filter(pk=device.pk).update(confirmed_at=timezone.now())
    audit.record("totp_enabled", actor=user, target=user.username)
    return _make_recovery_codes(user)


@transaction.atomic
def disable(user: User, *, by: User) -> bool:
    """Switch codes off and forget the secret; whether they were on."""
    was_on = TotpDevice.objects.filter(user=user, confirmed_at__isnull=False).exists()
    TotpDevice.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    if was_on:
        audit.record("totp_disabled", actor=by, target=user.username)
    return was_on


def disable_own(user: User, *, password: str, code: str) -> None:
    """Switch one's own codes off, with the password and a code."""
    prove(user, password)
    attempt = lockout.begin(
        user.username, current_origin().address
    )  # guesses of a code count like passwords'
    if not check_code(user, code):
        raise WrongCode(str(OtpInvalid()))
    attempt.delete()
    disable(user, by=user)


def new_recovery_codes(user: User, *, password: str) -> list[str]:
    """Ten new recovery codes; the old ones open nothing any more."""
    prove(user, password)
    if not TotpDevice.objects.filter(user=user, confirmed_at__isnull=False).exists():
        raise AccountConflict("Codes are off: recovery codes come with an authenticator.")
    with transaction.atomic():
        audit.record("recovery_codes_made", actor=user, target=user.username)
        return _make_recovery_codes(user)


def check_code(user: User, code: str) -> bool:
    """Take a code of the authenticator or a recovery code; each is good once, whoever else tries it at the time."""
    device = TotpDevice.objects.filter(user=user, confirmed_at__isnull=False).first()
    if device is None:
        return False
    text = code.strip().replace(" ", "")
    if len(text) == 6 and text.isascii() and text.isdecimal():
        return _take_totp(device, text)
    wanted = digests(text.lower().replace("-", ""), "recovery-code")
    unused = RecoveryCode.objects.filter(user=user, digest__in=wanted, used_at__isnull=True)
    return unused.update(used_at=timezone.now()) == 1


def reseal_all() -> int:
    """Seal every authenticator's secret under the key of today; how many there are."""
    devices = list(TotpDevice.objects.select_for_update())
    for device in devices:
        device.sealed_secret = reseal(device.sealed_secret, _PURPOSE)
    TotpDevice.objects.bulk_update(devices, ["sealed_secret"], batch_size=500)
    return len(devices)


def _take_totp(device: TotpDevice, code: str) -> bool:
    """Compare with the intervals around now, then move the mark past the one that fits, if nobody else did."""
    totp = pyotp.TOTP(unseal(device.sealed_secret, _PURPOSE))
    now = totp.timecode(timezone.now())
    fitting = [
        interval
        for interval in range(now - _TOLERANCE, now + _TOLERANCE + 1)
        if hmac.compare_digest(totp.generate_otp(interval).encode(), code.strip().replace(" ", "").encode())
    ]
    return any(
        TotpDevice.objects.filter(pk=device.pk, last_interval__lt=interval).update(last_interval=interval)
        == 1
        for interval in fitting
    )


def _make_recovery_codes(user: User) -> list[str]:
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(N_RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=digest(code, "recovery-code")) for code in codes
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]
