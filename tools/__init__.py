"""Scripts behind the Makefile and .ci/run; no part of what is installed."""
