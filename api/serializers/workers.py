"""Workers and the queues they serve."""

from typing import Any

from rest_framework import serializers

from api.serializers.base import ChoiceField, ReadSerializer
from api.serializers.choices import QUEUE, WORKER_STATE
from trading.models import Job, JobKind, Worker
from trading.services.jobs.workers import state_of

__all__ = ["QueueSerializer", "WorkerSerializer"]


class WorkerJobSerializer(serializers.Serializer[Any]):
    """What a worker does just now; whose it is, and what about, is its owner's affair."""

    id = serializers.IntegerField()
    kind = ChoiceField(choices=JobKind.choices)
    progress = serializers.FloatField(help_text="Share done, 0 to 1.")
    stage = serializers.CharField()


class WorkerSerializer(ReadSerializer):
    """One process that does jobs."""

    id = serializers.IntegerField()
    name = serializers.CharField(help_text="What jobs call it in their field `worker`.")
    host = serializers.CharField()
    pid = serializers.IntegerField()
    queues = serializers.ListField(child=ChoiceField(choices=QUEUE))
    version = serializers.CharField()
    started_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField(
        help_text="When it last said that it lives; it does so every few seconds."
    )
    state = ChoiceField(
        choices=WORKER_STATE,
        help_text="silent: not heard of for twenty seconds. stopping: ends what it does, takes nothing new.",
    )
    job = WorkerJobSerializer(allow_null=True)

    def to_representation(self, instance: Worker) -> dict[str, Any]:
        """With its job, from the context: read once for all of a page."""
        job: Job | None = self.context["jobs"].get(instance.name)
        told = {
            "id": instance.pk,
            "name": instance.name,
            "host": instance.host,
            "pid": instance.pid,
            "queues": instance.queues,
            "version": instance.version,
            "started_at": instance.started_at,
            "seen_at": instance.seen_at,
            "state": str(state_of(instance, self.context["now"])),
            "job": None
            if job is None
            else {"id": job.pk, "kind": job.kind, "progress": round(job.progress, 4), "stage": job.stage},
        }
        return {name: value for name, value in told.items() if name in self.fields}


class QueueSerializer(serializers.Serializer[Any]):
    """One queue as it stands."""

    name = ChoiceField(choices=QUEUE)
    pending = serializers.IntegerField(help_text="Jobs that wait in it.")
    running = serializers.IntegerField(help_text="Jobs from it that run.")
    oldest_pending_seconds = serializers.FloatField(allow_null=True, help_text="null where none waits.")
    workers = serializers.IntegerField(
        help_text="Processes that take from it; 0 means that it waits in vain."
    )
