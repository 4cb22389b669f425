"""Files of bars as traders have them: every spelling of the same table is read as the same table."""

import contextlib
import datetime as dt
import gzip
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from titan_core.data.files import Batch, FileOptions, RowReport, read_bars_file
from titan_core.data.files.dates import DateReader, evidence
from titan_core.data.files.headings import plain, recognise, symbol_of_name
from titan_core.data.files.numbers import as_numbers, decimal_mark
from titan_core.data.files.tables import column_numbers
from titan_core.errors import Cancelled, InvalidInput

DAYS = [dt.date(2021, 1, 4), dt.date(2021, 1, 5), dt.date(2021, 1, 13)]


def load(path, name=None, **options):
    """Everything of a file: (reader, rows as dicts by symbol)."""
    file = read_bars_file(path, name=name, options=FileOptions(**options))
    batches = list(file)
    rows = []
    for batch in batches:
        for i in range(batch.n_rows):
            numbers = {n: float(getattr(batch, n)[i]) for n in ("open", "high", "low", "close", "volume")}
            day = dt.date(1970, 1, 1) + dt.timedelta(days=int(batch.day[i]))
            rows.append(
                {"row": int(batch.row[i]), "symbol": file.symbols[batch.code[i]], "day": day} | numbers
            )
    return file, rows


def put(tmp_path, text, name="KO.csv", encoding="utf-8"):
    path = tmp_path / name.replace("/", "_")
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def closes(rows):
    return {(r["symbol"], r["day"]): r["close"] for r in rows}


WANTED = {("KO", day): close for day, close in zip(DAYS, (1234.5, 1235.25, 1236.0), strict=True)}

SPELLINGS = {
    "yahoo": (
        "KO.csv",
        (
            "Date,Open,High,Low,Close,Adj Close,Volume\n"
            "2021-01-04,1230,1240,1229,1234.5,1200.1,100\n2021-01-05,1230,1240,1229,1235.25,1201,100\n"
            "2021-01-13,1230,1240,1229,1236,1202,100\n"
        ),
    ),
    "stooq": (
        "ko.us.txt",
        (
            "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
            "KO,D,20210104,000000,1,2,1,1234.5,5,0\nKO,D,20210105,000000,1,2,1,1235.25,5,0\n"
            "KO,D,20210113,000000,1,2,1,1236,5,0\n"
        ),
    ),
    "alpha vantage, newest first": (
        "daily_adjusted_KO.csv",
        (
            "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient\n"
            "2021-01-13,1,2,1,1236,1,5,0.0000,1.0\n2021-01-05,1,2,1,1235.25,1,5,0.41,1.0\n"
            "2021-01-04,1,2,1,1234.5,1,5,0,1.0\n"
        ),
    ),
    "numbered headings": (
        "x.csv",
        "date;symbol;4. close\n2021-01-04;ko;1234.5\n2021-01-05;ko;1235.25\n2021-01-13;ko;1236\n",
    ),
    "German spreadsheet": (
        "Kurse.csv",
        (
            "Datum;Symbol;Schlusskurs;Volumen\n04.01.2021;KO;1.234,50;1.000\n05.01.2021;KO;1.235,25;2.000\n"
            "13.01.2021;KO;1.236,00;3.000\n"
        ),
    ),
    "US spreadsheet": (
        "x.csv",
        (
            'Date,Ticker,Close/Last,Volume\n01/04/2021,KO,"$1,234.50","1,000"\n01/05/2021,KO,"$1,235.25",1\n'
            '01/13/2021,KO,"$1,236.00",1\n'
        ),
    ),
    "tabs, other case, blank lines": (
        "x.tsv",
        "\nDATE\tTICKER\tCLOSE\n2021-01-04\tKO\t1234.5\n\n2021-01-05\tKO\t1235.25\n2021/01/13\tKO\t1236\n\n\n",
    ),
    "wide": ("closes.csv", "date,KO,PEP\n2021-01-04,1234.5,\n2021-01-05,1235.25,\n2021-01-13,1236,\n"),
    "wide, index without a name": (
        "c.csv",
        ",KO\n2021-01-04 00:00:00,1234.5\n2021-01-05,1235.25\n2021-01-13,1236\n",
    ),
    "epoch seconds": (
        "KO.csv",
        "t,o,h,l,c,v\n1609790400,1,2,1,1234.5,1\n1609876800,1,2,1,1235.25,1\n1610568000,1,2,1,1236,1\n",
    ),
    "epoch milliseconds": (
        "KO.csv",
        "Time,Close\n1609790400000,1234.5\n1609876800000,1235.25\n1610568000000,1236\n",
    ),
    "instants with a zone": (
        "KO.csv",
        "Date,Close\n2021-01-04 00:00:00-05:00,1234.5\n2021-01-05T21:00:00Z,1235.25\n2021-01-13T16:00:00-05:00,1236\n",
    ),
    "month names": (
        "KO.csv",
        'Date,Close\n"Jan 4, 2021",1234.5\n05-Jan-2021,1235.25\n13 January 2021,1236\n',
    ),
    "days of a spreadsheet": ("KO.csv", "Date,Close\n44200,1234.5\n44201,1235.25\n44209,1236\n"),
    "columns nobody needs": (
        "KO.csv",
        (
            "Symbol,Exchange,Date,VWAP,Close,Change %\n"
            "KO,NYSE,2021-01-04,1,1234.5,1.2%\nKO,NYSE,2021-01-05,1,1235.25,-\n"
            "KO,NYSE,2021-01-13,1,1236,\n"
        ),
    ),
    "spaces as thousands": (
        "KO.csv",
        "Date;Close\n2021-01-04;1 234,50\n2021-01-05;1\u00a0235,25\n2021-01-13;1'236,00\n",
    ),
    "sep line": ("KO.csv", "sep=;\nDate;Close\n2021-01-04;1234,5\n2021-01-05;1235,25\n2021-01-13;1236,0\n"),
}


