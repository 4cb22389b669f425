"""The parts of a scan: what it runs on, its stages, its table, and how it is shown."""
