"""The embedded server's own settings, with the benchmark's addresses and without brakes."""

from titan.settings.development import *  # noqa: F403
from titan.settings.development import REST_FRAMEWORK

ROOT_URLCONF = "benchmarks.api_bare"
# The brakes still count, as they do for everyone; they only never close.
REST_FRAMEWORK = REST_FRAMEWORK | {
    "DEFAULT_THROTTLE_RATES": dict.fromkeys(REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "1000000000/min")
}