@pytest.mark.parametrize("kind", SPELLINGS)
def test_every_spelling_is_the_same_table(tmp_path, kind):
    name, text = SPELLINGS[kind]
    file, rows = load(put(tmp_path, text, name))
    assert closes(rows) == WANTED
    assert file.report.n_rejected == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path, encoding, newline):
    text = "Datum;Symbol;Eröffnung;Hoch;Tief;Schlusskurs\n2021-01-04;KO;1,5;2,5;1,25;2,0\n"
    _, [row] = load(put(tmp_path, text.replace("\n", newline), encoding=encoding))
    assert (row["open"], row["high"], row["low"], row["close"]) == (1.5, 2.5, 1.25, 2.0)


def test_gzip_and_zip_of_one_or_many(tmp_path):
    one = "Date,Close\n2021-01-04,1\n"
    packed = tmp_path / "KO.csv.gz"
    packed.write_bytes(gzip.compress(one.encode()))
    assert closes(load(packed)[1]) == {("KO", DAYS[0]): 1.0}
    archive = tmp_path / "many.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("folder/KO.csv", one)
        zipped.writestr("PEP.csv", "Date;Close\n2021-01-04;2,5\n2021-01-05;2,75\n")
        zipped.writestr("__MACOSX/._KO.csv", b"\0\0")
    _file, rows = load(archive)
    assert closes(rows) == {("KO", DAYS[0]): 1.0, ("PEP", DAYS[0]): 2.5, ("PEP", DAYS[1]): 2.75}
    assert len({row["row"] for row in rows}) == 3


