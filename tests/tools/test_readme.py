"""What the README tells people to type works."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from tests.kernel_cache import share_kernels

ROOT = Path(__file__).resolve().parents[2]


BIN = Path(sys.executable).parent


def example(place: int) -> str:
    """The README's Python blocks, in order."""
    return re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[place]


def closes(folder: Path) -> None:
    """Four made-up series in the file the README speaks of."""
    rng = np.random.default_rng(20)
    levels = 50 * np.exp(rng.normal(0, 0.01, (600, 4)).cumsum(axis=0))
    days = pd.bdate_range("2018-01-01", periods=600)
    pd.DataFrame(levels, index=days, columns=list("ABCD")).to_csv(folder / "closes.csv")


def run(folder: Path, *command: str, text: str | None = None) -> str:
    """Run a command in the folder; what it printed."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TITAN_", "DJANGO_"))
    }
    share_kernels(folder / "var")
    environment |= {"PYTHONPATH": str(ROOT), "TITAN_HOME": str(folder / "var")}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_with_own_prices_runs(tmp_path: Path) -> None:
    closes(tmp_path)
    assert "6 pairs tested" in run(tmp_path, sys.executable, "-c", example(0))


def test_own_prices_go_into_the_store_and_twice_changes_nothing(tmp_path: Path) -> None:
    closes(tmp_path)
    typed = re.findall(r"```sh\n\.venv/bin/titan (ingest .*?)\n```", (ROOT / "README.md").read_text())
    [command] = [shlex.split(line) for line in typed]
    first = run(tmp_path, str(BIN / "titan"), *command)
    n_bars = int(re.findall(r"([\d,]+) bars stored", first)[0].replace(",", ""))
    assert 2_280 < n_bars < 2_400  # business days, the exchange's holidays set aside
    assert "Universe: My stocks (my-stocks), 4 symbols" in first
    again = run(tmp_path, str(BIN / "titan"), *command)
    assert f"0 bars stored, {n_bars:,} were there already" in again
