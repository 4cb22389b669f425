"""The settings trio, each in a process of its own as it is started in life."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from tests.web.test_env import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]


def run(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project with only these TITAN variables."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TITAN_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=clean | {"TITAN_HOME": str(home)} | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_production_passes_djangos_deploy_check(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        *("-m", "titan", "check", "--deploy", "--fail-level", "WARNING"),
        DJANGO_SETTINGS_MODULE="titan.settings.production",
        **PRODUCTION,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_production_does_not_start_on_an_unfit_environment(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "titan", "check", DJANGO_SETTINGS_MODULE="titan.settings.production")
    assert done.returncode != 0
    for variable in ("TITAN_SECRET_KEY", "TITAN_DATABASE_URL", "TITAN_TIMESCALE_URL", "TITAN_ALLOWED_HOSTS"):
        assert f"{variable} is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_production_never_takes_a_setting_from_development(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "-c",
        "import json, sys; from titan.settings import production as p; json.dump({'debug': p.DEBUG, "
        "'engines': [d['ENGINE'] for d in p.DATABASES.values()], 'layer': p.CHANNEL_LAYERS['default']['BACKEND'], "
        "'embedded': p.EMBEDDED, 'cookies': [p.SESSION_COOKIE_NAME, p.CSRF_COOKIE_NAME], "
        "'kept': [p.SESSION_COOKIE_SECURE, p.SESSION_COOKIE_HTTPONLY, p.CSRF_COOKIE_SECURE, "
        "p.CSRF_COOKIE_HTTPONLY], 'hosts': p.ALLOWED_HOSTS, 'origins': p.CSRF_TRUSTED_ORIGINS}, sys.stdout)",
        **PRODUCTION,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "debug": False,
        "engines": ["django.db.backends.postgresql"] * 2,
        "layer": "channels_redis.core.RedisChannelLayer",
        "embedded": False,
        "cookies": ["__Host-sessionid", "__Host-csrftoken"],
        "kept": [True, True, True, True],
        "hosts": ["titan.example.com"],
        "origins": ["https://titan.example.com"],
    }


def test_development_keeps_everything_in_its_home(tmp_path: Path) -> None:
    done = run(
        tmp_path / "new",
        "-c",
        "import json, sys; from titan.settings import development as d; "
        "json.dump([d.SECRET_KEY, d.DEBUG, d.ALLOWED_HOSTS, *[x['NAME'] for x in d.DATABASES.values()]], sys.stdout)",
    )
    assert done.returncode == 0, done.stderr
    secret, debug, hosts, *files = json.loads(done.stdout)
    assert (tmp_path / "new" / "secret-key").read_text() == secret
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert debug is False
    assert set(hosts) == {"localhost", "127.0.0.1", "[::1]"}
    assert files == [str(tmp_path / "new" / name) for name in ("titan.sqlite3", "timescale.sqlite3")]


def test_migrations_are_complete(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "titan", "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.sqlite
@pytest.mark.django_db(databases=["default", "timescale"])
@pytest.mark.parametrize("alias", ["default", "timescale"])
def test_sqlite_is_set_up_for_several_processes(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        pragmas = {}
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            cursor.execute(f"PRAGMA {name}")
            pragmas[name] = cursor.fetchone()[0]
    assert pragmas == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 20_000}
    assert connections[alias].settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_tests_do_not_touch_the_developers_data() -> None:
    assert ROOT not in Path(settings.TITAN_HOME).parents
    assert str(settings.TITAN_HOME) == os.environ["TITAN_HOME"]
