"""The one shape of every error."""

from typing import Any

from rest_framework import serializers

__all__ = ["ErrorSerializer"]


class ErrorBodySerializer(serializers.Serializer[Any]):
    """What went wrong, in words that say how to mend it."""

    code = serializers.CharField(help_text="Stable, machine-readable.")
    message = serializers.CharField(help_text="For the person who must act on it.")
    # spectacular reads the declared fields; DRF's own attribute of this name is bypassed on purpose.
    request_id = serializers.CharField(
        help_text="Also in the X-Request-ID header; quote it when asking for help."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add ``fields``, a name a class attribute cannot take because serializers use it themselves."""
        declared = super().get_fields()
        per_field = serializers.DictField(
            child=serializers.ListField(child=serializers.CharField()),
            help_text="Messages by the name of the field they are about.",
        )
        return {"code": declared["code"], "message": declared["message"], "fields": per_field} | declared


class ErrorSerializer(serializers.Serializer[Any]):
    """Every answer of 400 and above."""

    error = ErrorBodySerializer()
