"""Scanning a panel: every pair, both directions, bit-identical on any number of threads."""
