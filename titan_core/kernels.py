"""Compiled kernels: one decorator, one on-disk cache that never serves a stale copy, one way to fill it.

numba caches a compiled function beside a stamp of *its own* source file, so a cached caller keeps an old copy of a
kernel that was edited in another file. Here the cache directory itself is named by a hash of every ``kernels.py`` of
the engine and the versions beneath it: any edit starts a new, empty directory.
"""

import functools
import hashlib
import importlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import llvmlite
import numba
import numpy as np
from numba.core import config as numba_config

__all__ = ["borrowing", "cache_directory", "inlined", "kernel", "kernel_modules", "warm_up"]

_PACKAGE = Path(__file__).resolve().parent
_KEPT_KEYS = 4
_KEY_LENGTH = 16
_decorating = threading.Lock()

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a function with numba: nopython, GIL released, cached on disk, no fastmath, IEEE division.

    Results of kernels are stored and compared bit for bit, and NaN means something in them; fastmath breaks both.
    numba's cache directory is set during decoration only, so other users of numba in the process keep theirs.
    """
    return _compiled(function, inline="never")


def inlined(function: F) -> F:
    """`kernel` for a small step of a hot loop: numba writes it out in its callers.

    A call counts a reference up and down, atomically, for every array it passes; forty nanoseconds a step add up.
    """
    return _compiled(function, inline="always")


def borrowing(function: F) -> F:
    """`kernel` that counts no references: for loops that take many views of their arguments, and allocate nothing.

    The caller owns every array for as long as the call lasts, so counting them protects nothing; each count is an
    atomic operation, and a hundred of them an order are more than the order's arithmetic. A function that
    allocates does not compile this way, so nothing can leak.
    """
    return _compiled(function, inline="never", _nrt=False)


def _compiled(function: F, *, inline: Literal["never", "always"], **more: bool) -> F:
    settings: Any = numba_config  # its names are made at import, unseen by type checkers
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "inline": inline, **more}
    with _decorating:
        before = settings.CACHE_DIR
        settings.CACHE_DIR = str(cache_directory())
        try:
            compiled = numba.njit(cache=True, **options)(function)
        except RuntimeError:  # no writable place at all: compile in memory, as often as needed
            compiled = numba.njit(**options)(function)
        finally:
            settings.CACHE_DIR = before
    return cast(F, compiled)


@functools.cache
def cache_directory() -> Path:
    """Directory of this engine's compiled kernels; made if it can be, with the oldest of its siblings removed.

    ``NUMBA_CACHE_DIR`` wins, then ``TITAN_HOME/cache/kernels``, then the user's cache folder (XDG).
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    root = Path(chosen) / "titan-kernels" if chosen else _own_cache_root()
    directory = root / _key()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        os.utime(directory)
        _forget_old_keys(root)
    except OSError:
        pass  # read-only home: `kernel` falls back to what numba finds writable
    return directory


def kernel_modules() -> tuple[str, ...]:
    """Dotted names of every module of kernels in the engine, in a fixed order."""
    return tuple(
        ".".join((_PACKAGE.name, *path.relative_to(_PACKAGE).with_suffix("").parts))
        for path in _sources()
        if path.parent != _PACKAGE
    )


def warm_up(*, side_by_side: bool = False) -> None:
    """Compile every kernel into the on-disk cache, so that no user waits for a compiler.

    Each module named ``kernels`` offers ``warm_up()``, which calls its entry kernels once on tiny inputs of the types
    their faces pass. ``side_by_side`` compiles modules that share no kernel at the same time, each lot in a process
    of its own.
    """
    here, *elsewhere = _lots() if side_by_side else [list(kernel_modules())]
    helpers = [_compile_elsewhere(lot) for lot in elsewhere]
    for name in here:
        importlib.import_module(name).warm_up()
    for lot, helper in zip(elsewhere, helpers, strict=True):
        helper.wait()
        for name in lot:  # found in the cache; what the helper could not do is done here
            importlib.import_module(name).warm_up()


def _lots() -> list[list[str]]:
    """Modules in lots that share no kernel: two processes at one function's index would lose one's entry."""
    names, lots = kernel_modules(), list[set[str]]()
    for name in names:
        values = vars(importlib.import_module(name)).values()
        lot = {name} | {value.py_func.__module__ for value in values if hasattr(value, "py_func")}
        related = [one for one in lots if one & lot]
        lots = [one for one in lots if one not in related] + [lot.union(*related)]
    return [[name for name in names if name in lot] for lot in lots]


def _compile_elsewhere(names: list[str]) -> "subprocess.Popen[bytes]":
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name).warm_up()"
    return subprocess.Popen([sys.executable, "-c", code, *names])  # noqa: S603 - this interpreter, our own modules


def _own_cache_root() -> Path:
    home = os.environ.get("TITAN_HOME")
    if home:
        return Path(home).expanduser().resolve() / "cache" / "kernels"
    caches = os.environ.get("XDG_CACHE_HOME")
    return (Path(caches) if caches else Path.home() / ".cache") / "titan" / "kernels"


def _sources() -> list[Path]:
    return sorted(_PACKAGE.rglob("kernels.py"))


def _key() -> str:
    """Name of the cache: whatever the machine code depends on, besides the CPU (numba's own index holds that)."""
    digest = hashlib.sha256()
    for part in (sys.version, numba.__version__, llvmlite.__version__, np.__version__):
        digest.update(part.encode() + b"\0")
    for path in _sources():
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:_KEY_LENGTH]


def _forget_old_keys(root: Path) -> None:
    """Keep the few most recently used caches: another version of the engine may share the folder."""
    keys = (d for d in root.iterdir() if d.is_dir() and len(d.name) == _KEY_LENGTH)
    by_age = sorted(keys, key=lambda d: d.stat().st_mtime, reverse=True)
    for directory in by_age[_KEPT_KEYS:]:
        shutil.rmtree(directory, ignore_errors=True)
