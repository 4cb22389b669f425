"""Speed and size as ratios measured in one run: ``python -m benchmarks [NAME …] [--json] [--threads N]``."""
