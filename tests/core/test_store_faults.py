"""The price store among other writers, kills, full disks and damaged files."""

import os
import random
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest

from tests.small_disk import CAN_MOUNT, small_disk
from titan_core.data.store import SqlitePriceStore, WriteResult, pool
from titan_core.data.store.sqlite import connections, create_schema
from titan_core.errors import StoreError

ROUNDS = int(os.environ.get("TITAN_TEST_ROUNDS", "5"))
DAYS = np.arange("2020-01-01", "2020-01-05", dtype="M8[D]").astype("M8[us]")
CLOSE = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "prices.sqlite3"


@pytest.fixture
def store(path):
    with SqlitePriceStore.create(path) as store:
        yield store


def start(code, *arguments):
    """A child Python on ``code``, its first argument the database."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def is_whole(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# ---------------------------------------------------------------- other writers

WRITER = """
    import sys, time
    import numpy as np
    from titan_core.data.store import SqlitePriceStore

    path, me, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    store = SqlitePriceStore(path)
    turn, until = 0, time.monotonic() + seconds
    while turn < 5 or time.monotonic() < until:
        days = np.arange(turn * 2, turn * 2 + 10).astype("M8[D]")
        store.write(me, days, close=np.full(days.size, 1.0 + me))  # its own series
        # and, with a new one of its own, the one all fight over
        store.write_many(
            np.repeat([1000, 10_000 * (me + 1) + turn], days.size),
            np.tile(days, 2),
            close=np.full(2 * days.size, 1.0 + me),
        )
        store.read_prices({"A": 1000}, adjustment="raw")
        turn += 1
    print(turn)
"""


def test_eight_processes_lose_nothing_and_see_no_lock(store):
    """Eight writers for some seconds: a minute and more with TITAN_TEST_ROUNDS=200."""
    children = [start(WRITER, store.path, me, 0.3 * ROUNDS) for me in range(8)]
    turns = []
    for child in children:
        said, errors = child.communicate(timeout=240)
        assert (child.returncode, errors) == (0, "")
        turns.append(int(said))
    coverage = store.coverage(range(90_000))
    assert [coverage[me].n_bars for me in range(8)] == [2 * turn + 8 for turn in turns]
    for me, n_turns in enumerate(turns):
        assert all(coverage[10_000 * (me + 1) + turn].n_bars == 10 for turn in range(n_turns))
    shared = store.read_prices({"A": 1000}, adjustment="raw").values[:, 0]
    assert shared.size == 2 * max(turns) + 8
    assert set(shared) <= {1.0 + me for me in range(8)}
    # every value that was overwritten is kept, in the order of the changes
    revisions = store.revisions(1000)
    same_bar = revisions.timestamps[1:] == revisions.timestamps[:-1]
    assert (revisions.revised_at[1:][same_bar] > revisions.revised_at[:-1][same_bar]).all()
    assert is_whole(store.path)


def test_eight_threads_on_one_store(store):
    def work(me):
        total = WriteResult(0, 0, 0)
        for turn in range(20):
            days = np.arange(turn, turn + 5).astype("M8[D]")
            total += store.write(me, days, close=np.full(5, float(turn)))
            total += store.write(1000, days, close=np.full(5, 7.0))
            assert store.read_prices({"A": me}, adjustment="raw").n_bars == turn + 5
        return total

    with ThreadPoolExecutor(8) as pool:
        totals = list(pool.map(work, range(8)))
    # each thread: 24 bars of its own are new; of the shared series' 24 bars each is new to one thread only
    assert sum(t.inserted for t in totals) == 8 * 24 + 24
    assert sum(t.inserted + t.changed + t.unchanged for t in totals) == 8 * 20 * 10


def test_a_batch_is_seen_whole_or_not_at_all(store):
    """Readers beside a writer that flips two series between two values never see a mixture."""
    store.write(1, DAYS, close=CLOSE)
    store.write(2, DAYS, close=CLOSE)
    done = threading.Event()
    mixtures = []

    def flip():
        for turn in range(60):
            with store.writing() as batch:
                batch.write(1, DAYS, close=CLOSE + turn)
                batch.write(2, DAYS, close=CLOSE + turn)
        done.set()

    writer = threading.Thread(target=flip)
    writer.start()
    while not done.is_set():
        values = store.read_prices({"A": 1, "B": 2}, adjustment="raw").values
        mixtures.append(bool((values[:, 0] != values[:, 1]).any()) or np.ptp(values[:, 0] - CLOSE) != 0.0)
    writer.join()
    assert mixtures
    assert not any(mixtures)


def test_a_writer_that_never_ends_is_reported(path):
    SqlitePriceStore.create(path).close()
    store = SqlitePriceStore(path, busy_timeout_seconds=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program has been writing to it for too long"):
            store.write(1, DAYS, close=CLOSE)
        other.execute("ROLLBACK")
    assert store.write(1, DAYS, close=CLOSE) == WriteResult(4, 0, 0)
    store.close()


# ---------------------------------------------------------------- kills

HALF_WRITER = """
    import sys, time
    import numpy as np
    from titan_core.data.store import SqlitePriceStore

    days = np.arange(20_000).astype("M8[D]")
    with SqlitePriceStore(sys.argv[1]).writing() as batch:
        batch.write(1, days, close=np.full(days.size, 5.0))
        print("half", flush=True)
        time.sleep(60)
