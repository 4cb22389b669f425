"""The compile cache: where it lies, what it is keyed by, and that warming it leaves nothing to compile."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest
from numba.core import config
from numba.core.registry import CPUDispatcher

import titan_core
from titan_core import kernels


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A cache root of the test's own, asked for anew."""
    for name in ("NUMBA_CACHE_DIR", "TITAN_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    kernels.cache_directory.cache_clear()
    yield tmp_path
    kernels.cache_directory.cache_clear()


def test_cache_lies_in_titan_home_else_in_the_users_cache_folder(fresh, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(fresh / "xdg"))
    assert kernels.cache_directory().parent == fresh / "xdg" / "titan" / "kernels"
    kernels.cache_directory.cache_clear()
    monkeypatch.setenv("TITAN_HOME", str(fresh / "home"))
    assert kernels.cache_directory().parent == fresh / "home" / "cache" / "kernels"
    assert kernels.cache_directory().is_dir()


def test_numbas_own_variable_wins(fresh, monkeypatch):
    monkeypatch.setenv("TITAN_HOME", str(fresh / "home"))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(fresh / "numba"))
    assert fresh / "numba" in kernels.cache_directory().parents


def test_an_edit_of_any_kernel_starts_another_cache(fresh, monkeypatch):
    package = fresh / "titan_core"
    (package / "deep").mkdir(parents=True)
    (package / "kernels.py").write_text("a = 1\n")
    (package / "deep" / "kernels.py").write_text("b = 1\n")
    monkeypatch.setattr(kernels, "_PACKAGE", package)
    before = kernels._key()
    assert kernels._key() == before
    (package / "deep" / "kernels.py").write_text("b = 2\n")
    assert kernels._key() != before


def test_old_caches_are_removed_and_recent_ones_kept(fresh, monkeypatch):
    monkeypatch.setenv("TITAN_HOME", str(fresh))
    root = fresh / "cache" / "kernels"
    for age in range(6):
        old = root / f"{age:016x}"
        old.mkdir(parents=True)
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    (root / "mine").mkdir()
    current = kernels.cache_directory()
    assert {d.name for d in root.iterdir()} == {current.name, "mine", *(f"{age:016x}" for age in range(3))}


def test_decorating_leaves_numbas_directory_alone_and_caches_in_ours(fresh, monkeypatch):
    monkeypatch.setenv("TITAN_HOME", str(fresh / "home"))
    module = fresh / "doubling.py"
    module.write_text(
        "from titan_core.kernels import kernel\n\n@kernel\ndef double(x):\n    return 2.0 * x\n"
    )
    monkeypatch.syspath_prepend(str(fresh))
    config.reload_config()  # numba reads the environment again whenever it compiles
    before = config.CACHE_DIR
    assert importlib.import_module("doubling").double(2.0) == 4.0
    assert before == config.CACHE_DIR
    assert list(kernels.cache_directory().rglob("doubling.double*.nbi"))
    assert not list(fresh.rglob("__pycache__/*.nbi"))


def test_without_a_writable_place_kernels_still_compile(fresh, monkeypatch):
    def refuse(*args, **options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function")
        return original(*args, **options)

    original = numba.njit
    monkeypatch.setattr(numba, "njit", refuse)
    assert kernels.kernel(lambda x: x + 1.0)(1.0) == 2.0


def test_kernel_division_is_ieee_and_nan_survives():
    divide = kernels.kernel(lambda a, b: a / b)
    assert divide(1.0, 0.0) == float("inf")
    assert divide(0.0, 0.0) != divide(0.0, 0.0)


def test_every_kernel_is_in_the_cache_after_warm_up():
    titan_core.warm_up()
    names = kernels.kernel_modules()
    assert "titan_core.analysis.cointegration.scan.kernels" in names
    for name in names:
        for attribute, value in vars(importlib.import_module(name)).items():
            ours = isinstance(value, CPUDispatcher) and value.py_func.__module__ == name
            if ours and value.targetoptions["inline"] == "never":  # the others are part of their callers
                indexed = Path(value.stats.cache_path).glob(
                    f"kernels.{attribute}-{value.py_func.__code__.co_firstlineno}*.nbi"
                )
                assert list(indexed), f"{name}.{attribute} is not compiled by {name}.warm_up()"


def test_modules_that_share_a_kernel_are_compiled_by_one_process(monkeypatch):
    elsewhere = []
    monkeypatch.setattr(kernels, "_compile_elsewhere", lambda names: elsewhere.append(names) or _Done())
    kernels.warm_up(side_by_side=True)
    mine = [name for name in kernels.kernel_modules() if not any(name in lot for lot in elsewhere)]
    lots = [mine, *elsewhere]
    assert len(lots) > 1
    assert sorted(name for lot in lots for name in lot) == sorted(kernels.kernel_modules())
    for lot in lots:
        for name in lot:
            used = {
                value.py_func.__module__
                for value in vars(importlib.import_module(name)).values()
                if isinstance(value, CPUDispatcher)
            }
            assert used <= set(lot), f"{name} uses kernels that another process compiles"


class _Done:
    def wait(self):
        return 0


def test_a_warm_cache_leaves_nothing_to_compile():
    titan_core.warm_up()
    script = (
        "import numpy as np\n"
        "from titan_core import kernels\n"
        "from titan_core.analysis import engle_granger, half_life, rolling_z_score, scan_pairs\n"
        "from titan_core.data import PricePanel\n"
        "from numba.core.registry import CPUDispatcher\n"
        "import importlib\n"
        "values = 4 + np.random.default_rng(0).normal(size=(300, 12)).cumsum(axis=0) / 100\n"
        "values[:40, 0] = np.nan\n"
        "values[:, 2] = values[:, 1] + 1e-4 * values[:, 3]\n"
        "stamps = np.datetime64('2020-01-01', 'us') + np.arange(300) * np.timedelta64(1, 'D')\n"
        "panel = PricePanel(tuple('ABCDEFGHIJKL'), stamps, values, scale='log')\n"
        "for trend in ('n', 'c', 'ct', 'ctt'):\n"
        "    for rule in ('aic', 'bic', 't-stat', None):\n"
        "        scan_pairs(panel, trend=trend, autolag=rule)\n"
        "half_life(engle_granger(values[:, 4], values[:, 5]).residual)\n"
        "rolling_z_score(values[:, 0], 20)\n"
        "from titan_core.backtesting import backtest_portfolio, sweep_pair\n"
        "from titan_core.simulation import Costs\n"
        "prices = PricePanel(panel.symbols, stamps, np.exp(values))\n"
        "pair, market = ('C', 'D'), {'costs': Costs(half_spread_bps=1.0), 'capital': 1e5}\n"
        "for name in ('rolling', 'ewma', 'ou', 'kalman'):\n"
        "    hedge = 0 if name == 'kalman' else 30\n"
        "    sweep = sweep_pair(prices, pair, grid={'name': [name], 'hedge_window': [hedge]}, **market)\n"
        "    backtest_portfolio(prices, [pair], rule=sweep.rule_at(0), **market)\n"
        "missed = [k for name in kernels.kernel_modules() for k, v in vars(importlib.import_module(name)).items()\n"
        "          if isinstance(v, CPUDispatcher) and sum(v.stats.cache_misses.values())]\n"
        "assert not missed, missed\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_the_engine_does_not_import_numba():
    script = "import sys, titan_core, titan_core.errors, titan_core.types; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert Path(titan_core.__file__).name == "__init__.py"
