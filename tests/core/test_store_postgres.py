"""The price store on PostgreSQL: restarts, kills, full disks, other writers, and what its messages never say."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import psycopg
import pytest

from tests.core.stores import new_store, rows
from tests.postgres import PASSWORD, Server, shared_url
from tests.small_disk import CAN_MOUNT, small_disk
from titan_core.data.store import PostgresPriceStore, SqlitePriceStore, WriteResult, open_store
from titan_core.errors import DataUnavailable, InvalidInput, StoreError, StoreUnreachable

pytestmark = pytest.mark.postgres

ROUNDS = int(os.environ.get("TITAN_TEST_ROUNDS", "5"))
DAYS = np.arange("2020-01-01", "2020-01-05", dtype="M8[D]").astype("M8[us]")
CLOSE = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.fixture
def store(tmp_path):
    with new_store("postgres", tmp_path) as store:
        yield store


@pytest.fixture
def server():
    """A server of this test's own, which writes down what it acknowledges."""
    made = Server(fsync=True)
    try:
        made.start()
        yield made
    finally:
        made.end()


def start(code, *arguments):
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def everything_said(error):
    """An error's words with those of all it was raised from."""
    said = []
    while error is not None:
        said.append(f"{error!r} {error}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(said)


# ---------------------------------------------------------------- a server that goes away

BATCHES = """
    import sys, time
    import numpy as np
    from titan_core.data.store import PostgresPriceStore
    from titan_core.errors import StoreError

    store = PostgresPriceStore(sys.argv[1])
    days = np.arange(400).astype("M8[D]")
    ids = np.repeat(np.arange(1, 6), days.size)
    number = 0
    while True:
        number += 1
        while True:
            try:
                store.write_many(ids + 10 * number, np.tile(days, 5), close=np.full(ids.size, float(number)))
                store.write(1, days, close=np.full(days.size, float(number)))
            except StoreError as error:
                print("failed", error, flush=True)
                time.sleep(0.05)
            else:
                print("acknowledged", number, flush=True)
                break
"""


def test_restarted_in_the_middle_of_writes(server):
    """Whatever instant the server goes, acknowledged batches are there, and none is there by half."""
    url = server.create_database("prices")
    PostgresPriceStore.create(url).close()
    child = start(BATCHES, url)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(iter(child.stdout.readline, "")))
    reader.start()

    def wait_for_another(word):
        seen, deadline = sum(line.startswith(word) for line in lines), time.monotonic() + 60
        while sum(line.startswith(word) for line in lines) == seen:
            assert child.poll() is None, child.stderr.read()
            assert time.monotonic() < deadline, f"nothing more {word}"
            time.sleep(0.01)

    chance = random.Random(4)
    try:
        # after a crash the server looks at every file, which takes seconds on a slow disk
        for turn in range(max(2, min(ROUNDS // 2, 40))):
            wait_for_another("acknowledged")
            time.sleep(chance.uniform(0.0, 0.4))
            server.stop(signal.SIGQUIT if turn % 2 == 0 else signal.SIGINT)
            wait_for_another("failed")
            server.start()
        wait_for_another("acknowledged")
    finally:
        child.kill()
        reader.join()
        errors = child.stderr.read()
        child.communicate()
    assert errors == ""
    acknowledged = [int(line.split()[1]) for line in lines if line.startswith("acknowledged")]
    assert len(acknowledged) >= 2
    assert any(line.startswith("failed") for line in lines)
    assert not any(PASSWORD in line for line in lines)
    with PostgresPriceStore(url) as store:
        found = {key: series for key, series in store.coverage(range(10_000)).items() if series.n_bars}
        for number in acknowledged:
            for key in range(1, 6):
                assert found[10 * number + key].n_bars == 400
        # the batch in flight at the end is there whole, or not at all
        last = [key for key in found if key > 10 * (max(acknowledged) + 1)]
        assert len(last) in (0, 5)
        assert {series.n_bars for series in found.values()} == {400}
        values = store.read_prices({"A": 1}, adjustment="raw").values[:, 0]
        assert np.ptp(values) == 0.0
        assert values[0] >= max(acknowledged)


def test_an_idle_connection_of_a_restarted_server_is_replaced(server):
    with PostgresPriceStore.create(server.url()) as store:
        store.write(1, DAYS, close=CLOSE)
        server.stop()
        with pytest.raises(
            StoreUnreachable, match=r"can't be reached: connection to server.*Check TITAN_TIMESCALE_URL"
        ):
            store.coverage([1])
        server.start()
        assert store.coverage([1])[1].n_bars == 4
        server.stop(signal.SIGQUIT)
        server.start()
        assert store.write(1, DAYS, close=CLOSE) == WriteResult(0, 0, 4)


def test_a_connection_lost_inside_a_batch_keeps_nothing(store):
    store.write(1, DAYS, close=CLOSE)

    def lose_it():
        with store.writing() as batch:
            batch.write(1, DAYS, close=CLOSE * 2)
            batch.write(2, DAYS, close=CLOSE)
            with psycopg.connect(shared_url(), autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE state = 'idle in transaction' AND pid <> pg_backend_pid()"
                )
            batch.write(3, DAYS, close=CLOSE)

    with pytest.raises(StoreUnreachable, match=r"the connection was lost.*Nothing of this call was kept"):
        lose_it()
    assert [row[0] for row in rows(store)] == [1] * 4
    assert rows(store, "price_revision") == []
    assert store.write(2, DAYS, close=CLOSE) == WriteResult(4, 0, 0)


HALF_WRITER = """
    import sys, time
    import numpy as np
    from titan_core.data.store import PostgresPriceStore

    days = np.arange(20_000).astype("M8[D]")
    with PostgresPriceStore(sys.argv[1]).writing() as batch:
        batch.write(1, days, close=np.full(days.size, 5.0))
        print("half", flush=True)
        time.sleep(60)
"""


def test_killed_in_the_middle_of_a_batch(store):
    store.write(1, DAYS, close=CLOSE)
    child = start(HALF_WRITER, store.address.url)
    assert child.stdout.readline() == "half\n"
    # readers don't wait for it
    assert store.read_prices({"A": 1}, adjustment="raw").values[:, 0].tolist() == CLOSE.tolist()
    child.kill()
    child.communicate()
    assert store.write(1, DAYS, close=CLOSE + 1) == WriteResult(0, 4, 0)
    assert store.coverage([1])[1].n_bars == 4


# ---------------------------------------------------------------- other writers

WRITER = """
    import sys
    import numpy as np
    from titan_core.data.store import PostgresPriceStore

    url, me = sys.argv[1], int(sys.argv[2])
    store = PostgresPriceStore(url)
    days = np.arange(40).astype("M8[D]")
    for turn in range(15):
        part = days[turn * 2 : turn * 2 + 10]
        # its own series and the one all fight over, in an order that would deadlock without the one lock
        keys = [me, 1000] if me % 2 else [1000, me]
        with store.writing() as batch:
            for key in keys:
                batch.write(key, part, close=np.full(part.size, 1.0 + me))
        store.read_prices({"A": 1000}, adjustment="raw")
"""


def test_four_processes_lose_nothing_and_never_deadlock(store):
    children = [start(WRITER, store.address.url, me) for me in range(1, 5)]
    for child in children:
        _, errors = child.communicate(timeout=120)
        assert (child.returncode, errors) == (0, "")
    coverage = store.coverage(range(1, 5))
    assert [coverage[me].n_bars for me in range(1, 5)] == [38] * 4
    shared = store.read_prices({"A": 1000}, adjustment="raw").values[:, 0]
    assert shared.size == 38
    assert set(shared) <= {1.0 + me for me in range(1, 5)}


def test_a_writer_that_never_ends_is_reported(store):
    impatient = PostgresPriceStore(store.address.url, busy_timeout_seconds=0.1)
    with store.writing() as batch:
        batch.write(1, DAYS, close=CLOSE)
        with pytest.raises(StoreError, match="another program has been writing to it for too long"):
            impatient.write(1, DAYS, close=CLOSE)
    assert impatient.write(1, DAYS, close=CLOSE) == WriteResult(0, 0, 4)
    impatient.close()


def test_a_forked_child_opens_its_own(store):
    store.write(1, DAYS, close=CLOSE)
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if store.write(2, DAYS, close=CLOSE) == WriteResult(4, 0, 0) else 1)
        except BaseException:  # the child must never return into pytest
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert store.write(2, DAYS, close=CLOSE) == WriteResult(0, 0, 4)


# ---------------------------------------------------------------- words

if CAN_MOUNT:  # mounting takes root; elsewhere SQLite's own limit on pages stands for a full disk

    def test_disk_full_keeps_what_was_there(server):
        many = np.arange(200_000).astype("M8[D]")
        with (
            small_disk(4, owner=server.folder.stat()) as disk,
            psycopg.connect(server.url(), autocommit=True) as connection,
        ):
            connection.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
            with PostgresPriceStore.create(server.url()) as store:
                connection.execute("ALTER TABLE price SET TABLESPACE small")
                store.write(1, DAYS, close=CLOSE)
                for ids in (1, 2):
                    with pytest.raises(
                        StoreError, match=r"its disk is full: free some space.*Nothing of this call"
                    ):
                        store.write(ids, many, close=np.ones(many.size))
                assert store.read_prices({"A": 1}, adjustment="raw").values[:, 0].tolist() == CLOSE.tolist()
                assert store.coverage([2])[2].n_bars == 0
                connection.execute("ALTER TABLE price SET TABLESPACE pg_default")
                assert store.write(1, many, close=np.ones(many.size)) == WriteResult(199_996, 3, 1)
                connection.execute("DROP TABLESPACE small")


def test_no_message_holds_the_password(store, caplog):
    url = store.address.url
    place, name = url.rpartition("/")[0], "postgres"
    wrong = "not-5up3r-53cr3t%21"
    cases = [
        (lambda: PostgresPriceStore(f"{place}/nowhere").coverage([1]), 'database "nowhere" does not exist'),
        (
            lambda: PostgresPriceStore(url.replace(PASSWORD, wrong)).coverage([1]),
            "password authentication failed",
        ),
        (
            lambda: PostgresPriceStore(f"postgresql://titan:{PASSWORD}@127.0.0.1:1/x").coverage([1]),
            "Connection refused",
        ),
        (
            lambda: PostgresPriceStore(f"{url}?nonsense={PASSWORD}").coverage([1]),
            "invalid URI query parameter",
        ),
        (
            lambda: PostgresPriceStore(f"postgresql://titan:{PASSWORD}%zz@127.0.0.1:1/{name}").coverage([1]),
            "percent",
        ),
        (
            lambda: PostgresPriceStore(f"postgresql://titan:{PASSWORD}@127.0.0.1:port/x"),
            "is named like postgresql://",
        ),
        (
            lambda: PostgresPriceStore(f"postgresql://titan:{PASSWORD}@127.0.0.1"),
            "is named like postgresql://",
        ),
        (lambda: PostgresPriceStore(f"mysql://titan:{PASSWORD}@127.0.0.1/x"), "is named like postgresql://"),
        (lambda: store.read_prices({"A": 99}, adjustment="raw"), "no bars of A"),
    ]
    for call, said in cases:
        with pytest.raises((StoreError, InvalidInput, DataUnavailable), match=said) as caught:
            call()
        text = everything_said(caught.value)
        assert PASSWORD not in text
        assert wrong not in text
        assert "not-5up3r-53cr3t!" not in text
    assert PASSWORD not in repr(store) + store.name + repr(store.address) + caplog.text
    assert repr(store).startswith("PostgresPriceStore('postgres on 127.0.0.1:")


def test_a_database_without_our_tables(store):
    with psycopg.connect(store.address.url, autocommit=True) as connection:
        connection.execute("DROP TABLE price")
    for call in (lambda: store.coverage([1]), lambda: store.write(1, DAYS, close=CLOSE)):
        with pytest.raises(
            StoreError,
            match=r'lacks TITAN\'s tables \(relation "price" does not exist\): run `titan migrate`',
        ):
            call()


def test_an_account_that_may_only_read(store):
    store.write(1, DAYS, close=CLOSE)
    with psycopg.connect(store.address.url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS looker")
        connection.execute("CREATE ROLE looker LOGIN PASSWORD 'looks'")
        connection.execute("GRANT SELECT ON price, corporate_action, price_revision TO looker")
    with PostgresPriceStore(store.address.url.replace(f"titan:{PASSWORD}", "looker:looks")) as looker:
        assert looker.coverage([1])[1].n_bars == 4
        with pytest.raises(StoreError, match=r"the account may not do this .*grant it SELECT, INSERT"):
            looker.write(2, DAYS, close=CLOSE)
    with psycopg.connect(store.address.url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY looker")
        connection.execute("DROP ROLE looker")


def test_the_sessions_time_zone_and_isolation_change_nothing(store):
    """A server may prefer other ways: instants stay instants, and writers still see one another."""
    name = "odd_habits"
    with psycopg.connect(shared_url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
        for habit in (
            "timezone = 'America/New_York'",
            "default_transaction_isolation = 'serializable'",
            "default_transaction_read_only = on",
            "datestyle = 'SQL, DMY'",
            "extra_float_digits = -10",
        ):
            connection.execute(f"ALTER DATABASE {name} SET {habit}")
    third = np.array([1 / 3, 0.1, 5e-324, 1.7976931348623157e308])
    with PostgresPriceStore.create(shared_url(name)) as odd:
        stamps = DAYS + np.timedelta64(21 * 3_600_000_000 + 123_456, "us")
        odd.write(1, stamps, close=third)
        odd.write(1, stamps, close=third, volume=CLOSE)
        panel = odd.read_bars({"A": 1}, start=stamps[0], end=stamps[-1], adjustment="raw")
        np.testing.assert_array_equal(panel.timestamps, stamps)
        assert panel.close.tobytes() == third.tobytes()
        assert odd.revisions(1).close.tobytes() == third.tobytes()
        assert odd.coverage([1])[1].first == stamps[0]


def test_a_name_says_which_store(tmp_path):
    assert isinstance(open_store("postgresql://u@127.0.0.1/x"), PostgresPriceStore)
    assert isinstance(open_store("postgres://u@127.0.0.1/x"), PostgresPriceStore)
    assert open_store(f"sqlite://{tmp_path}/a%20b.db").path == Path(f"{tmp_path}/a b.db")
    found = open_store(tmp_path / "x.db")
    assert isinstance(found, SqlitePriceStore)
    assert found.path == tmp_path / "x.db"


def test_sqlite_is_never_opened_by_adbc(tmp_path):
    """Two SQLite builds in one process cancel each other's locks."""
    code = """
        import sys
        import numpy as np
        import titan_core.data.store as stores

        with stores.SqlitePriceStore.create(sys.argv[1]) as store:
            store.write(1, np.arange(3).astype("M8[D]"), close=[1, 2, 3])
        print([name for name in sys.modules if name.startswith(("adbc", "psycopg"))])
    """
    child = start(code, tmp_path / "prices.sqlite3")
    assert child.communicate() == ("[]\n", "")
