"""Files that mean harm, or are merely enormous: refused or read in bounded memory and time."""

import os
import subprocess
import sys
import textwrap
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from titan_core.data.calendars import sessions_between
from titan_core.data.files import FileOptions, RowReport, Spool, read_bars_file, sources
from titan_core.data.validation import check_bars
from titan_core.errors import InvalidInput, StoreError

MEGABYTES = int(os.environ.get("TITAN_TEST_CSV_MB", "60"))  # 1024 proves the gigabyte; 60 the slope
DAYS = sessions_between("XNYS", "1990-01-02", "2021-12-31")

CHILD = """
    import resource, sys
    from pathlib import Path
    import titan_core.data.validation
    from titan_core.data.calendars import sessions_between
    from titan_core.data.files import RowReport, Spool, read_bars_file, spool
    from titan_core.data.validation import check_bars
    import pyarrow.csv, pyarrow.parquet, pyarrow.compute

    sessions_between("XNYS", "1990-01-02", "2021-12-31")  # pandas and its calendars, before the limit
    path, megabytes = Path(sys.argv[1]), int(sys.argv[2])
    spool.BUCKET_ROWS = 200_000
    now = int(Path("/proc/self/statm").read_text().split()[0]) * 4096
    resource.setrlimit(resource.RLIMIT_AS, (now + megabytes * 2**20,) * 2)
    report = RowReport()
    file = read_bars_file(path, report=report)
    rows = Spool(path.with_suffix(".spool"), 1 + file.estimated_rows() // 200_000)
    rows.fill(file)
    kept = 0
    for _, batch in rows.buckets():
        kept += check_bars(batch, file.symbols, report, calendar="XNYS", adjustment="raw",
                           fields=file.recognised.fields).bars.n_rows
    print(file.n_rows, kept, report.n_rejected, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def write_long(path, megabytes):
    """A file of so many megabytes, day by day over 3,000 symbols; every 1,000th row is bad. Returns its rows."""
    rows = bad = 0
    with path.open("w") as file:
        file.write("date,symbol,open,high,low,close,volume\n")
        for day in DAYS:
            lines = []
            for i in range(3_000):
                rows += 1
                spoilt = rows % 1_000 == 0
                bad += spoilt
                lines.append(f"{day},S{i:04},10.25,11.5,9.75,{'x' if spoilt else 10.5},{100000 + i}\n")
            file.writelines(lines)
            if file.tell() > megabytes * 2**20:
                return rows, bad
    raise AssertionError("more megabytes than days")


def test_a_file_of_any_size_is_read_in_the_same_memory(tmp_path):
    room = 700  # megabytes of address space beyond the libraries', whatever the size of the file
    path = tmp_path / "long.csv"
    rows, bad = write_long(path, MEGABYTES)
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(path), str(room)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    read, kept, rejected, _ = map(int, done.stdout.split())
    assert (read, kept, rejected) == (rows, rows - bad, bad)


def test_ten_thousand_symbols_in_one_file_long_and_wide(tmp_path):
    symbols = [f"S{i}" for i in range(10_000)]
    days = DAYS[:20]
    path = tmp_path / "long.csv"
    path.write_text("date,symbol,close\n" + "".join(f"{d},{s},1.5\n" for d in days for s in symbols))
    file = read_bars_file(path)
    assert sum(batch.n_rows for batch in file) == 200_000
    assert file.symbols == symbols
    wide = tmp_path / "wide.csv"
    wide.write_text(",".join(["date", *symbols]) + "\n" + "".join(f"{d}{',1.5' * 10_000}\n" for d in days))
    file = read_bars_file(wide)
    assert sum(batch.n_rows for batch in file) == 200_000
    assert file.symbols == symbols


def test_a_heading_longer_than_the_first_look_is_read_whole(tmp_path):
    symbols = [f"LONGNAME{i:06}" for i in range(12_000)]  # 180 kB of names
    path = tmp_path / "wide.csv"
    path.write_text(
        ",".join(["date", *symbols]) + "\n" + "".join(f"{d}{',1.5' * 12_000}\n" for d in DAYS[:3])
    )
    file = read_bars_file(path)
    assert sum(batch.n_rows for batch in file) == 36_000
    assert file.symbols == symbols


def test_a_heading_of_megabytes_is_said_to_be_none(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(["date", *(f"W{i}" for i in range(700_000))]) + "\n2024-01-02\n")
    with pytest.raises(InvalidInput, match=r"first line of .* longer than 4 MiB"):
        list(read_bars_file(path))


@pytest.mark.parametrize("heading", ["date,", "date,  ", ",", 'date,""'])
def test_prices_without_a_name_are_not_read_as_nothing(tmp_path, heading):
    path = tmp_path / "prices.csv"
    path.write_text(f"{heading}\n2024-01-02,10\n2024-01-03,11\n")
    with pytest.raises(InvalidInput, match="put the ticker, or Close"):
        list(read_bars_file(path))


# ---------------------------------------------------------------- archives


def bomb(path, megabytes, name="KO.csv"):
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped,
        zipped.open(name, "w", force_zip64=True) as member,
    ):
        member.write(b"Date,Close\n")
        for _ in range(megabytes):
            member.write(b"2021-01-04,1\n" * (2**20 // 13))
    return path


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    path = bomb(tmp_path / "b.zip", 200)
    assert path.stat().st_size < 2**20
    with pytest.raises(InvalidInput, match="zip bomb"):
        list(read_bars_file(path))


def test_an_archive_that_lies_about_its_size_is_stopped_while_it_unpacks(tmp_path, monkeypatch):
    path = bomb(tmp_path / "b.zip", 200)
    listed = zipfile.ZipFile.infolist

    def small(self):
        found = listed(self)
        for info in found:
            info.file_size = 10
        return found

    monkeypatch.setattr(zipfile.ZipFile, "infolist", small)
    with pytest.raises(InvalidInput, match=r"zip bomb|unpacked|damaged"):
        list(read_bars_file(path))


def test_more_than_the_budget_is_refused(tmp_path, monkeypatch):
    import gzip

    monkeypatch.setattr(sources, "MAX_UNPACKED", 1_000)
    path = tmp_path / "KO.csv.gz"
    path.write_bytes(gzip.compress(b"Date,Close\n" + b"2021-01-04,1\n" * 200))
    with pytest.raises(InvalidInput, match="unpacks to more than"):
        list(read_bars_file(path))


@pytest.mark.parametrize("cut", [30, 200, 2_000])
def test_an_archive_that_is_cut_off(tmp_path, cut):
    import gzip

    raw = gzip.compress(os.urandom(3_000).hex().encode())
    path = tmp_path / "KO.csv.gz"
    path.write_bytes(raw[:cut])
    with pytest.raises(InvalidInput):
        list(read_bars_file(path))


def test_archives_in_archives_workbooks_passwords_and_nothing(tmp_path):
    path = tmp_path / "a.zip"
    for names, words in (
        ({"a.zip": b"PK\x03\x04"}, "archive inside an archive"),
        ({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}, "Excel"),
        ({".hidden": b"x"}, "holds no file"),
    ):
        with zipfile.ZipFile(path, "w") as zipped:
            for name, content in names.items():
                zipped.writestr(name, content)
        with pytest.raises(InvalidInput, match=words):
            list(read_bars_file(path))


# ---------------------------------------------------------------- contents


def test_nuls_spoil_their_cell_and_not_the_file(tmp_path):
    path = tmp_path / "KO.csv"
    path.write_bytes(b"Date,Close\n2021-01-04,1\n2021-01-05,\x002\n2021-01-06,3\n")
    file = read_bars_file(path)
    assert [b.close.tolist() for b in file] == [[1.0, 3.0]]
    assert [(r.row, r.reason) for r in file.report.rows] == [(3, "bad_number")]


@pytest.mark.parametrize("raw", [os.urandom(100_000), bytes(100_000), b"\x7fELF" + bytes(range(256)) * 50])
def test_bytes_that_are_no_text(tmp_path, raw):
    path = tmp_path / "KO.csv"
    path.write_bytes(raw)
    with pytest.raises(InvalidInput):
        list(read_bars_file(path))


def test_a_quotation_mark_left_open(tmp_path):
    path = tmp_path / "KO.csv"
    path.write_text('Date,Close\n2021-01-04,"1\n' + "2021-01-05,2\n" * 800_000)
    file = read_bars_file(path)
    with pytest.raises(InvalidInput, match="quotation mark"):
        list(file)


def test_a_line_of_megabytes(tmp_path):
    path = tmp_path / "KO.csv"
    path.write_text("Date,Close\n2021-01-04," + "1" * 9_000_000 + "\n")
    with pytest.raises(InvalidInput, match="longer than"):
        list(read_bars_file(path))


def test_every_row_another_symbol(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Date,Symbol,Close\n" + "".join(f"2021-01-04,S{i},1\n" for i in range(60_000)))
    with pytest.raises(InvalidInput, match="more than 50,000 symbols"):
        list(read_bars_file(path))


def test_one_symbol_with_more_rows_than_days_there_were(tmp_path):
    path = tmp_path / "KO.csv"
    path.write_text("Date,Close\n" + "2021-01-04,1\n" * 100_001)
    spool = Spool(tmp_path / "spool", 1)
    with pytest.raises(InvalidInput, match="KO has more than 100,000 rows"):
        spool.fill(read_bars_file(path))


def test_a_parquet_file_that_says_it_is_endless(tmp_path, monkeypatch):
    from titan_core.data.files import tables

    monkeypatch.setattr(tables, "MAX_ROWS", 10)
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"date": ["2021-01-04"] * 11, "close": [1.0] * 11}), path)
    with pytest.raises(InvalidInput, match="11 rows"):
        list(read_bars_file(path, name="KO.parquet"))


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "KO.csv"
    path.write_text("Date,Close\n2021-01-04,1\n")
    spool = Spool(tmp_path / "spool", 1)

    def full(self, batch, writers):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Spool, "_put", full)
    with pytest.raises(StoreError, match="the disk is full"):
        spool.fill(read_bars_file(path))
    spool.clear()
    assert not (tmp_path / "spool").exists()


@pytest.mark.parametrize("n_buckets", [1, 3, 7])
def test_buckets_hold_every_row_once_and_symbols_whole(tmp_path, n_buckets):
    path = tmp_path / "x.csv"
    path.write_text(
        "Date,Symbol,Close\n" + "".join(f"{d},S{i},{i + 1}\n" for d in DAYS[:30] for i in range(11))
    )
    file = read_bars_file(path)
    spool = Spool(tmp_path / "spool", n_buckets)
    spool.fill(file)
    seen = {}
    for number, batch in spool.buckets():
        for code in np.unique(batch.code):
            assert code not in seen
            seen[int(code)] = batch.row[batch.code == code].tolist()
            assert seen[int(code)] == sorted(seen[int(code)])
        assert number < n_buckets
    assert sorted(row for rows in seen.values() for row in rows) == list(range(2, 332))


def test_the_answer_does_not_depend_on_the_buckets(tmp_path):
    rng = np.random.default_rng(3)
    path = tmp_path / "x.csv"
    lines = [f"{d},S{i},{10 + rng.random():.4f}\n" for d in DAYS[:50] for i in range(6)]
    lines[40] = lines[40].replace(",10.", ",-10.")
    path.write_text("Date,Symbol,Close\n" + "".join(lines))
    told = []
    for n_buckets in (1, 4):
        file = read_bars_file(path, options=FileOptions())
        spool = Spool(tmp_path / "spool", n_buckets)
        spool.fill(file)
        report, kept = RowReport(), {}
        for _, batch in spool.buckets():
            found = check_bars(
                batch, file.symbols, report, calendar="XNYS", adjustment="raw", fields=frozenset({"close"})
            )
            kept |= {
                (c, d): x for c, d, x in zip(found.bars.code, found.bars.day, found.bars.close, strict=True)
            }
        told.append((kept, report.reasons))
    assert told[0] == told[1]