@pytest.mark.parametrize(
    "table",
    [
        {"date": pa.array(DAYS), "symbol": pa.array(["KO"] * 3).dictionary_encode()},
        {"date": pa.array(DAYS).cast(pa.date64()), "ticker": pa.array(["ko"] * 3, pa.large_string())},
        {"Date": pa.array([20210104, 20210105, 20210113], pa.int32()), "symbol": ["KO"] * 3},
        {"ts": pa.array(DAYS).cast(pa.timestamp("ns")), "symbol": ["KO"] * 3},
        {
            "when": pa.array(
                [dt.datetime(d.year, d.month, d.day, 21, tzinfo=dt.UTC) for d in DAYS],
                pa.timestamp("us", "UTC"),
            ),
            "symbol": ["KO"] * 3,
        },
        {"date": pa.array([str(d) for d in DAYS]).dictionary_encode(), "symbol": ["KO"] * 3},
        {"timestamp": pa.array([1609790400000, 1609876800000, 1610568000000]), "symbol": ["KO"] * 3},
    ],
)
@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.decimal128(12, 4), pa.string()])
def test_parquet_types(tmp_path, table, kind):
    close = pa.array([1234.5, 1235.25, 1236.0])
    if pa.types.is_decimal(kind):
        close = close.cast(kind)
    elif pa.types.is_string(kind):
        close = pa.array(["1234.5", "1235.25", "1236"])
    else:
        close = close.cast(kind)
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({**table, "close": close}), path)
    assert closes(load(path)[1]) == WANTED


def test_single_precision_means_its_shortest_decimal():
    meant = [0.33, 41.56, 1 / 3, 7.000007, 12345.67, 1e-5, 2.5e7]
    numbers, bad = column_numbers(pa.array(meant, pa.float32()), ".")
    # a reverse split of 1:3 must not become 0.3333
    assert numbers.tolist() == [0.33, 41.56, 0.33333334, 7.000007, 12345.67, 1e-5, 2.5e7]
    assert not bad.any()


def test_wide_parquet_with_an_unnamed_index(tmp_path):
    path = tmp_path / "t.parquet"
    table = pa.table(
        {
            "KO": [1234.5, 1235.25, 1236.0],
            "LOW": [1.0, None, 3.0],
            "__index_level_0__": pa.array(DAYS).cast(pa.timestamp("us")),
        }
    )
    pq.write_table(table, path)
    file, rows = load(path)
    assert file.recognised.layout == "wide"
    assert {k: v for k, v in closes(rows).items() if k[0] == "KO"} == WANTED
    assert closes(rows)["LOW", DAYS[2]] == 3.0
    assert len(rows) == 5


# ---------------------------------------------------------------- what must be asked


def test_dates_that_can_be_read_both_ways_are_asked_for(tmp_path):
    path = put(tmp_path, "Date,Close\n03/04/2021,1\n05/04/2021,2\n")
    with pytest.raises(InvalidInput, match=r"03/04/2021.*both|day first or month first") as refused:
        load(path)
    assert refused.value.field == "date_order"
    assert [r["day"] for r in load(path, date_order="day_first")[1]] == [
        dt.date(2021, 4, 3),
        dt.date(2021, 4, 5),
    ]
    assert [r["day"] for r in load(path, date_order="month_first")[1]] == [
        dt.date(2021, 3, 4),
        dt.date(2021, 5, 4),
    ]


def test_the_whole_file_is_looked_through_for_a_date_that_tells(tmp_path):
    rows = "03/04/2021,S{i},1\n"
    many = "".join(rows.format(i=i) for i in range(20_000))
    path = put(tmp_path, f"Date,Symbol,Close\n{many}14/04/2021,S1,2\n")
    file, found = load(path)
    assert found[0]["day"] == dt.date(2021, 4, 3)
    assert any("day first" in note for note in file.recognised.notes)


def test_a_date_against_the_order_of_the_others_is_one_bad_row(tmp_path):
    path = put(tmp_path, "Date,Close\n13/04/2021,1\n14/04/2021,2\n04/15/2021,3\n")
    file, rows = load(path)
    assert len(rows) == 2
    [rejected] = file.report.rows
    assert (rejected.reason, rejected.row) == ("bad_date", 4)
    assert "04/15/2021 has no month 15" in rejected.message


def test_numbers_that_can_be_read_both_ways_are_asked_for(tmp_path):
    path = put(tmp_path, "Date;Close\n2021-01-04;12,345\n2021-01-05;12,346\n")
    with pytest.raises(InvalidInput, match="12,345"):
        load(path)
    assert closes(load(path, decimal=",")[1])["KO", DAYS[0]] == 12.345
    assert closes(load(path, decimal=".")[1])["KO", DAYS[0]] == 12345.0


