"""TITAN's quant engine: cointegration scans, spreads and statistics with no web framework inside."""

__version__ = "0.1.0"
