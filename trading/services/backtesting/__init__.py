"""Backtests, sweeps and walk-forwards: asked for, checked, run as jobs, judged, compared, exported."""
