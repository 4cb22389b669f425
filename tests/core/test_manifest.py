"""Hashes that mean the content and nothing else, and files that are whole or not there."""

import hashlib
import json
import os
import signal
import struct
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.panel_strategies import panels
from titan_core import __version__
from titan_core.data import PricePanel
from titan_core.data import arrow_files as files
from titan_core.errors import DataUnavailable, InvalidInput, StoreError
from titan_core.manifest import (
    Manifest,
    panel_hash,
    read_panel,
    read_table,
    table_hash,
    write_panel,
    write_table,
)

DAYS = np.arange("2020-01-01", "2020-01-05", dtype="M8[D]").astype("M8[us]")
VALUES = np.array([[1.0, 10.0], [2.0, np.nan], [3.0, -0.0], [4.0, 40.0]])
PANEL = PricePanel(("A", "é"), DAYS, VALUES)


def documented_hash(panel):
    """The docstring of `panel_hash`, followed with the standard library alone."""
    head = {
        "adjustment": panel.adjustment,
        "n_bars": len(panel.timestamps),
        "scale": panel.scale,
        "symbols": list(panel.symbols),
    }
    text = b"titan-panel-1\n" + json.dumps(head, separators=(",", ":")).encode("ascii") + b"\n"
    text += b"".join(struct.pack("<q", t) for t in panel.timestamps.astype(int).tolist())
    for value in panel.values.ravel(order="C").tolist():
        text += bytes.fromhex("000000000000f87f") if value != value else struct.pack("<d", value)
    return hashlib.sha256(text).hexdigest()


class TestPanelHash:
    @given(panels())
    def test_is_as_documented(self, panel):
        assert panel_hash(panel) == documented_hash(panel)

    def test_is_the_same_in_every_release(self):
        """Computed once by `documented_hash`'s recipe; runs kept on users' disks are named by it."""
        panel = PricePanel(("KO", "PEP"), DAYS[:2], [[1.5, 2.5], [np.nan, -0.0]], "raw", "price")
        assert panel_hash(panel) == "d7cccc02f7f08d8ce3c621d03e9f1c08277e52da526cd132aa3da73bb6438473"

    def test_does_not_see_memory_layout(self):
        big = np.random.default_rng(1).normal(size=(3000, 8))
        days = np.arange(3000).astype("M8[D]")
        symbols = tuple("ABCD")
        strided = PricePanel(symbols, days, big[:, ::2])
        assert panel_hash(strided) == panel_hash(PricePanel(symbols, days, np.asfortranarray(big[:, ::2])))
        assert (
            panel_hash(strided)
            == panel_hash(PricePanel(symbols, days, big[:, ::2].copy()))
            == documented_hash(strided)
        )

    def test_does_not_see_the_kind_of_nan(self):
        strange = VALUES.copy()
        strange.view(np.uint64)[1, 1] = 0xFFF8000000000123
        assert panel_hash(PricePanel(("A", "é"), DAYS, strange)) == panel_hash(PANEL)

    def test_sees_everything_else(self):
        other = VALUES.copy()
        other[3, 1] = np.nextafter(40.0, 41.0)
        plus_zero = np.where(VALUES == 0.0, 0.0, VALUES)
        variants = [
            PANEL,
            PricePanel(("A", "é"), DAYS, other),
            PricePanel(("A", "é"), DAYS, plus_zero),
            PricePanel(("A", "e"), DAYS, VALUES),
            PricePanel(("é", "A"), DAYS, VALUES),
            PricePanel(("A", "é"), DAYS + np.timedelta64(1, "us"), VALUES),
            PricePanel(("A", "é"), DAYS, VALUES, "raw"),
            PricePanel(("A", "é"), DAYS, VALUES, scale="log"),
            PANEL.between(None, "2020-01-03"),
            PANEL.select(["A"]),
        ]
        assert len({panel_hash(panel) for panel in variants}) == len(variants)


