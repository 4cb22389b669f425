"""The Python client where no socket comes through: requests that wait, nothing missed, nothing doubled."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from titan_client import streams
from titan_client.streams import Event, follow


class Log:
    """A server's log of one stream, behind a network that may let sockets or requests through."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.sockets_pass, self.requests_pass = False, True
        self.asked: list[dict[str, Any]] = []
        self.opened: list[int | None] = []

    def events(self, url: str, stream: str, ticket: str, after: int | None) -> Iterator[Event]:
        self.opened.append(after)
        if not self.sockets_pass:
            raise OSError("refused by a proxy")
        yield from (self.event(seq) for seq in self.seqs if seq > (after or 0))
        raise OSError("cut")

    def page(self, **query: Any) -> dict[str, Any]:
        self.asked.append(query)
        if not self.requests_pass:
            raise httpx.ConnectError("down")
        last = self.seqs[-1]
        if query.get("newest"):
            return {"results": [self.event(last)], "last_seq": last}
        self.seqs.append(last + 1)  # news comes while it waits
        found = [seq for seq in self.seqs if seq > query["after"]]
        return {"results": [self.event(seq) for seq in found], "last_seq": found[-1]}

    @staticmethod
    def event(seq: int) -> Event:
        return {"type": "job_update", "stream": "job_5", "seq": seq, "data": {}}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    made = Log()
    monkeypatch.setattr(streams, "_events", made.events)
    monkeypatch.setattr("titan_client.streams.time.sleep", lambda seconds: None)
    return made


def followed(log: Log, *, after: int | None = None, patience: int = 8) -> Iterator[Event]:
    return follow("http://t", "job_5", ticket=lambda: "t", page=log.page, after=after, patience=patience)


def test_requests_that_wait_stand_in(log: Log) -> None:
    log.seqs = [3, 4]
    events = followed(log)
    assert [next(events)["seq"] for _ in range(4)] == [4, 5, 6, 7]
    assert log.asked[0] == {"stream": "job_5", "newest": True}
    assert log.asked[1] == {"stream": "job_5", "after": 4, "wait": 20}
    assert len(log.opened) == 2


def test_they_go_on_where_the_socket_was(log: Log) -> None:
    log.seqs, log.sockets_pass = [1, 2, 3], True
    events = followed(log, after=1)
    assert [next(events)["seq"], next(events)["seq"]] == [2, 3]
    log.sockets_pass = False
    assert [next(events)["seq"] for _ in range(3)] == [4, 5, 6]
    assert log.asked[0]["after"] == 3


def test_a_socket_is_tried_again_later(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_ASK_SECONDS", -1.0)
    log.seqs = [7]
    events = followed(log)
    assert next(events)["seq"] == 7
    log.seqs, log.sockets_pass = [7, 8, 9], True
    assert [next(events)["seq"], next(events)["seq"]] == [8, 9]


def test_with_neither_way_it_gives_up(log: Log) -> None:
    log.seqs, log.requests_pass = [1], False
    with pytest.raises(ConnectionError, match="job_5"):
        next(followed(log, patience=3))
    assert len(log.opened) == 4
