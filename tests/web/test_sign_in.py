"""Signing in: lockout without telling who exists, codes good once, recovery codes, secrets kept sealed."""

import datetime as dt
import io
import logging
from typing import Any

import pyotp
import pytest
from django.contrib.auth import hashers
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from common.models import AuditEntry
from common.sealing import Unsealable, seal, unseal
from tests.conftest import PASSWORD
from users.models import LoginAttempt, RecoveryCode, TotpDevice, User
from users.services import second_factor

TOKEN, TOTP = "/api/v1/auth/token/", "/api/v1/auth/totp/"
NOW = dt.datetime(2026, 11, 20, 12, 0, 7, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def no_throttle_left_over() -> None:
    cache.clear()


def sign_in(username: str, password: str = PASSWORD, address: str = "10.0.0.1", **more: str) -> Any:
    body = {"username": username, "password": password, **more}
    return APIClient().post(TOKEN, body, REMOTE_ADDR=address)


def code_of(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


class Clock:
    """The time `timezone.now` tells."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def forward(self, **delta: float) -> None:
        self.now += dt.timedelta(**delta)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def authenticator(trader: User, clock: Clock) -> pyotp.TOTP:
    """The trader's, confirmed one interval ago."""
    secret = second_factor.enrol(trader, password=PASSWORD).secret
    totp = pyotp.TOTP(secret)
    second_factor.confirm(trader, code=totp.at(clock.now))
    clock.forward(seconds=60)
    return totp


# Lockout


@pytest.mark.parametrize("name", ["tom", "nobody"])
def test_ten_failures_lock_a_name_from_an_address_whether_or_not_it_exists(trader: User, name: str) -> None:
    answers = [sign_in(name, "wrong") for _ in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert code_of(answers[-1]) == "locked_out"
    assert 0 < int(answers[-1]["Retry-After"]) <= 900
    assert sign_in(name).status_code == 429, "the right password doesn't open either"


def test_the_words_of_a_lockout_tell_nobody_who_exists(trader: User, clock: Clock) -> None:
    words = {}
    for name in ("tom", "nobody"):
        for _ in range(10):
            sign_in(name, "wrong")
        answer = sign_in(name, "wrong").json()["error"]
        words[name] = answer["code"], answer["message"]
    assert words["tom"] == words["nobody"]


def test_another_address_is_not_locked_and_the_window_slides(trader: User, clock: Clock) -> None:
    for _ in range(10):
        sign_in("tom", "wrong")
        clock.forward(seconds=30)
    refused = sign_in("tom")
    assert refused.status_code == 429
    assert sign_in("tom", address="10.0.0.2").status_code == 200
    clock.forward(seconds=int(refused["Retry-After"]))
    assert sign_in("tom").status_code == 200


def test_a_hundred_failures_from_everywhere_lock_the_name(trader: User) -> None:
    codes = [sign_in("tom", "wrong", address=f"10.1.0.{i // 9}").status_code for i in range(101)]
    assert codes == [401] * 100 + [429]
    assert sign_in("tom", address="10.9.9.9").status_code == 429


def test_a_lockout_throws_nobody_out(trader: User) -> None:
    access = sign_in("tom").json()["access"]
    for _ in range(11):
        sign_in("tom", "wrong")
    me = APIClient(headers={"Authorization": f"Bearer {access}"}).get("/api/v1/auth/me/")
    assert me.status_code == 200


def test_a_success_starts_the_count_anew(trader: User) -> None:
    for _ in range(3):
        assert [sign_in("tom", "wrong").status_code for _ in range(9)] == [401] * 9
        assert sign_in("tom").status_code == 200


def test_capitals_are_no_way_round_the_lockout(trader: User) -> None:
    for i in range(10):
        sign_in("tom" if i % 2 else "TOM", "wrong")
    assert sign_in("tom").status_code == 429


def test_an_unknown_name_costs_the_same_work(trader: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """No clock is asked: the same hashes are computed and the same number of queries run."""
    gone = User.objects.create_user("gone", password=PASSWORD, is_active=False)
    invited = User.objects.create_user("invited", password=None)
    hashed: list[str] = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(password) or encode(self, password, salt),
    )
    work = {}
    for name in ("tom", "nobody", gone.username, invited.username):
        hashed.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = sign_in(name, "wrong")
        words = answer.json()["error"]
        work[name] = answer.status_code, words["code"], words["message"], len(hashed), len(queries)
    assert len(set(work.values())) == 1, work
    assert work["tom"][3] == 1


def test_attempts_keep_neither_name_nor_password(trader: User) -> None:
    sign_in("hunter2-typed-in-the-wrong-box", "canary-password")
    kept = str(list(LoginAttempt.objects.values())) + str(list(AuditEntry.objects.values()))
    assert "hunter2" not in kept
    assert "canary-password" not in kept
    assert AuditEntry.objects.get(action="login_failed").target.startswith("unknown name #")


def test_a_closed_account_is_not_noted_as_a_wrong_password(trader: User) -> None:
    trader.is_active = False
    trader.save()
    assert sign_in("tom").json()["error"]["code"] == "wrong_credentials", "outside, nothing is given away"
    assert AuditEntry.objects.get(action="login_failed").detail == {
        "account": "deactivated",
        "through": "api",
    }


# Codes


def test_a_right_password_is_asked_for_a_code_and_a_wrong_one_is_not(
    trader: User, authenticator: pyotp.TOTP, clock: Clock
) -> None:
    assert code_of(sign_in("tom", "wrong", otp=authenticator.at(clock.now))) == "wrong_credentials"
    assert code_of(sign_in("tom")) == "otp_required"
    assert code_of(sign_in("tom", otp="000000")) == "otp_invalid"
    assert sign_in("tom", otp=authenticator.at(clock.now)).status_code == 200


def test_a_code_is_good_once(trader: User, authenticator: pyotp.TOTP, clock: Clock) -> None:
    code = authenticator.at(clock.now)
    assert sign_in("tom", otp=code).status_code == 200
    assert code_of(sign_in("tom", otp=code)) == "otp_invalid"
    assert (
        code_of(sign_in("tom", otp=authenticator.at(clock.now - dt.timedelta(seconds=30)))) == "otp_invalid"
    )
    clock.forward(seconds=30)
    assert sign_in("tom", otp=authenticator.at(clock.now)).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(-60, 401), (-30, 200), (30, 200), (60, 401)])
def test_a_telephone_may_be_one_interval_off(
    trader: User, authenticator: pyotp.TOTP, clock: Clock, seconds: int, status: int
) -> None:
    clock.forward(seconds=300)
    otp = authenticator.at(clock.now + dt.timedelta(seconds=seconds))
    assert sign_in("tom", otp=otp).status_code == status


def test_guessed_codes_lock_the_name(trader: User, authenticator: pyotp.TOTP, clock: Clock) -> None:
    for _ in range(10):
        assert code_of(sign_in("tom", otp="000000")) == "otp_invalid"
    assert code_of(sign_in("tom", otp=authenticator.at(clock.now))) == "locked_out"


def test_being_asked_for_a_code_is_no_failure(trader: User, authenticator: pyotp.TOTP, clock: Clock) -> None:
    for _ in range(15):
        assert code_of(sign_in("tom")) == "otp_required"
    assert sign_in("tom", otp=authenticator.at(clock.now)).status_code == 200


def test_a_recovery_code_stands_in_once(trader: User, clock: Clock, client_of: Any) -> None:
    mine = client_of(trader)
    made = mine.post(TOTP, {"password": PASSWORD}).json()
    assert made["otpauth_uri"].startswith("otpauth://totp/TITAN:tom?secret=")
    assert made["qr_svg"].startswith("<svg")
    assert "style=" not in made["qr_svg"]
    assert mine.get(TOTP).json() == {"enabled": False, "confirmed_at": None, "recovery_codes_left": 0}
    codes = mine.post(f"{TOTP}confirm/", {"code": pyotp.TOTP(made["secret"]).at(clock.now)}).json()
    assert len(set(codes["recovery_codes"])) == 10
    state = mine.get(TOTP).json()
    assert (state["enabled"], state["recovery_codes_left"]) == (True, 10)
    first, second = codes["recovery_codes"][:2]
    assert sign_in("tom", otp=first).status_code == 200
    assert code_of(sign_in("tom", otp=first)) == "otp_invalid"
    assert sign_in("tom", otp=second.upper().replace("-", " ")).status_code == 200
    assert mine.get(TOTP).json()["recovery_codes_left"] == 8


def test_new_recovery_codes_end_the_old(trader: User, authenticator: pyotp.TOTP, client_of: Any) -> None:
    mine = client_of(trader)
    old = mine.post(f"{TOTP}recovery-codes/", {"password": PASSWORD}).json()["recovery_codes"]
    new = mine.post(f"{TOTP}recovery-codes/", {"password": PASSWORD}).json()["recovery_codes"]
    assert code_of(sign_in("tom", otp=old[0])) == "otp_invalid"
    assert sign_in("tom", otp=new[0]).status_code == 200


def test_switching_codes_off_needs_password_and_code(
    trader: User, authenticator: pyotp.TOTP, clock: Clock, client_of: Any
) -> None:
    mine, right = client_of(trader), authenticator.at(clock.now)
    for body, field in (
        ({"password": "wrong", "code": right}, "password"),
        ({"password": PASSWORD, "code": "000000"}, "code"),
    ):
        answer = mine.post(f"{TOTP}disable/", body)
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
    assert mine.post(f"{TOTP}disable/", {"password": PASSWORD, "code": right}).status_code == 204
    assert not TotpDevice.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert sign_in("tom").status_code == 200


def test_guesses_while_signed_in_lock_too(trader: User, authenticator: pyotp.TOTP, client_of: Any) -> None:
    mine = client_of(trader)
    body = {"password": PASSWORD, "code": "000000"}
    codes = [mine.post(f"{TOTP}disable/", body).status_code for _ in range(11)]
    assert codes == [400] * 10 + [429]
    mine.post(f"{TOTP}recovery-codes/", {"password": "wrong"})
    assert mine.post(f"{TOTP}recovery-codes/", {"password": PASSWORD}).status_code == 429


def test_a_second_device_needs_the_first_switched_off(
    trader: User, authenticator: pyotp.TOTP, client_of: Any
) -> None:
    assert client_of(trader).post(TOTP, {"password": PASSWORD}).status_code == 409
    assert client_of(trader).post(f"{TOTP}confirm/", {"code": "123456"}).status_code == 409


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abc def", "-" * 32])
def test_strange_codes_are_just_wrong(trader: User, clock: Clock, client_of: Any, code: str) -> None:
    mine = client_of(trader)
    mine.post(TOTP, {"password": PASSWORD})
    answer = mine.post(f"{TOTP}confirm/", {"code": code})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["code"])


