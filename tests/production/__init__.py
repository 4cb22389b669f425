"""TITAN as production runs it: its own servers and processes over TimescaleDB and Redis (`make test-services`)."""
