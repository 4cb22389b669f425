"""A family of trials holds those on all bars: hashes are told anew, wherever a run says what they were made of.

Sliders and command lines leave no run. Their trials follow where a run of the same family is still there; others keep
a hash that nothing asks for any more. How hashes are made is frozen here.
"""

import hashlib
import json
from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_PERIODS = {"1d": 252.0, "1wk": 52.0, "1mo": 12.0}
_RUNS = ("BacktestRun", "Sweep", "WalkForwardRun")


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _family(run: Any) -> str:
    names = ["/".join(pair) for pair in run.pairs] or getattr(run, "symbols", [])
    symbols = sorted("/".join(sorted(name.split("/"))) for name in names)
    return _hash({"rule": run.rule, "symbols": symbols, "years": [run.start_date.year, run.end_date.year]})


def tell_anew(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    tables = [apps.get_model("trading", name).objects for name in _RUNS]
    trials = apps.get_model("trading", "Trial").objects
    known: dict[str, tuple[str, str, float]] = {}
    for runs in tables:
        for run in runs.order_by("pk").iterator(chunk_size=200):
            periods = run.inputs.get("periods_per_year") or _PERIODS[run.timeframe]
            known[run.family] = (_family(run), run.timeframe, periods)
    for old, (family, timeframe, periods) in known.items():
        for pk, was in list(trials.filter(family=old).values_list("pk", "configuration")):
            now = _hash({"timeframe": timeframe, "settings": was})
            trials.filter(pk=pk).update(family=family, configuration=now, periods_per_year=periods)
        for runs in tables:
            runs.filter(family=old).update(family=family)


class Migration(migrations.Migration):
    dependencies = [("trading", "0019_defaults_in_the_database")]

    operations = [
        migrations.AddField(
            model_name="trial",
            name="periods_per_year",
            field=models.FloatField(
                blank=True,
                help_text="Bars a year its Sharpe ratios are of; where null, as many as of the run it is counted with.",
                null=True,
            ),
        ),
        # Backwards they stay: the release before counts anew, as it would for runs it does not know.
        migrations.RunPython(tell_anew, migrations.RunPython.noop),
    ]
