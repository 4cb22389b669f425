"""TITAN from a program: typed endpoints, pages, jobs waited for, streams followed, series as Arrow or DataFrames.

>>> from titan_client import Titan
>>> titan = Titan("http://localhost:8000", key="titan_…")          # doctest: +SKIP
>>> titan.prices("KO").tail()                                      # doctest: +SKIP
"""

from titan_client.client import Titan
from titan_client.errors import ApiError, JobFailed
from titan_client.generated import models

__all__ = ["ApiError", "JobFailed", "Titan", "models"]
