"""The environment: typed, checked at once, and every refusal says which variable and how to mend it."""

import json
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.env import DatabaseURL, Environment, InvalidEnvironment, demo_account, make_home, stored_secret

SECRET = "q8Z1xv-Kd93mWmT7pRrY0bNcE5sUoGhJ2aLfViQ4tXzP6wBk_nC"
PRODUCTION = {
    "TITAN_SECRET_KEY": SECRET,
    "TITAN_DATABASE_URL": "postgresql://titan:hunter2@db:5432/titan",
    "TITAN_TIMESCALE_URL": "postgresql://titan:hunter2@ts:5432/prices",
    "TITAN_REDIS_URL": "redis://:hunter3@redis:6379/0",
    "TITAN_ALLOWED_HOSTS": "titan.example.com",
}


def test_nothing_configured_is_the_embedded_server() -> None:
    environment = Environment.read({})
    assert environment.home == Path("var").resolve()
    assert (environment.host, environment.port, environment.debug) == ("127.0.0.1", 8000, False)
    assert environment.database is None
    assert environment.secret_key is None


def test_every_variable_is_read() -> None:
    environment = Environment.read(
        PRODUCTION
        | {"TITAN_HOME": "/srv/titan", "TITAN_HOST": "0.0.0.0", "TITAN_PORT": "9000", "TITAN_DEBUG": "yes"}
        | {
            "TITAN_LOG_LEVEL": "warning",
            "TITAN_ALLOWED_HOSTS": "a.example, b.example",
            "TITAN_DEMO_USER": "alice",
            "TITAN_NUM_PROXIES": "2",
            "TITAN_WEBHOOK_ALLOW": "Hooks.lan, 10.0.0.5",
            "TITAN_TIMESCALEDB": "Require",
            "TITAN_DATABASE_POOL": "0",
            "TITAN_RETAIN_BARS_DAYS": "3650",
        }
    )
    assert environment.home == Path("/srv/titan")
    assert (environment.host, environment.port, environment.debug) == ("0.0.0.0", 9000, True)
    assert environment.log_level == "WARNING"
    assert environment.allowed_hosts == ("a.example", "b.example")
    assert environment.demo_user == "alice"
    assert (environment.timescaledb, environment.database_pool) == ("require", 0)
    assert (environment.retain_bars_days, environment.retain_revisions_days) == (3650, 0)
    assert (environment.n_proxies, environment.webhook_allow) == (2, ("hooks.lan", "10.0.0.5"))
    assert environment.database == DatabaseURL(
        scheme="postgresql", name="titan", user="titan", password="hunter2", host="db", port=5432
    )


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("TITAN_PORT", "80a", "not a port: use a number between 1 and 65535"),
        ("TITAN_PORT", "0", "not a port"),
        ("TITAN_PORT", "65536", "not a port"),
        ("TITAN_DEBUG", "perhaps", "not a yes or no: use 1 or 0"),
        ("TITAN_LOG_LEVEL", "loud", "use one of DEBUG, INFO, WARNING, ERROR"),
        ("TITAN_DATABASE_URL", "mysql://u:hunter2@h/d", "must start with postgresql:// or sqlite:///"),
        ("TITAN_DATABASE_URL", "postgresql://u:hunter2@h:5432", "names no database"),
        ("TITAN_TIMESCALE_URL", "postgresql://u:hunter2@h:port/d", "has a port that is not a number"),
        ("TITAN_REDIS_URL", "http://redis", "must start with redis://"),
        ("TITAN_SECRET_KEY", "short", "shorter than 32 bytes"),
        ("TITAN_NUM_PROXIES", "-1", "use a whole number from 0 to 10"),
        ("TITAN_NUM_PROXIES", "11", "use a whole number from 0 to 10"),
        ("TITAN_PRICE_CONNECTIONS", "1", "use a whole number from 2 to 1000"),
        ("TITAN_COMPRESS_AFTER_DAYS", "a week", "use a whole number from 0 to 100000"),
        ("TITAN_TIMESCALEDB", "yes", "use one of AUTO, REQUIRE, OFF"),
        ("TITAN_HOME", __file__, "which is a file: name a folder"),
    ],
)
def test_a_bad_value_is_named_with_the_remedy(variable: str, value: str, said: str) -> None:
    with pytest.raises(InvalidEnvironment) as refusal:
        Environment.read({variable: value})
    (problem,) = refusal.value.problems
    assert problem.startswith(variable)
    assert said in problem
    assert "hunter2" not in str(refusal.value)


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(InvalidEnvironment) as refusal:
        Environment.read({"TITAN_PORT": "x", "TITAN_DEBUG": "x", "TITAN_REDIS_URL": "x"})
    assert len(refusal.value.problems) == 3


