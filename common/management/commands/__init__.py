"""The commands of ``titan``."""
