"""Artefacts: whole or not there, verified when read, the same over a folder and over any other of Django's stores."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.core.files.storage import storages
from pytest_django import Settings

from common.env import Environment, InvalidEnvironment
from tests.factories import small_panel
from titan.settings.artefacts import artefacts as place
from titan_core.errors import DataUnavailable, StoreError
from titan_core.manifest import panel_hash
from trading.services import artefacts

FOLDER = "trading.services.artefacts.storage.ArtefactFolder"


@pytest.fixture(params=["folder", "elsewhere"])
def store(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Path:
    """A folder of its own, or a store that has no paths, as a bucket has none."""
    chosen: dict[str, Any] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    if request.param == "folder":
        chosen = {"BACKEND": FOLDER, "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"artefacts": chosen}
    settings.TITAN_HOME = tmp_path / "home"
    return tmp_path


def test_bytes_come_back_by_their_hash(store: Path) -> None:
    name = artefacts.put("windows", b"one")
    assert artefacts.put("windows", b"one") == name
    assert artefacts.get("windows", name) == b"one"
    assert artefacts.names("windows") == [name]
    assert artefacts.exists("windows", name)
    assert not artefacts.exists("panels", name)
    artefacts.delete("windows", name)
    artefacts.delete("windows", name)
    with pytest.raises(DataUnavailable, match="run again"):
        artefacts.get("windows", name)


def test_panels_and_tables_come_back_to_the_bit(store: Path) -> None:
    panel = small_panel()
    assert artefacts.put_panel(panel) == panel_hash(panel)
    assert panel_hash(artefacts.panel(panel_hash(panel))) == panel_hash(panel)
    table = pa.table({"a": [1.5, None], "b": ["x", "y"]})
    assert artefacts.table("scans", artefacts.put_table("scans", table)).equals(table)
    with pytest.raises(DataUnavailable):
        artefacts.table("backtests", artefacts.put_table("scans", table))


def test_a_stream_is_kept_and_read_as_a_file(store: Path) -> None:
    kept = artefacts.put_chunks("uploads", (bytes([i]) * 1000 for i in range(50)))
    assert kept.size == 50_000
    with artefacts.local("uploads", kept.sha256) as path:
        assert path.stat().st_size == 50_000
    assert artefacts.names("uploads", before=time.time() - 60) == []
    assert artefacts.names("uploads", before=time.time() + 60) == [kept.sha256]
    assert not list((store / "home").rglob("stream"))


def test_results_of_parts_go_with_their_job(store: Path) -> None:
    artefacts.put_named("parts", "7/1-2", b"x")
    artefacts.put_named("parts", "7/2-1", b"y")
    artefacts.put_named("parts", "8/1-1", b"z")
    assert artefacts.read("parts", "7/1-2") == b"x"
    assert sorted(artefacts.folders("parts")) == ["7", "8"]
    artefacts.forget_folder("parts", "7")
    artefacts.forget_folder("parts", "9")
    assert not artefacts.exists("parts", "7/2-1")
    assert artefacts.exists("parts", "8/1-1")


@pytest.mark.parametrize("name", ["", "..", "../secret-key", "0" * 63, "A" * 64, "0" * 64 + ".json", "7/1-2"])
def test_only_hashes_are_names(store: Path, name: str) -> None:
    for ask in (artefacts.get, artefacts.delete):
        with pytest.raises(DataUnavailable):
            ask("windows", name)
    assert not artefacts.exists("windows", name)


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_what_was_altered_is_not_believed(store: Path) -> None:
    name = artefacts.put("windows", b"true")
    (store / "windows" / f"{name}.json").write_bytes(b"else")
    with pytest.raises(StoreError, match="something else"):
        artefacts.get("windows", name)
    artefacts.put("windows", b"true")
    assert artefacts.get("windows", name) == b"true"


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_a_reader_never_sees_half_a_file(store: Path) -> None:
    """Many write one name over and over; whoever reads it finds all of it, every time."""
    content = os.urandom(3_000_000)
    name = artefacts.put("windows", content)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            artefacts.put("windows", content)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(50):
            assert artefacts.get("windows", name) == content
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert [path.name for path in (store / "windows").iterdir()] == [f"{name}.json"]
    assert (store / "windows" / f"{name}.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_a_failed_write_leaves_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("trading.services.artefacts.storage.os.fsync", full)
    with pytest.raises(StoreError, match="disk is full"):
        artefacts.put("windows", b"lost")
    with pytest.raises(StoreError, match="disk is full"):
        artefacts.put_chunks("uploads", [b"lost"])
    assert [path for path in store.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_errors_of_panels_tell_nobody_where_this_server_keeps_its_files(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = small_panel()
    name = artefacts.put_panel(made)
    path = store / "panels" / f"{name}.arrow"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(StoreError, match=r"^panels/.* is damaged") as damaged:
        artefacts.panel(name)
    path.unlink()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("titan_core.data.arrow_files.os.fsync", full)
    with pytest.raises(StoreError, match="not written to panels: the disk is full") as lost:
        artefacts.put_panel(made)
    with pytest.raises(StoreError, match="not written to scans: the disk is full") as also:
        artefacts.put_table("scans", made.to_arrow())
    assert all(str(store) not in str(error.value) for error in (damaged, lost, also))


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_old_drafts_are_swept(store: Path) -> None:
    left = Path(storages["artefacts"].path(".drafts")) / "killed"
    left.mkdir(parents=True)
    (left / "stream").write_bytes(b"half")
    artefacts.sweep_drafts(time.time() - 60)
    assert left.exists()
    artefacts.sweep_drafts(time.time() + 60)
    assert not left.exists()


def test_the_place_is_chosen_by_the_environment(tmp_path: Path) -> None:
    home = {"TITAN_HOME": str(tmp_path)}
    assert Environment.read(home).artefacts is None
    shared = Environment.read(home | {"TITAN_ARTEFACTS": "/srv/titan"}).artefacts
    assert place(shared, embedded=tmp_path)["OPTIONS"] == {"location": "/srv/titan"}
    assert place(None, embedded=tmp_path)["OPTIONS"] == {"location": str(tmp_path)}
    assert place("s3://desk/titan", embedded=tmp_path)["OPTIONS"]["bucket_name"] == "desk"
    for wrong, words in (("var/shared", "from the root"), ("s3://", "no bucket"), ("s3://desk", "storages")):
        with pytest.raises(InvalidEnvironment, match=words):
            Environment.read(home | {"TITAN_ARTEFACTS": wrong})
