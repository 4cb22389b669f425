"""Who signs in during the benchmarks of the API."""

__all__ = ["PASSWORD", "USERNAME"]

USERNAME, PASSWORD = "bench", "correct horse battery staple"
