"""Django's handle on the sockets app."""

from django.apps import AppConfig


class ChannelsAppConfig(AppConfig):
    """Consumers, the hub that feeds them, and the hints that wake it."""

    name = "channels_app"

    def ready(self) -> None:
        """Where workers are other processes, have their commits hinted at over the channel layer."""
        from channels_app import hints

        hints.install()
