"""TITAN's tests: the engine, the web layer, the services, the whole path in a browser."""

import os

# statsmodels, the oracle of many tests, solves thousands of small systems: more BLAS threads make each of them slower.
# Set before numpy is first imported; the engine's own threads do not come from BLAS.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