def test_a_fit_production_environment_passes() -> None:
    Environment.read(PRODUCTION).check_production()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"TITAN_SECRET_KEY": ""}, "TITAN_SECRET_KEY is missing"),
        ({"TITAN_SECRET_KEY": "k3J9" * 9}, "TITAN_SECRET_KEY has fewer than 50 characters"),
        ({"TITAN_SECRET_KEY": "ab" * 40}, "TITAN_SECRET_KEY looks like a default"),
        ({"TITAN_SECRET_KEY": "django-insecure-" + SECRET}, "TITAN_SECRET_KEY looks like a default"),
        ({"TITAN_DEBUG": "1"}, "TITAN_DEBUG is on"),
        ({"TITAN_DATABASE_URL": ""}, "TITAN_DATABASE_URL is missing"),
        ({"TITAN_DATABASE_URL": "sqlite:////srv/a.db"}, "TITAN_DATABASE_URL is SQLite"),
        ({"TITAN_TIMESCALE_URL": "sqlite:////srv/a.db"}, "TITAN_TIMESCALE_URL is SQLite"),
        ({"TITAN_REDIS_URL": ""}, "TITAN_REDIS_URL is missing"),
        ({"TITAN_REDIS_URL": "redis://redis:6379/0"}, "TITAN_REDIS_URL names another machine's Redis"),
        ({"TITAN_REDIS_URL": "rediss://titan@10.0.0.7/0"}, "TITAN_REDIS_URL names another machine's Redis"),
        ({"TITAN_ALLOWED_HOSTS": ""}, "TITAN_ALLOWED_HOSTS is missing"),
        ({"TITAN_ALLOWED_HOSTS": "a.example,*"}, "TITAN_ALLOWED_HOSTS contains '*'"),
    ],
)
def test_production_refuses_what_is_unsafe_and_says_which(change: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidEnvironment) as refusal:
        Environment.read(PRODUCTION | change).check_production()
    (problem,) = refusal.value.problems
    assert problem.startswith(said)
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost:6379/0",
        "redis://127.0.0.1/0",
        "redis://[::1]:6379/0",
        "redis:///0",
        "unix:///run/redis.sock",
    ],
)
def test_a_redis_of_this_machine_needs_no_password(url: str) -> None:
    Environment.read(PRODUCTION | {"TITAN_REDIS_URL": url}).check_production()


def test_a_variable_may_be_the_text_of_a_file(tmp_path: Path) -> None:
    secret, replaced = tmp_path / "secret_key", tmp_path / "replaced"
    secret.write_text(f"{SECRET}\n")
    replaced.write_text(f"first-{SECRET},second-{SECRET}\n")
    environment = Environment.read(
        {"TITAN_SECRET_KEY_FILE": str(secret), "TITAN_SECRET_KEY_FALLBACKS_FILE": str(replaced)}
    )
    assert environment.secret_key == SECRET
    assert environment.secret_key_fallbacks == (f"first-{SECRET}", f"second-{SECRET}")
    assert SECRET not in repr(environment)


def test_a_file_that_cannot_be_read_or_stands_beside_its_variable_is_said(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidEnvironment) as refused:
        Environment.read(
            PRODUCTION
            | {"TITAN_SECRET_KEY_FILE": str(tmp_path / "noise")}
            | {"TITAN_EMAIL_URL_FILE": str(tmp_path / "absent")}
            | {"TITAN_DEMO_PASSWORD_FILE": str(tmp_path / "noise")}
        )
    said = str(refused.value)
    assert "TITAN_SECRET_KEY and TITAN_SECRET_KEY_FILE are both set" in said
    assert f"TITAN_EMAIL_URL_FILE names {tmp_path / 'absent'}, which can't be read (No such file" in said
    assert "TITAN_DEMO_PASSWORD_FILE" in said


def test_secrets_stay_out_of_repr() -> None:
    shown = repr(Environment.read(PRODUCTION | {"TITAN_DEMO_PASSWORD": "open sesame"}))
    assert SECRET not in shown
    assert "hunter2" not in shown
    assert "sesame" not in shown


@given(st.text(min_size=1, max_size=60))
def test_no_text_crashes_the_reader(text: str) -> None:
    with suppress(InvalidEnvironment):  # the only way to refuse
        Environment.read({"TITAN_DATABASE_URL": text, "TITAN_PORT": text, "TITAN_REDIS_URL": text})


def test_a_stored_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "home" / "secret-key"
    secret = stored_secret(path)
    assert len(secret) >= 50
    assert stored_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["secret-key"]  # no draft is left behind


def test_the_demo_password_is_made_once_unless_given(tmp_path: Path) -> None:
    home = {"TITAN_HOME": str(tmp_path)}
    account = demo_account(Environment.read(home))
    assert account.username == "demo"
    assert account.password.isalnum()
    assert demo_account(Environment.read(home)) == account
    kept = tmp_path / "demo-account.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text())["password"] == account.password
    given = demo_account(Environment.read(home | {"TITAN_DEMO_PASSWORD": "mine"}))
    assert given.password == "mine"
    assert account.password not in repr(account)


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidEnvironment, match=r"TITAN_HOME: the folder .*/file/home can't be made"):
        make_home(tmp_path / "file" / "home")
    make_home(tmp_path / "new" / "home")
    assert stat.S_IMODE((tmp_path / "new" / "home").stat().st_mode) == 0o700
