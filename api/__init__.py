"""The REST face of TITAN: serializers, views, authentication, errors, schema."""
