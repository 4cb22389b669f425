"""What the README tells people to type works."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]


def test_the_example_with_own_prices_runs(tmp_path: Path) -> None:
    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert example
    rng = np.random.default_rng(20)
    levels = 50 * np.exp(rng.normal(0, 0.01, (600, 4)).cumsum(axis=0))
    days = pd.bdate_range("2018-01-01", periods=600)
    pd.DataFrame(levels, index=days, columns=list("ABCD")).to_csv(tmp_path / "closes.csv")
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", example.group(1)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert "6 pairs tested" in done.stdout
