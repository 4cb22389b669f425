"""Test settings: the embedded server in a folder of its own, databases in files (jobs run in processes).

TITAN_TEST_DATABASE=postgresql puts both databases on a private PostgreSQL server instead (`tests.postgres`), and
TITAN_TEST_DATABASE=timescale on TimescaleDB, with the cache and the channel layer over Redis (`tests.shared_servers`).
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.kernel_cache import share_kernels

# Variables of the developer's shell must not leak into tests, and tests must not touch the developer's data.
# A child process of a test gets the folder handed down, so that both look at the same databases.
_HOME = os.environ.get("TITAN_TEST_HOME")
if _HOME is None:
    _HOME = tempfile.mkdtemp(prefix="titan-tests-")
    os.environ["TITAN_TEST_HOME"] = _HOME
    _OWNER = os.getpid()
    share_kernels(Path(_HOME))
    atexit.register(lambda: os.getpid() == _OWNER and shutil.rmtree(_HOME, ignore_errors=True))
for _name in [
    name for name in os.environ if name.startswith("TITAN_") and not name.startswith("TITAN_TEST_")
]:
    del os.environ[_name]
os.environ["TITAN_HOME"] = _HOME
_WHERE = os.environ.get("TITAN_TEST_DATABASE", "sqlite")
if _WHERE == "timescale":
    from tests.shared_servers import redis_url, timescale_url

    os.environ["TITAN_TEST_POSTGRES_URL"] = timescale_url()  # tests of the store on PostgreSQL go there too
    os.environ["TITAN_REDIS_URL"] = redis_url()
if _WHERE != "sqlite":
    from tests.postgres import shared_url

    os.environ["TITAN_DATABASE_URL"] = shared_url("titan")
    os.environ["TITAN_TIMESCALE_URL"] = shared_url("timescale")

from titan.settings.development import *  # noqa: E402, F403 - the environment must be set first
from titan.settings.development import DATABASES, REST_FRAMEWORK, TITAN_HOME  # noqa: E402
from titan.settings.redis import cache, channel_layer  # noqa: E402

# Several runs may share the servers that the environment names.
_RUN = Path(TITAN_HOME).name.removeprefix("titan-tests-")
for _alias, _database in DATABASES.items():
    # Files, never memory: services read prices through connections of their own, jobs in other processes.
    _database["TEST"] = {
        "NAME": str(Path(TITAN_HOME) / f"test-{_alias}.sqlite3")
        if _WHERE == "sqlite"
        else f"test_{_alias}_{_RUN}"
    }
if _WHERE == "timescale":
    CACHES = {"default": cache(os.environ["TITAN_REDIS_URL"]) | {"KEY_PREFIX": _RUN}}
    CHANNEL_LAYERS = {"default": channel_layer(os.environ["TITAN_REDIS_URL"])}
    CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = _RUN

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
# Whether the SPA is built, or being built just now, is no affair of these tests.
STATICFILES_DIRS: list[tuple[str, str]] = []
# Hundreds of tests share one person and one address; those about rates set their own.
REST_FRAMEWORK = REST_FRAMEWORK | {
    "DEFAULT_THROTTLE_RATES": REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
    | dict.fromkeys(("user", "address", "costly", "shared", "trial"), "1000000/min")
}
