"""Prices through the front door: files chosen or dropped, their report row by row, the map of what is there."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e import pages
from tests.e2e.server import Api

# four bars that are right, and one of each fault a person's file may hold
ROWS = """Date,Symbol,Open,High,Low,Close,Volume
2020-01-02,UPA,10,11,9,10.5,100
2020-01-03,UPA,10,11,9,10.6,100
2020-01-06,UPA,10,9,11,10.7,100
2020-01-07,UPA,10,11,9,-3,100
2020-01-08,UPA,10,11,9,abc,100
nonsense,UPA,10,11,9,10.5,100
2020-01-09,UPA,10,11,9,10.9,-5
2020-01-02,UPB,20,21,19,20.5,100
2020-01-03,UPB,20,21,19,20.6,100
"""
# every day could be a month: no file says which
AMBIGUOUS = "Date,Close\n02/01/2020,10\n03/01/2020,11\n06/01/2020,12\n07/01/2020,13\n"

_DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, { type: 'text/csv' }));
    for (const kind of ['dragenter', 'dragover', 'drop']) {
        document.body.dispatchEvent(
            new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }),
        );
    }
}"""


def choose(page: Page, name: str, text: str) -> int:
    """Choose a file on the Data page; the upload's id, from the address."""
    page.get_by_label("Files of prices").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )
    return accepted(page)


def accepted(page: Page) -> int:
    page.wait_for_url(re.compile(r"ingestion=\d+"), timeout=pages.SLOW)
    found = re.search(r"ingestion=(\d+)", page.url)
    assert found
    return int(found.group(1))


def sentence(page: Page, text: str) -> Locator:
    found = page.get_by_text(text)
    expect(found).to_be_visible(timeout=pages.SLOW)
    return found


def test_a_file_is_reported_row_by_row(trader: Page, api: Api) -> None:
    trader.goto("/data")
    upload = choose(trader, "upload_rows.csv", ROWS)
    sentence(trader, "4 bars of 2 symbols stored; 5 rows were set aside.")
    expect(pages.rows(trader, "Rows set aside").first).to_be_visible()
    reasons = {row["Reason"] for row in pages.read_table(trader, "Rows set aside")}
    assert {reason for reason in reasons if not reason.endswith("(warning)")} == {
        "High below low",
        "Price not positive",
        "Number not readable",
        "Date not readable",
        "Negative volume",
    }
    report = api.get(f"ingestions/{upload}/")["report"]
    assert (report["rows_read"], report["stored"], report["quarantined"]) == (9, 4, 5)
    by_symbol = {row["Symbol"]: row for row in pages.read_table(trader, "By symbol")}
    assert (by_symbol["UPA"]["Stored"], by_symbol["UPB"]["Stored"]) == ("2", "2")

    trader.get_by_role("button", name="High below low").click()
    expect(pages.rows(trader, "Rows set aside")).to_have_count(1)
    trader.reload()
    expect(pages.rows(trader, "Rows set aside")).to_have_count(1)
    [shown] = pages.read_table(trader, "Rows set aside")
    assert (shown["Row"], shown["Symbol"], shown["Day"]) == ("4", "UPA", "2020-01-06")
    with trader.expect_download() as download:
        trader.get_by_role("region", name="Rows set aside").get_by_role("button", name="CSV").click()
    header, *rest = download.value.path().read_text().splitlines()
    assert header.startswith("row,symbol,timestamp,reason")
    assert len(rest) == 1


def test_the_same_file_twice_changes_nothing(trader: Page) -> None:
    good = "".join(line for line in ROWS.splitlines(keepends=True) if "UPB" in line or "Date" in line)
    for words in ("2 bars of 1 symbol", "All 2 bars of 1 symbol were here already, with the same values"):
        trader.goto("/data")
        choose(trader, "twice.csv", good.replace("UPB", "UPTWICE"))
        sentence(trader, words)
    trader.get_by_role("button", name="All uploads").click()
    expect(pages.rows(trader, "Uploads").filter(has_text="twice.csv")).to_have_count(2)
    rows = pages.read_table(trader, "Uploads")
    assert [row["Unchanged"] for row in rows if row["File"] == "twice.csv"] == ["2", "0"]