def test_a_symbol_is_asked_for_where_nothing_names_one(tmp_path):
    path = put(tmp_path, "Date,Close\n2021-01-04,1\n", "HistoricalData_166.csv")
    with pytest.raises(InvalidInput, match="say symbol"):
        load(path)
    assert closes(load(path, symbol=" ko ")[1]) == {("KO", DAYS[0]): 1.0}


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("KO.csv", "KO"), ("brk.b.csv", "BRK.B"), ("aapl.us.txt", "AAPL.US"), ("daily_adjusted_IBM.csv", "IBM"),
        ("C:\\files\\KO (1).csv.gz", "KO"), ("prices.csv", None), ("KO PEP.csv", None), ("^GSPC.csv", None),
        ("data.parquet", None),
    ],
)  # fmt: skip
def test_symbols_of_file_names(name, symbol):
    assert symbol_of_name(name) == symbol


def test_times_without_a_zone_among_times_with_one(tmp_path):
    text = "Date,Close\n2021-01-04T21:00:00Z,1\n2021-01-05 16:00:00,2\n"
    file, rows = load(put(tmp_path, text))
    assert len(rows) == 1
    assert "time zone" in file.report.rows[0].message
    _, both = load(put(tmp_path, text), timezone="America/New_York")
    assert [r["day"] for r in both] == DAYS[:2]


def test_midnight_names_its_day_in_whatever_zone_it_is_written(tmp_path):
    text = "Date,Close\n2021-01-04T00:00:00Z,1\n2021-01-05 00:00:00+09:00,2\n1610496000,3\n"
    assert [r["day"] for r in load(put(tmp_path, text))[1]] == DAYS


def test_a_zone_moves_an_instant_to_the_day_of_the_exchange(tmp_path):
    # six in the morning of Tuesday in Tokyo is Monday's close in New York
    _, [row] = load(put(tmp_path, "Date,Close\n2021-01-05T06:00:00+09:00,1\n"))
    assert row["day"] == DAYS[0]
    _, [naive] = load(put(tmp_path, "Date,Close\n2021-01-05 06:00:00,1\n"), timezone="Asia/Tokyo")
    assert naive["day"] == DAYS[0]


# ---------------------------------------------------------------- rows that can't be read


def test_rows_are_told_by_their_line_column_and_value(tmp_path):
    text = (
        "Date,Ticker,Close\n2021-01-04,KO,1\n\n2021-01-05,KO,abc\nlast week,KO,3\n2021-01-06,,4\n"
        "2021-01-07,KO\n2021-01-08,K O,5\n2021-02-31,KO,6\n2021-01-11,KO,7\n2031-01-11,KO,7\n"
    )
    file, rows = load(put(tmp_path, text), latest=dt.date(2026, 1, 1))
    assert [(r["row"], r["close"]) for r in rows] == [(2, 1.0), (10, 7.0)]
    told = {r.row: (r.reason, r.message) for r in file.report.rows}
    assert {row: reason for row, (reason, _) in told.items()} == {
        4: "bad_number", 5: "bad_date", 6: "no_symbol", 7: "bad_number", 8: "no_symbol", 9: "bad_date", 11: "bad_date",
    }  # fmt: skip
    assert "Close is 'abc'" in told[4][1]
    assert "'last week'" in told[5][1]
    assert "2 cells" in told[7][1]
    assert "'K O'" in told[8][1]
    assert "future" in told[11][1]
    assert file.n_rows == 9
    values = next(r.values for r in file.report.rows if r.row == 4)
    assert values == {"Date": "2021-01-05", "Ticker": "KO", "Close": "abc"}


