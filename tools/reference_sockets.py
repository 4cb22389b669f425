"""The socket reference: doors, frames, codes and bounds as the code has them; a name it does not know is an error."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["socket_page"]

ROOT = Path(__file__).resolve().parent.parent
# What the code says, in words. Whoever adds a code or a type to the code adds its words here.
ERRORS = {
    "bad_frame": "no text frame, or no JSON object with a `type`",
    "bad_json": "no JSON",
    "bad_target": "names nothing, several things or something this door does not serve; or an `after` nobody was sent",
    "internal_error": "ours; it is in the log",
    "not_found": "there is no such thing, it is not yours, or not any more",
    "too_big": "the frame is too long; the socket is closed",
    "too_fast": "too many frames; the socket is closed",
    "too_many": "too many streams on one socket",
    "unknown_type": "a `type` nobody knows",
}
CLOSES = {
    "EXPIRED": "not signed in; the ticket is used or expired; the token, the sign-in, the key or the account has ended",
    "FOREIGN_ORIGIN": "the page that opened it is not one of ours",
    "TOO_MANY": "too many sockets of this account or from this address are open",
    "TOO_FAST": "too many frames",
    "TOO_BIG": "a frame too long",
}
TYPES = {
    "access_changed": "on `user`: a right, a session or a key of yours has changed",
    "alert_update": "on `user`: an alert came, or was acknowledged",
    "backtest_progress": "on `job_…`: the account so far in at most 200 points, or a window that ended",
    "job_update": "on `job_…` and on its owner's `user`: status, progress, stage, message",
    "pair_update": "on `pair_…`: the pair's figures",
    "pong": "the answer to `ping`",
    "resumed": "the end of what was missed: from here on it is live",
    "signal_update": "on `pair_…`: the rule decided something at the pair's newest close",
    "subscribed": "you watch a stream on which nothing has happened yet",
}
_ERROR = re.compile(r'(?:BadFrame|error_text)\(\s*"(\w+)"|_close_saying\(\s*protocol\.\w+,\s*"(\w+)"')
_TYPE = re.compile(
    r'publish\(\s*[^"]*?(?:"[^"]*")?,\s*"(\w+)"|message_text\("(\w+)"|"type": "(resumed)"|lambda: \("(\w+)",'
)


def socket_page() -> str:
    """The page."""
    from channels_app import limits, outbox, protocol
    from channels_app.consumers.base import TitanConsumer
    from channels_app.routing import websocket_urlpatterns
    from common.tickets import TICKET_SECONDS

    doors = []
    for pattern in websocket_urlpatterns:
        consumer = getattr(pattern.callback, "consumer_class", None)
        if consumer is not None:
            targets = [f'`"{name}": <id>`' for name in consumer.targets] + ['`"stream": "user"`']
            doors.append(f"| `/{pattern.pattern}` | {' · '.join(targets)} | {consumer.__doc__} |")
    closes = {name: str(getattr(protocol, name)) for name in CLOSES}
    bucket = protocol.Bucket()
    return _PAGE.format(
        doors="\n".join(doors),
        types=_table(TYPES, _found(_TYPE, ("channels_app", "trading", "users", "api", "common")) - {"error"}),
        errors=_table(ERRORS, _found(_ERROR, ("channels_app",))),
        closes="\n".join(
            f"| {closes[name]} | {words} |"
            for name, words in sorted(CLOSES.items(), key=lambda c: closes[c[0]])
        ),
        ticket_seconds=TICKET_SECONDS,
        frame_kib=protocol.MAX_FRAME_BYTES // 1024,
        rate=f"{bucket.rate:.0f}",
        burst=f"{bucket.burst:.0f}",
        streams=TitanConsumer.max_streams,
        frames=outbox.MAX_FRAMES,
        megabytes=f"{outbox.MAX_CHARACTERS / 1e6:.0f}",
        seconds=f"{outbox.SEND_SECONDS:.0f}",
        per_user=limits._PER_USER,
        per_address=limits._PER_ADDRESS,
    )


def _found(pattern: re.Pattern[str], rooms: Iterable[str]) -> set[str]:
    """Names the code says."""
    texts = (
        path.read_text()
        for room in rooms
        for path in sorted((ROOT / room).rglob("*.py"))
        if "node_modules" not in path.parts
    )
    return {
        name
        for text in texts
        for found in pattern.findall(text)
        for name in ([found] if isinstance(found, str) else found)
        if name
    }


def _table(words: Mapping[str, str], found: set[str]) -> str:
    """One row a name; the code and the words must know the same ones."""
    if found != set(words):
        raise SystemExit(
            f"tools/reference_sockets.py and the code differ: only the code knows {sorted(found - set(words))}, "
            f"only the tool {sorted(set(words) - found)}"
        )
    return "\n".join(f"| `{name}` | {words[name]} |" for name in sorted(words))


_PAGE = """# WebSocket reference

Drawn from the code by `tools/reference.py`; `make check` fails where it is stale. How the sockets work inside is in
[jobs and events](jobs-and-events.md#sockets), what they are guarded against in [security](security.md).

## Doors

| address | what one may watch there | what it is for |
|---|---|---|
{doors}

`/ws/signals/?pairs=1,2` watches the pairs it lists from the start.

## Signing in

With a ticket from `POST auth/ws-ticket/`, good once and for {ticket_seconds} s, as a subprotocol:

```js
new WebSocket(url, ["titan.v1", "ticket." + ticket]);
```

The server answers with `titan.v1`. Programs may send `?token=<access token>` instead; it is taken out of the address
before anything is logged. A browser's page must be one of ours (`Origin`); the socket ends with the token, sign-in,
key or account it was opened with.

## Frames to the server

| frame | what it does |
|---|---|
| `{{"type": "subscribe", "job_id": 5}}` | a snapshot of job 5, then every event of it |
| `{{"type": "subscribe", "job_id": 5, "after": 17}}` | every event after seq 17, then `resumed`, then every new event |
| `{{"type": "unsubscribe", "job_id": 5}}` | no more of it |
| `{{"type": "ping"}}` | `pong` |

A frame names one thing its door serves (`job_id`, `pair_id`, or `"stream": "user"` for one's own stream).

## Frames from the server

`{{"type", "stream", "seq", "timestamp", "data"}}`; what belongs to no stream has neither `stream` nor `seq`.

| type | what |
|---|---|
{types}
| `error` | `data.code` and `data.message`; the socket stays open unless a close code follows |

`seq` counts the events of one stream without gap. With `after` nothing is missed and nothing comes twice, across
lost connections and server restarts: remember the last `seq` heard, connect again, subscribe with it. `resumed`
carries `data.lost`, the number of events that housekeeping had removed (older than 14 days); where it is above 0,
subscribe once without `after` for the present state. The same log is read over `GET events/?stream=job_5&after=17`.

## Errors

| code | what |
|---|---|
{errors}

## Close codes

| code | why |
|---|---|
{closes}
| (cut) | the client stopped reading |

## Bounds

| what | bound |
|---|---|
| a frame to the server | {frame_kib} KiB |
| frames to the server | {rate} a second, {burst} at once |
| streams on one socket | {streams} |
| what waits for a slow reader | {frames} frames or {megabytes} million characters |
| how long a frame may wait for the network | {seconds} s (`TITAN_SOCKET_SEND_SECONDS`) |
| open sockets of one account | {per_user} a server process (`TITAN_SOCKETS_PER_USER`) |
| open sockets from one address | {per_address} a server process (`TITAN_SOCKETS_PER_ADDRESS`) |

The names in brackets are Django settings.
"""
