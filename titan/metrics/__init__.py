"""``/metrics``: what Prometheus reads. Who may, what the process measured, what the rows say."""

from titan.metrics.view import metrics

__all__ = ["metrics"]
