"""Which function does which kind of job. Handlers register themselves; the job service imports no other service."""

import importlib
import pkgutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from titan_core.kernels import warm_up
from trading.models.jobs import Job
from trading.services.jobs import conf
from trading.services.jobs.errors import NoHandler

if TYPE_CHECKING:
    from trading.services.jobs.report import Report

__all__ = ["discover", "handler_for", "handles", "prepare"]

Handler = Callable[[Job, "Report"], None]
F = TypeVar("F", bound=Callable[..., None])

_handlers: dict[str, Callable[..., None]] = {}


def handles(kind: str) -> Callable[[F], F]:
    """Register a function ``(job, report)`` or a service's method ``(self, job, report)`` for jobs of `kind`."""

    def register(function: F) -> F:
        known = _handlers.setdefault(str(kind), function)
        if _name(known) != _name(function):
            raise ValueError(
                f"jobs of kind {kind} are handled by {_name(known)} already, not by {_name(function)}"
            )
        _handlers[str(kind)] = function  # a reloaded module brings the newer one
        return function

    return register


def discover() -> None:
    """Import every module of ``trading.services`` and of ``TITAN_JOB_MODULES``, so that handlers register."""
    services = importlib.import_module("trading.services")
    for module in pkgutil.walk_packages(services.__path__, "trading.services."):
        importlib.import_module(module.name)
    for name in conf.job_modules():
        importlib.import_module(name)


def prepare() -> None:
    """Import every handler and load every compiled kernel, so that the first job starts at once."""
    discover()
    if conf.warm_kernels():
        warm_up()


def handler_for(kind: str) -> Handler:
    """The function for `kind`, bound to a fresh service where it is a method; raises `NoHandler`."""
    if kind not in _handlers:
        discover()
    try:
        function = _handlers[kind]
    except KeyError:
        raise NoHandler(
            f"no function handles jobs of kind {kind!r}: decorate one in trading.services with @handles({kind!r})"
        ) from None
    owner, _, method = function.__qualname__.rpartition(".")
    if not owner or owner.endswith("<locals>"):
        return function
    target: Any = sys.modules[function.__module__]
    for part in owner.split("."):
        target = getattr(target, part)
    bound: Handler = getattr(target(), method)
    return bound


def _name(function: Callable[..., None]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
