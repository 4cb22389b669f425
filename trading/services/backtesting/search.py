"""A search as a job: each batch is kept as it ends, so that whoever takes over rebuilds the sampler from them."""

import json
from typing import Any

import numpy as np
import pyarrow as pa

from titan_core.backtesting import SearchResult, search_pair
from titan_core.backtesting.sweep import SweepResult
from titan_core.data import BarPanel
from titan_core.errors import DataUnavailable, StoreError
from titan_core.manifest import Manifest
from titan_core.strategy import Rule
from trading.models import Job, Sweep
from trading.services import artefacts
from trading.services.backtesting.asking import pairs_of_run, terms_of_run
from trading.services.backtesting.terms import ranges_of
from trading.services.jobs import Report

__all__ = ["searched"]


def searched(sweep: Sweep, bars: BarPanel, job: Job, report: Report) -> SearchResult:
    """The points of a search; the same bits however often it is interrupted."""
    terms = terms_of_run(sweep, ())
    names: list[str] = list(job.checkpoint.get("batches", ()))
    kept = _kept(names, terms.rule)

    def on_batch(number: int, batch: SweepResult) -> None:
        del names[number:]
        names.append(artefacts.put_table("backtests", _as_table(batch)))
        report.checkpoint({"batches": names})

    def progress(done: int, total: int) -> None:
        report(0.05 + 0.8 * done / max(1, total), stage="Searching", message=f"{done:,} of {total:,} points")

    return search_pair(
        bars,
        pairs_of_run(sweep)[0],
        space=ranges_of(sweep.ranges, terms.rule),
        n_trials=sweep.n_trials or 1,
        seed=sweep.seed or 0,
        costs=terms.costs,
        capital=terms.capital,
        rule=terms.rule,
        sizing=terms.sizing,
        start=np.datetime64(sweep.start_date),
        delistings=terms.delistings,
        periods_per_year=terms.periods_per_year,
        progress=progress,
        should_stop=report.should_stop,
        done=kept,
        on_batch=on_batch,
    )


def _kept(names: list[str], rule: Rule) -> list[SweepResult]:
    """Batches finished before, as far as their files are whole."""
    found = []
    for at, name in enumerate(names):
        try:
            found.append(_from_table(artefacts.table("backtests", name), rule))
        except (DataUnavailable, StoreError):
            del names[at:]
            break
    return found


def _as_table(batch: SweepResult) -> Any:
    """A row a point; block sums as columns, what belongs to all rows in the metadata."""
    columns = {f"parameter|{name}": values for name, values in batch.parameters.items()}
    columns |= {f"metric|{name}": values for name, values in batch.metrics.items()}
    columns |= {
        f"block|{kind}|{number}": np.ascontiguousarray(values)
        for kind, blocks in enumerate(batch.blocks)
        for number, values in enumerate(blocks)
    }
    head = {
        "manifest": batch.manifest.as_dict(),
        "notes": list(batch.notes),
        "n_blocks": batch.blocks.shape[1],
    }
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    return table.replace_schema_metadata({b"titan": json.dumps(head, sort_keys=True).encode()})


def _from_table(table: Any, rule: Rule) -> SweepResult:
    """The batch of a table."""
    head = json.loads(table.schema.metadata[b"titan"])

    def group(kind: str) -> dict[str, Any]:
        names = [name for name in table.column_names if name.startswith(f"{kind}|")]
        return {name.removeprefix(f"{kind}|"): table[name].to_numpy() for name in names}

    sums = group("block")
    blocks = np.array([[sums[f"{kind}|{number}"] for number in range(head["n_blocks"])] for kind in (0, 1)])
    return SweepResult(
        group("parameter"),
        group("metric"),
        blocks,
        0,
        rule,
        Manifest(**head["manifest"]),
        tuple(head["notes"]),
    )
