"""A newcomer's way through the application, from the printed account to the KO / PEP charts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import pages
from tests.e2e.server import Api, Server

# Pixels that differ from the most common colour: a chart that drew nothing has none.
_DRAWN = """canvas => {
    const { width, height } = canvas;
    if (!width || !height) return 0;
    const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
    const counts = new Map();
    for (let i = 0; i < data.length; i += 4) {
        const colour = (data[i] << 24) | (data[i + 1] << 16) | (data[i + 2] << 8) | data[i + 3];
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return width * height - Math.max(...counts.values());
}"""


def universe(api: Api, source: str) -> dict[str, Any]:
    """The demo's or the synthetic universe, as the API lists it."""
    found = [each for each in api.get("universes/")["results"] if each["source"] == source]
    assert len(found) == 1, f"one {source} universe expected, found {len(found)}"
    return dict(found[0])


def test_a_wrong_password_is_refused_in_words(page: Page, server: Server) -> None:
    page.goto("/")
    page.get_by_label("User name").fill("demo")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    expect(page.get_by_label("User name")).to_have_value("demo")


def test_a_deep_link_survives_the_log_in(page: Page, server: Server) -> None:
    page.goto("/jobs?status=COMPLETED")
    page.get_by_label("User name").fill("demo")
    page.get_by_label("Password", exact=True).fill(server.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/jobs?status=COMPLETED")


def test_data_shows_both_universes(trader: Page, api: Api) -> None:
    pages.go(trader, "Data")
    main = trader.get_by_role("main")
    for source in ("demo", "synthetic"):
        name = str(universe(api, source)["name"])
        shown = main.get_by_text(name, exact=True).and_(
            main.locator(":not(option)")
        )  # it is a choice of the form too
        expect(shown.first).to_be_visible()
    real = universe(api, "demo")
    assert real["n_symbols"] == 20
    assert str(real["coverage"]["first"]).startswith("1990-01")
    assert str(real["coverage"]["last"]).startswith("2022-12")
    for ticker in ("KO", "PEP"):
        expect(main.get_by_text(ticker, exact=True).first).to_be_visible()


def test_the_whole_path_to_ko_and_pep(trader: Page, api: Api) -> None:
    scan = pages.start_scan(trader, universe(api, "demo")["name"])
    pages.wait_for_result(trader)
    result = trader.get_by_role("region", name="Result")
    expect(result).to_contain_text("of 190 pairs")
    expect(result).to_contain_text("Chance alone would give about 9.5 with p < 5 %")

    sorted_by_statistic = [
        pages.number(row["Statistic"]) for row in pages.read_table(trader, "Candidate pairs")
    ]
    assert sorted_by_statistic == sorted(sorted_by_statistic)

    heading = trader.get_by_role("columnheader", name="Half-life")
    heading.get_by_role("button").click()
    trader.wait_for_url(re.compile("order=-?half_life"))
    expect(heading).to_have_attribute("aria-sort", re.compile("ascending|descending"))
    kept = api.get(f"scans/{scan}/candidates/", ordering="half_life", page_size=1000)["results"]
    expect(pages.rows(trader, "Candidate pairs").first).to_contain_text(kept[0]["symbol_1"])

    trader.get_by_label(re.compile("^All 190 tested pairs")).check()
    trader.get_by_label("Search tickers").fill("PEP")
    trader.wait_for_url(re.compile("q=PEP"))
    row = pages.rows(trader, "Candidate pairs").filter(has_text=re.compile(r"KO / PEP|PEP / KO"))
    row.get_by_role("link").click()
    expect(trader.get_by_role("heading", level=1)).to_contain_text("KO")
    expect(trader.get_by_role("heading", level=1)).to_contain_text("PEP")
    # prices, spread and z-score
    pages.until(trader, lambda: drawn_canvases(trader), lambda n: n >= 3, "three drawn charts")


def test_no_request_leaves_the_machine(trader: Page, server: Server) -> None:
    # the `page` fixture fails on any other host; this makes sure that it looks at more than the log-in page
    asked: list[str] = []
    trader.on("request", lambda request: asked.append(request.url))
    pages.go(trader, "Data")
    pages.go(trader, "Jobs")
    assert asked
    assert all(
        url.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:")) for url in asked
    )


def test_the_first_visit_is_light(page: Page, server: Server) -> None:
    files: dict[str, str] = {}
    weights: list[int] = []

    def answered(event: dict[str, Any]) -> None:
        url = event["response"]["url"].removeprefix(server.url)
        # what the API answers grows with what somebody has done, and is not the application's weight
        if not url.startswith("/api/"):
            files[event["requestId"]] = url

    def loaded(event: dict[str, Any]) -> None:
        if event["requestId"] in files:
            weights.append(int(event["encodedDataLength"]))

    network = page.context.new_cdp_session(page)
    network.on("Network.responseReceived", answered)
    network.on("Network.loadingFinished", loaded)
    network.send("Network.enable")
    pages.log_in(page, server)
    expect(page.get_by_role("region", name="Prices").get_by_role("row").nth(1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert len(weights) > 5
    assert sum(weights) <= 350_000, f"{sum(weights):,} bytes on the wire: {sorted(files.values())}"


def test_the_synthetic_universe_shows_discoveries_and_the_truth(trader: Page, api: Api) -> None:
    scan = pages.finished_scan(trader, universe(api, "synthetic")["name"])
    told = api.get(f"scans/{scan}/")
    assert told["n_discoveries"] > 0
    assert told["truth"]["n_found"] > 0
    assert told["truth"]["n_false"] <= 2
    result = trader.get_by_role("region", name="Result")
    expect(result).to_contain_text(re.compile(rf"{told['n_discoveries']} of [\d,]+ pairs survives?"))
    expect(result).to_contain_text(
        re.compile(rf"Of {told['truth']['n_planted']} planted pairs {told['truth']['n_found']}")
    )
    result.get_by_text("Compare with the truth").click()
    planted = trader.get_by_role("region", name="Planted pairs")
    expect(planted.get_by_role("row").nth(1)).to_be_visible()
    outcomes = planted.get_by_role("row").all_inner_texts()[1:]
    assert sum("\tfound\t" in line for line in outcomes) == told["truth"]["n_found"]


@pytest.mark.parametrize("path", ["/pair-finder", "/data", "/jobs", "/pair"])
def test_every_route_opens_from_its_address(trader: Page, path: str) -> None:
    trader.goto(path)
    expect(trader.get_by_role("heading", level=1)).to_be_visible()


def test_an_unknown_address_says_so(trader: Page) -> None:
    trader.goto("/no-such-page")
    expect(
        trader.get_by_text(re.compile("not found|no such page|no page", re.IGNORECASE)).first
    ).to_be_visible()


def drawn_canvases(page: Page) -> int:
    """Canvases with something on them, once the charts have settled."""
    canvases = page.locator("canvas")
    expect(canvases.first).to_be_visible(timeout=pages.SLOW)
    page.wait_for_load_state("networkidle")
    return sum(drawn(canvas) > 200 for canvas in canvases.all())


def drawn(canvas: Locator) -> int:
    return int(canvas.evaluate(_DRAWN))