# Secrets


def test_the_secret_is_sealed_at_rest_and_in_no_log(
    trader: User, clock: Clock, client_of: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = client_of(trader).post(TOTP, {"password": PASSWORD}).json()
    answer = client_of(trader).post(f"{TOTP}confirm/", {"code": pyotp.TOTP(made["secret"]).at(clock.now)})
    codes = answer.json()["recovery_codes"]
    sign_in("tom", otp=codes[0])
    tables = [TotpDevice, RecoveryCode, AuditEntry, LoginAttempt]
    kept = " ".join(str(list(table.objects.values())) for table in tables)  # type: ignore[attr-defined]
    for secret in (made["secret"], *codes, *(code.replace("-", "") for code in codes), PASSWORD):
        assert secret not in kept
        assert secret not in caplog.text
    assert unseal(TotpDevice.objects.get().sealed_secret, "totp") == made["secret"]


def test_a_recovery_code_is_good_under_a_new_key(
    trader: User, clock: Clock, client_of: Any, settings: Any
) -> None:
    made = client_of(trader).post(TOTP, {"password": PASSWORD}).json()
    answer = client_of(trader).post(f"{TOTP}confirm/", {"code": pyotp.TOTP(made["secret"]).at(clock.now)})
    first, second = answer.json()["recovery_codes"][:2]
    old, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 64
    assert not second_factor.check_code(trader, first)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert second_factor.check_code(trader, first)
    assert not second_factor.check_code(trader, first)
    call_command("reseal", verbosity=0, stdout=io.StringIO())
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(TotpDevice.objects.get().sealed_secret, "totp") == made["secret"]
    assert not second_factor.check_code(trader, second)


def test_what_is_sealed_opens_for_its_purpose_and_under_the_old_key_alone(settings: Any) -> None:
    sealed = seal("canary", "totp")
    with pytest.raises(Unsealable, match="other"):
        unseal(sealed, "other")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 64
    with pytest.raises(Unsealable):
        unseal(sealed, "totp")
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(sealed, "totp") == "canary"
