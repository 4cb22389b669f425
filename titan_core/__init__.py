"""TITAN's quant engine: cointegration scans, spreads and statistics with no web framework inside."""

__all__ = ["__version__", "warm_up"]

__version__ = "0.1.0"


def warm_up(*, side_by_side: bool = False) -> None:
    """Compile every kernel into the on-disk cache (some seconds, once a version), so that no user waits for it.

    ``side_by_side`` takes several processes, and about half the time.
    """
    from titan_core import (
        kernels,
    )  # numba takes a third of a second to import: only those who compute pay for it

    kernels.warm_up(side_by_side=side_by_side)