class TestPanelFiles:
    @given(panels())
    def test_round_trip(self, tmp_path_factory, panel):
        path = write_panel(panel, tmp_path_factory.mktemp("panels"))
        assert path.name == f"{panel_hash(panel)}.arrow"
        again = read_panel(path)
        assert again == panel
        assert panel_hash(again) == path.stem

    def test_makes_the_folder_and_leaves_one_file(self, tmp_path):
        for _ in range(2):
            path = write_panel(PANEL, tmp_path / "deep" / "er")
        assert list(path.parent.iterdir()) == [path]

    def test_an_altered_file_is_noticed(self, tmp_path):
        path = write_panel(PANEL, tmp_path)
        other = PricePanel(PANEL.symbols, DAYS, VALUES * 2)
        write_panel(other, tmp_path).replace(path)
        with pytest.raises(StoreError, match="not what its name says"):
            read_panel(path)

    def test_every_flipped_byte_of_values_is_noticed(self, tmp_path):
        path = write_panel(PANEL, tmp_path)
        whole = path.read_bytes()
        at = whole.index(struct.pack("<d", 40.0))
        for offset in range(8):
            damaged = bytearray(whole)
            damaged[at + offset] ^= 0x10
            path.write_bytes(damaged)
            with pytest.raises(StoreError, match=r"not what its name says|holds no panel"):
                read_panel(path)

    @pytest.mark.parametrize("content", [b"", b"ARROW1", b"x" * 1000])
    def test_a_damaged_file_is_named(self, tmp_path, content):
        path = tmp_path / f"{'0' * 64}.arrow"
        path.write_bytes(content)
        with pytest.raises(StoreError, match="is damaged or no Arrow file"):
            read_panel(path)

    def test_a_truncated_file_is_named(self, tmp_path):
        path = write_panel(PANEL, tmp_path)
        path.write_bytes(path.read_bytes()[:-40])
        with pytest.raises(StoreError, match="damaged"):
            read_panel(path)

    def test_a_table_is_no_panel(self, tmp_path):
        path = write_table(pa.table({"a": [1]}), tmp_path)
        with pytest.raises(StoreError, match="holds no panel"):
            read_panel(path)

    def test_a_missing_file_is_told(self, tmp_path):
        with pytest.raises(DataUnavailable, match="moved or never written"):
            read_panel(tmp_path / "gone.arrow")

    def test_a_folder_that_can_not_be(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError, match="check the folder's permissions"):
            write_panel(PANEL, tmp_path / "file")

    def test_a_full_disk_leaves_nothing(self, tmp_path, monkeypatch):
        def full(_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(files.os, "fsync", full)
        with pytest.raises(StoreError, match="the disk is full"):
            write_panel(PANEL, tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_killed_while_writing_the_name_is_not_taken(self, tmp_path):
        """The child is stopped by its own SIGKILL right before the rename."""
        code = """
            import os, signal, sys
            import pyarrow as pa
            from pathlib import Path
            from titan_core.data import arrow_files as files
            files.os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
            files.write_arrow(pa.table({"a": list(range(1000))}), Path(sys.argv[1], "name.arrow"))
        """
        import textwrap

        done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], check=False)
        assert done.returncode == -signal.SIGKILL
        assert not (tmp_path / "name.arrow").exists()
        assert all(path.name.startswith(".") and path.suffix == ".tmp" for path in tmp_path.iterdir())

    def test_bytes_are_synced_before_the_rename_and_the_folder_after(self, tmp_path, monkeypatch):
        log = []
        sync, replace = os.fsync, files.Path.replace
        monkeypatch.setattr(files.os, "fsync", lambda handle: (log.append("fsync"), sync(handle)))
        monkeypatch.setattr(
            files.Path, "replace", lambda self, to: (log.append("rename"), replace(self, to))[1]
        )
        write_panel(PANEL, tmp_path)
        assert log == ["fsync", "rename", "fsync"]


TABLE = pa.table(
    {
        "symbol": ["KO", None, "é"],
        "pvalue": [0.5, np.nan, None],
        "lag": pa.array([1, None, 3], pa.int32()),
        "found": [True, None, False],
        "at": pa.array([1, 2, None], pa.timestamp("us", "UTC")),
        "nothing": pa.nulls(3),
    }
)


