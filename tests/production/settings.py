"""Production's settings for processes that tests start: its own, with the tests' handlers and shorter waits."""

import json
import os

from titan.settings.production import *  # noqa: F403 - settings are inherited whole
from titan.settings.production import REST_FRAMEWORK

TITAN_JOB_MODULES = ("tests.services.job_kinds", "tests.production.job_kinds")
TITAN_JOB_LEASE_SECONDS = float(os.environ.get("TITAN_TEST_LEASE_SECONDS", "2"))
TITAN_PART_SECONDS = float(os.environ.get("TITAN_TEST_PART_SECONDS", "2"))
TITAN_WARM_KERNELS = False
TITAN_SCHEDULE: dict[str, str] = json.loads(os.environ.get("TITAN_TEST_SCHEDULE", "{}"))
TITAN_SOCKET_SEND_SECONDS = 1.0
TITAN_JOB_PATIENCE = {"test_stuck": 2.0, "test_crew": 2.0}
TITAN_WORKER_SILENT_SECONDS = 4.0
TITAN_WORKER_STOP_SECONDS = float(os.environ.get("TITAN_TEST_STOP_SECONDS", "3"))
TITAN_BROKER_VISIBILITY_SECONDS = float(os.environ.get("TITAN_TEST_VISIBILITY_SECONDS", "3600"))
TITAN_WEBHOOK_ALLOW = tuple(filter(None, os.environ.get("TITAN_TEST_WEBHOOK_ALLOW", "").split(",")))
# Passwords are those of made-up people, set by the tests' own process.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Hundreds of tests share one address; those about rates set their own.
REST_FRAMEWORK = REST_FRAMEWORK | {
    "DEFAULT_THROTTLE_RATES": REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
    | dict.fromkeys(("user", "address", "costly", "shared", "trial"), "1000000/min")
}