"""

LONG_WRITER = """
    import sys
    import numpy as np
    from titan_core.data.store import SqlitePriceStore

    store = SqlitePriceStore(sys.argv[1])
    days = np.arange(60_000).astype("M8[D]")
    value = float(store.read_prices({"A": 1}, adjustment="raw").values[0, 0])
    print("go", flush=True)
    while True:
        value += 1.0
        store.write(1, days, close=np.full(days.size, value))
"""


def test_killed_in_the_middle_of_a_batch(store):
    store.write(1, DAYS, close=CLOSE)
    child = start(HALF_WRITER, store.path)
    assert child.stdout.readline() == "half\n"
    child.kill()
    child.communicate()
    assert store.read_prices({"A": 1}, adjustment="raw").values[:, 0].tolist() == CLOSE.tolist()
    assert store.write(1, DAYS, close=CLOSE + 1) == WriteResult(0, 4, 0)
    assert is_whole(store.path)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_killed_at_any_moment(store, round_):
    """Whatever instant the kill hits, the bars are those of one whole batch."""
    days = np.arange(60_000).astype("M8[D]")
    store.write(1, days, close=np.ones(days.size))
    child = start(LONG_WRITER, store.path)
    assert child.stdout.readline() == "go\n"
    time.sleep(random.Random(round_).uniform(0.0, 0.6))
    child.kill()
    child.communicate()
    values = store.read_prices({"A": 1}, adjustment="raw").values[:, 0]
    assert values.size == days.size
    assert np.ptp(values) == 0.0
    assert is_whole(store.path)


def test_an_error_inside_a_batch_drops_all_of_it(store):
    def fail_half_way():
        with store.writing() as batch:
            batch.write(1, DAYS, close=CLOSE)
            batch.write_actions(1, DAYS[:1], ["split"], [2.0])
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fail_half_way()
    assert store.coverage([1])[1].n_bars == 0
    with store.writing() as batch:
        assert batch.write(1, DAYS, close=CLOSE) == WriteResult(4, 0, 0)
    assert store.coverage([1])[1].n_bars == 4


# ---------------------------------------------------------------- disks and files


def test_disk_full_keeps_what_was_there(store, monkeypatch):
    store.write(1, DAYS, close=CLOSE)
    store.close()
    plain = connections.open_connection

    def on_a_small_disk(path, timeout):
        connection = plain(path, timeout)
        connection.execute("PRAGMA max_page_count = 10")
        return connection

    monkeypatch.setattr(connections, "open_connection", on_a_small_disk)
    many = np.arange(100_000).astype("M8[D]")
    with pytest.raises(StoreError, match=r"the disk is full: free some space.*Nothing of this call was kept"):
        store.write(1, many, close=np.ones(many.size))
    assert store.read_prices({"A": 1}, adjustment="raw").values[:, 0].tolist() == CLOSE.tolist()
    monkeypatch.undo()
    store.close()
    assert is_whole(store.path)
    assert store.write(1, many, close=np.ones(many.size)) == WriteResult(99_996, 3, 1)


if CAN_MOUNT:  # mounting takes root; elsewhere the limit on pages above stands for a full disk

    def test_a_disk_that_is_really_full_keeps_what_was_there():
        many = np.arange(100_000).astype("M8[D]")
        with small_disk(1) as disk, SqlitePriceStore.create(disk / "prices.sqlite3") as store:
            store.write(1, DAYS, close=CLOSE)
            for series_id in (1, 2):
                with pytest.raises(StoreError, match=r"the disk is full: free some space"):
                    store.write(series_id, many, close=np.ones(many.size))
            assert store.read_prices({"A": 1}, adjustment="raw").values[:, 0].tolist() == CLOSE.tolist()
            assert store.write(1, DAYS, close=CLOSE + 1) == WriteResult(0, 4, 0)
            assert is_whole(store.path)


@pytest.mark.parametrize("content", [b"no database at all, " * 200, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_file_is_named(path, content):
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"prices.sqlite3: the file is damaged or no SQLite database"):
        SqlitePriceStore(path).coverage([1])


def test_damaged_pages_are_noticed_on_reading(store):
    many = np.arange(20_000).astype("M8[D]")
    store.write(1, many, close=np.ones(many.size))
    store.close()
    data = bytearray(store.path.read_bytes())
    data[8192 : len(data) - 4096] = b"\xa5" * (len(data) - 12288)
    store.path.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"):
        store.read_prices({"A": 1}, adjustment="raw")


def test_a_file_without_our_tables(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE other (a)")
    for call in (lambda s: s.coverage([1]), lambda s: s.write(1, DAYS, close=CLOSE)):
        with pytest.raises(
            StoreError, match=r"lacks TITAN's tables \(no such table: price\): run `titan migrate`"
        ):
            call(SqlitePriceStore(path))


def test_a_missing_file_is_not_made_silently(path):
    with pytest.raises(StoreError, match=r"no price store at .*SqlitePriceStore.create makes one"):
        SqlitePriceStore(path).coverage([1])
    assert not path.exists()


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="no price store can be made at"):
        SqlitePriceStore.create(tmp_path / "file" / "prices.sqlite3")


def test_other_faults_are_told_too(store, monkeypatch):
    monkeypatch.setattr(
        connections, "open_connection", lambda *_: sqlite3.connect(store.path, uri=True, timeout="x")
    )
    with pytest.raises(TypeError):  # a programming error is not dressed up as the store's
        store.coverage([1])
    error = connections.store_error(sqlite3.OperationalError("disk I/O error"), store.path)
    assert "disk I/O error (OperationalError)" in str(error)


# ---------------------------------------------------------------- connections


def test_calls_in_turn_share_one_connection(store, monkeypatch):
    opened = []
    plain = connections.open_connection
    monkeypatch.setattr(connections, "open_connection", lambda *a: opened.append(1) or plain(*a))
    for _ in range(5):
        store.write(1, DAYS, close=CLOSE)
        store.coverage([1])
    assert len(opened) == 1


def test_a_replaced_file_is_opened_afresh(store):
    store.write(1, DAYS, close=CLOSE)
    store.path.rename(store.path.with_suffix(".old"))
    SqlitePriceStore.create(store.path).close()
    assert store.coverage([1])[1].n_bars == 0
    store.write(2, DAYS, close=CLOSE)
    assert SqlitePriceStore(store.path).coverage([2])[2].n_bars == 4


def test_a_forked_child_opens_its_own(store):
    store.write(1, DAYS, close=CLOSE)
    child = os.fork()
    if child == 0:
        try:
            ok = store.write(2, DAYS, close=CLOSE) == WriteResult(4, 0, 0) and len(pool._inherited) == 1
            os._exit(0 if ok else 1)
        except BaseException:  # the child must never return into pytest
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert store.write(2, DAYS, close=CLOSE) == WriteResult(0, 0, 4)
    assert is_whole(store.path)


def test_the_file_is_in_wal_mode_whoever_made_it(path):
    """Readers go on while a writer writes; a file made elsewhere is converted on the first call."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        create_schema(connection)
    with SqlitePriceStore(path) as store:
        store.write(1, DAYS, close=CLOSE)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