class TestTables:
    def test_round_trip(self, tmp_path):
        table = TABLE.replace_schema_metadata({"alpha": "0.05"})
        again = read_table(write_table(table, tmp_path))
        assert again.schema.equals(table.schema, check_metadata=True)
        assert table_hash(again) == table_hash(table)
        assert again.drop_columns("pvalue").equals(TABLE.drop_columns("pvalue"))

    def test_hash_does_not_see_chunks_slices_or_dictionaries(self):
        expected = table_hash(TABLE)
        chunked = pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1, 1), TABLE.slice(2)])
        padded = pa.concat_tables([TABLE, TABLE]).slice(3)
        coded = TABLE.set_column(0, "symbol", TABLE["symbol"].dictionary_encode())
        assert {table_hash(t) for t in (chunked, padded, coded)} == {expected}

    def test_hash_sees_everything_else(self):
        def with_column(name, values):
            return TABLE.set_column(TABLE.column_names.index(name), name, values)

        variants = [
            TABLE,
            TABLE.replace_schema_metadata({"alpha": "0.05"}),
            TABLE.rename_columns(["symbol_1", *TABLE.column_names[1:]]),
            TABLE.select(TABLE.column_names[::-1]),
            TABLE.slice(0, 2),
            with_column("symbol", [["KO", "", "é"]]),
            with_column("symbol", [["K", "O", "é"]]),
            with_column("pvalue", [[0.5, None, np.nan]]),
            with_column("pvalue", [[0.5, 0.0, None]]),
            with_column("lag", pa.array([1, 0, 3], pa.int32())),
            with_column("lag", pa.array([1, None, 3], pa.int64())),
            with_column("found", [[True, False, False]]),
            with_column("at", pa.array([1, 2, 0], pa.timestamp("us", "UTC"))),
        ]
        assert len({table_hash(table) for table in variants}) == len(variants)

    @given(st.lists(st.text(max_size=3), max_size=4), st.lists(st.text(max_size=3), max_size=4))
    def test_texts_are_not_confused_by_their_joints(self, a, b):
        same = table_hash(pa.table({"t": pa.array(a, pa.string())})) == table_hash(
            pa.table({"t": pa.array(b, pa.string())})
        )
        assert same == (a == b)

    def test_an_empty_table(self, tmp_path):
        empty = TABLE.slice(0, 0)
        assert read_table(write_table(empty, tmp_path)).num_rows == 0

    def test_nested_columns_are_refused(self, tmp_path):
        with pytest.raises(InvalidInput, match=r"column a is of type list"):
            write_table(pa.table({"a": [[1, 2]]}), tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_an_altered_table_is_noticed(self, tmp_path):
        path = write_table(TABLE, tmp_path)
        write_table(TABLE.slice(1), tmp_path).replace(path)
        with pytest.raises(StoreError, match="not what its name says"):
            read_table(path)


class TestManifest:
    HASH = "ab" * 32

    def test_round_trip_through_json(self):
        manifest = Manifest(
            self.HASH, {"trend": "c", "alpha": 0.05, "families": None, "lags": [1, 2]}, seed=7
        )
        again = Manifest(**json.loads(json.dumps(manifest.as_dict())))
        assert again == manifest
        assert again.engine_version == __version__

    def test_later_changes_of_the_callers_parameters_do_not_reach_it(self):
        parameters = {"lags": [1, 2]}
        manifest = Manifest(self.HASH, parameters)
        parameters["lags"].append(3)
        manifest.as_dict()["parameters"]["lags"].append(4)
        assert manifest.parameters == {"lags": [1, 2]}

    @pytest.mark.parametrize(
        "bad", [{"alpha": float("nan")}, {"a": float("inf")}, {"a": {1, 2}}, {"a": DAYS[0]}]
    )
    def test_parameters_json_can_not_keep_are_refused(self, bad):
        with pytest.raises(InvalidInput, match="parameters must be JSON"):
            Manifest(self.HASH, bad)

    @pytest.mark.parametrize("bad", ["", "ab", "AB" * 32, "zz" * 32, "ab" * 33])
    def test_a_hash_is_a_hash(self, bad):
        with pytest.raises(InvalidInput, match="is no SHA-256"):
            Manifest(bad)
