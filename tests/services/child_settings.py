"""Settings of the processes that tests start: the databases of the test run itself, and the tests' own handlers."""

import os

from tests.settings import *  # noqa: F403 - settings are inherited whole
from tests.settings import DATABASES

for _database in DATABASES.values():
    _database["NAME"] = _database["TEST"]["NAME"]

TITAN_JOB_MODULES = ("tests.services.job_kinds",)
TITAN_JOB_LEASE_SECONDS = float(os.environ.get("TITAN_TEST_LEASE_SECONDS", "2"))
TITAN_WARM_KERNELS = False
TITAN_SCHEDULE: dict[str, str] = {}
TITAN_SOCKET_SEND_SECONDS = 1.0
# A test that receives webhooks does so on this machine, which is otherwise refused.
TITAN_WEBHOOK_ALLOW = tuple(filter(None, os.environ.get("TITAN_TEST_WEBHOOK_ALLOW", "").split(",")))
