"""Jobs: long work with progress, ETA and cancel."""

from typing import Any

from rest_framework import serializers

from api.serializers.base import ChoiceField, ReadSerializer
from api.serializers.choices import QUEUE
from trading.models import Job, JobKind, JobStatus
from trading.services.jobs.payload import job_payload

__all__ = ["JobSerializer"]


class JobSubjectSerializer(serializers.Serializer[Any]):
    """What a job works on."""

    type = serializers.CharField()
    id = serializers.IntegerField()


class JobPartsSerializer(serializers.Serializer[Any]):
    """How far a job is that was cut for several workers."""

    done = serializers.IntegerField()
    total = serializers.IntegerField()
    workers = serializers.IntegerField(help_text="Workers on the parts that are not done.")


class JobSerializer(ReadSerializer):
    """A job as every list, socket and scan shows it."""

    id = serializers.IntegerField()
    kind = ChoiceField(choices=JobKind.choices)
    queue = ChoiceField(choices=QUEUE, help_text="Where jobs of this kind wait.")
    worker = serializers.CharField(help_text="The worker that does it (`workers/`); empty unless it runs.")
    status = ChoiceField(choices=JobStatus.choices)
    progress = serializers.FloatField(help_text="Share done, 0 to 1.")
    stage = serializers.CharField()
    message = serializers.CharField()
    error = serializers.CharField(help_text="Why it failed, in words; empty where it did not.")
    attempt = serializers.IntegerField()
    cancel_requested = serializers.BooleanField()
    subject = JobSubjectSerializer(allow_null=True)
    parts = JobPartsSerializer(allow_null=True, help_text="Null where one worker does all of it.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    elapsed_seconds = serializers.FloatField()
    eta_seconds = serializers.FloatField(allow_null=True)

    def to_representation(self, instance: Job) -> dict[str, Any]:
        """The payload sockets send too, narrowed to the fields asked for."""
        payload = job_payload(instance)
        return {name: value for name, value in payload.items() if name in self.fields}
