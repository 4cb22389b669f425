"""The usual alert rule of a watched pair's signals, for accounts that were given their rules before there was one."""

from typing import Any

from django.db import migrations
from django.db.migrations.recorder import MigrationRecorder


def give_signal_rules(apps: Any, schema_editor: Any) -> None:
    """Give it to whoever had their rules before signals could be told of; who deleted theirs since keeps none."""
    recorded = MigrationRecorder(schema_editor.connection).migration_qs
    since = recorded.filter(app="trading", name="0009_signals").values_list("applied", flat=True).first()
    if since is None:
        return
    rule, defaults = apps.get_model("trading", "AlertRule"), apps.get_model("trading", "AlertDefaults")
    told = rule.objects.filter(kind="signal").values("owner")
    rule.objects.bulk_create(
        rule(owner_id=owner, kind="signal", severity="info", parameters={"min_confidence": 0.0})
        for owner in defaults.objects.filter(made_at__lt=since)
        .exclude(owner__in=told)
        .values_list("owner_id", flat=True)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("trading", "0015_hypertables"),
    ]

    operations = [
        migrations.RunPython(
            give_signal_rules, migrations.RunPython.noop, hints={"database": "default"}, elidable=True
        ),
    ]