def test_a_file_may_be_dropped_anywhere(trader: Page) -> None:
    trader.goto("/data")
    expect(pages.rows(trader, "Symbols").first).to_be_visible()
    trader.evaluate(_DROP, ["dropped.csv", ROWS.replace("UP", "DR")])
    accepted(trader)
    sentence(trader, "4 bars of 2 symbols stored; 5 rows were set aside.")
    expect(trader.get_by_role("link", name="Scan this universe")).to_be_visible()


def test_what_is_refused_says_why_and_nothing_typed_is_lost(trader: Page) -> None:
    trader.goto("/data")
    trader.get_by_text("Options:").click()
    trader.get_by_label("Symbol", exact=True).fill("upsolo")
    trader.get_by_label("Into universe").select_option(label="New, named here")
    trader.get_by_label("Files of prices").set_input_files(
        {"name": "solo.csv", "mimeType": "text/csv", "buffer": AMBIGUOUS.encode()}
    )
    expect(trader.get_by_text("Give the new universe a name.")).to_be_visible()
    expect(trader.get_by_label("Symbol", exact=True)).to_have_value("upsolo")
    trader.get_by_label("Name of the universe").fill("Solo")
    first = choose(trader, "solo.csv", AMBIGUOUS)
    alert = trader.get_by_role("alert").filter(has_text="The file was not stored")
    expect(alert).to_be_visible(timeout=pages.SLOW)
    expect(trader.get_by_label("Symbol", exact=True)).to_have_value("upsolo")
    trader.get_by_role("button", name="Send again, day first").click()
    trader.wait_for_url(re.compile(rf"ingestion=(?!{first}\b)\d+"), timeout=pages.SLOW)
    sentence(trader, "4 bars of 1 symbol stored")
    trader.get_by_role("link", name="Its coverage").click()
    expect(trader.get_by_role("region", name="Coverage of Solo")).to_be_visible()


def test_a_file_that_is_none_is_refused_in_words(trader: Page) -> None:
    trader.goto("/data")
    choose(trader, "page.csv", "<!doctype html><html><body>Log in</body></html>")
    alert = trader.get_by_role("alert").filter(has_text="The file was not stored")
    expect(alert).to_be_visible(timeout=pages.SLOW)
    expect(trader.get_by_role("button", name="Send again as it was")).to_be_visible()
    trader.reload()
    expect(alert).to_be_visible()
    expect(trader.get_by_text("drop the file once more")).to_be_visible()


def test_the_map_of_coverage_is_read_without_a_mouse(trader: Page, api: Api) -> None:
    trader.goto("/data")
    choose(trader, "map.csv", ROWS.replace("UP", "MP") + "2020-03-03,MPB,20,21,19,20.6,100\n")
    sentence(trader, "5 bars of 2 symbols stored")
    trader.get_by_role("link", name="Its coverage").click()
    row = pages.rows(trader, "Coverage by symbol and month").nth(1)
    row.focus()
    for words in ("MPB", "Jan 2020: 2 of 21 sessions", "Feb 2020: no bar of 19 sessions"):
        expect(trader.get_by_text(words).last).to_be_visible()
        trader.keyboard.press("ArrowRight")
    trader.get_by_role("button", name="Table").click()
    found = pages.read_table(trader, "Coverage by month")
    missing = [row for row in found if row["Symbol"] == "MPB" and row["State"] == "no bar"]
    assert [(row["Month"], row["Sessions"]) for row in missing] == [("2020-02", "19")]
    assert any(row["Symbol"] == "MPA" and row["Set aside"] == "3" for row in found)