def test_a_flood_of_bad_rows_is_counted_and_the_first_are_kept(tmp_path):
    text = "Date,Ticker,Close\n" + "x,KO,1\n" * 30_000 + "2021-01-04,,1\n"
    file = read_bars_file(put(tmp_path, text), report=RowReport(kept=1_000))
    list(file)
    assert file.report.reasons == {"bad_date": 30_000, "no_symbol": 1}
    assert len(file.report.rows) <= 1_000
    assert any(row.reason == "no_symbol" for row in file.report.rows)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n \n", "blank"),
        ("Date,Close\n", "no rows"),
        ("Date\n2021-01-04\n", "one column"),
        ("Date,Open\n2021-01-04,1\n2021-01-05,2\n", None),
        ("2021-01-04,1.0\n2021-01-05,2.0\n", "no heading"),
        ("Symbol,Close\nKO,1\n", "no column is a date"),
        ("Date,Symbol,Foo\n2021-01-04,KO,1\n", "no column is a close"),
        ("Date,KO,KO\n2021-01-04,1,2\n", "two columns are called KO"),
        ("Date,my price of it\n2021-01-04,1\n", "neither a known heading nor a ticker"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        ('{"error": "limit reached"}', "JSON"),
    ],
)
def test_files_that_are_no_tables_of_bars(tmp_path, text, words):
    path = put(tmp_path, text)
    if words is None:
        assert load(path)[0].symbols == ["OPEN"]  # a wide file of one ticker, Opendoor
        return
    with pytest.raises(InvalidInput, match=words):
        load(path)


def test_cancel_stops_between_batches(tmp_path):
    path = put(tmp_path, "Date,Close\n2021-01-04,1\n")
    with pytest.raises(Cancelled):
        list(read_bars_file(path, should_stop=lambda: True))


def test_progress_reaches_the_end(tmp_path):
    seen = []
    path = put(tmp_path, "Date,Close\n2021-01-04,1\n")
    list(read_bars_file(path, progress=lambda done, total: seen.append((done, total))))
    assert seen[-1][0] == seen[-1][1]


# ---------------------------------------------------------------- properties

CELL = st.floats(min_value=0.01, max_value=99_999_999, allow_nan=False).map(lambda x: round(x, 4))
DATES = st.dates(dt.date(1950, 1, 1), dt.date(2025, 1, 1))
TICKERS = st.sampled_from(["KO", "PEP", "BRK.B", "0700.HK", "^GSPC"[1:]])
TABLE = st.dictionaries(st.tuples(TICKERS, DATES), CELL, min_size=1, max_size=30)


def written(number, decimal, thousands):
    whole, _, part = f"{number:.4f}".partition(".")
    if thousands:
        whole = f"{int(whole):,}".replace(",", thousands)
    return f"{whole}{decimal}{part}"


