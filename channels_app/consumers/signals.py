"""``/ws/signals/?pairs=1,2``: news of pairs, the listed ones from the start."""

from urllib.parse import parse_qs

from channels_app.consumers.base import TitanConsumer
from channels_app.protocol import BadFrame

__all__ = ["SignalConsumer"]


class SignalConsumer(TitanConsumer):
    """Signals and changes of the pairs one watches."""

    door = "signals"
    targets = ("pair_id",)

    def initial_frames(self) -> list[dict[str, object]]:
        """A subscription for each pair the URL lists."""
        listed = parse_qs(self.scope["query_string"].decode("latin-1")).get("pairs", [""])[0]
        names = [name.strip() for name in listed.split(",") if name.strip()]
        if len(names) > self.max_streams:
            raise BadFrame("too_many", f"Watch at most {self.max_streams} pairs over one socket.")
        if not all(name.isascii() and name.isdigit() and len(name) <= 18 for name in names):
            raise BadFrame("bad_target", "List pairs by number, for example ?pairs=1,2.")
        return [{"type": "subscribe", "pair_id": int(name)} for name in names]
