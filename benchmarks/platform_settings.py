"""Production's own settings, with the benchmark's addresses and without brakes."""

from titan.settings.production import *  # noqa: F403 - settings are inherited whole
from titan.settings.production import REST_FRAMEWORK

ROOT_URLCONF = "benchmarks.api_bare"
# The brakes still count, over Redis as they do for everyone; they only never close.
REST_FRAMEWORK = REST_FRAMEWORK | {
    "DEFAULT_THROTTLE_RATES": dict.fromkeys(REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "1000000000/min")
}
TITAN_SOCKETS_PER_USER = TITAN_SOCKETS_PER_ADDRESS = 10_000
TITAN_WARM_KERNELS = False
