"""Signals of registered pairs: decided by the engine's own step, written once, told at once."""