@settings(max_examples=60, deadline=None)
@given(
    TABLE,
    st.sampled_from(
        [(",", ".", ""), (";", ",", "."), (";", ",", " "), ("\t", ".", ","), ("|", ".", "'"), (";", ",", "")]
    ),
    st.sampled_from(
        [
            ("%Y-%m-%d", "auto"),
            ("%d.%m.%Y", "day_first"),
            ("%m/%d/%Y", "month_first"),
            ("%Y%m%d", "auto"),
            ("%d %b %Y", "auto"),
        ]
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
def test_what_is_written_is_read(tmp_path_factory, table, marks, dates, encoding, packed):
    delimiter, decimal, thousands = marks
    pattern, order = dates
    lines = [delimiter.join(("Date", "Symbol", "Close"))]
    lines += [
        delimiter.join((day.strftime(pattern), symbol, written(close, decimal, thousands)))
        for (symbol, day), close in table.items()
    ]
    raw = "\n".join(lines).encode(encoding)
    path = tmp_path_factory.mktemp("f") / ("t.csv.gz" if packed else "t.csv")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    file, rows = load(path, decimal=decimal, date_order=order)
    assert closes(rows) == pytest.approx(table, rel=1e-12)
    assert file.report.n_rejected == 0


@settings(max_examples=40, deadline=None)
@given(TABLE, st.booleans())
def test_long_and_wide_csv_and_parquet_agree(tmp_path_factory, table, parquet):
    folder = tmp_path_factory.mktemp("f")
    days = sorted({day for _, day in table})
    symbols = list(dict.fromkeys(symbol for symbol, _ in table))
    wide = {"date": pa.array(days)} | {s: [table.get((s, d)) for d in days] for s in symbols}
    if parquet:
        path = folder / "wide.parquet"
        pq.write_table(pa.table(wide), path)
    else:
        path = folder / "wide.csv"
        rows = [",".join(["date", *symbols])]
        rows += [
            ",".join([str(d), *("" if (s, d) not in table else repr(table[s, d]) for s in symbols)])
            for d in days
        ]
        path.write_text("\n".join(rows))
    assert closes(load(path, layout="wide")[1]) == table


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_told_to_be_none(text):
    days = DateReader(FileOptions(), "day_first").read(pa.array([text]))
    assert days.bad[0] or days.day[0] >= -25_567


@given(st.lists(st.text(alphabet="0123456789.,-+ eEkKmM$€'%infa", max_size=12), min_size=1, max_size=20))
def test_any_cell_is_a_number_or_nothing_or_bad(cells):
    numbers, bad = as_numbers(pa.array(cells), ".", suffixes=True)
    assert numbers.shape == bad.shape == (len(cells),)
    assert np.isnan(numbers[bad]).all()


@given(st.binary(max_size=3_000))
def test_any_bytes_are_read_or_refused_in_words(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("b") / "KO.csv"
    path.write_bytes(raw)
    with contextlib.suppress(InvalidInput):
        assert all(isinstance(batch, Batch) for batch in read_bars_file(path))


@given(st.binary(max_size=400), st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08\0", b"PAR1"]))
def test_damaged_archives_are_refused_in_words(tmp_path_factory, raw, magic):
    path = tmp_path_factory.mktemp("b") / "x"
    path.write_bytes(magic + raw)
    with pytest.raises(InvalidInput):
        list(read_bars_file(path))


# ---------------------------------------------------------------- parts


def test_evidence_counts_only_what_can_be_read_one_way():
    assert evidence(["13/01/2021", "01/14/2021", "02/03/2021", "05/05/2021", "2021-01-01"]) == (
        1,
        1,
        "02/03/2021",
    )


def test_twelve_is_a_day_and_a_month():
    assert evidence(["12/11/2021", "11/12/2021", "12/12/2021"]) == (0, 0, "12/11/2021")


def test_headings_without_case_signs_and_numbers():
    assert [plain(h) for h in ("5. adjusted close", " Adj_Close ", "<CLOSE>", "Eröffnung")] == [
        "adjustedclose", "adjclose", "close", "eröffnung",
    ]  # fmt: skip


def test_close_itself_is_taken_before_what_is_like_it():
    columns = recognise(["Date", "Last", "Close", "Price"], FileOptions())
    assert columns.fields["close"] == 2


def test_letters_mean_fields_only_together():
    assert recognise(["date", "C", "T"], FileOptions()).tickers == {"C": 1, "T": 2}


@pytest.mark.parametrize(
    ("cells", "mark"),
    [(["1.5", "2"], "."), (["1,5", "2"], ","), (["1.234,5"], ","), (["1,234.5", "1,234"], "."), ([""], ".")],
)
def test_decimal_marks(cells, mark):
    assert decimal_mark(cells, "auto") == mark


def test_volumes_with_a_letter():
    numbers, bad = as_numbers(pa.array(["5.27M", "10k", "1B", "x5M"]), ".", suffixes=True)
    assert numbers[:3].tolist() == [5_270_000.0, 10_000.0, 1e9]
    assert bad.tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    "bad",
    [
        {"timeframe": "1h"},
        {"calendar": "MOON"},
        {"timezone": "Mars/Base"},
        {"adjustment": "x"},
        {"date_order": "?"},
    ],
)
def test_options_that_are_none_name_themselves(bad):
    with pytest.raises(InvalidInput) as refused:
        FileOptions(**bad)
    assert refused.value.field == next(iter(bad))
