"""From a slider's move to the account drawn anew, in Chromium on a running TITAN: ten years of days, all of it warm.

Beside it the same question over HTTP alone, which no browser can beat. The figures on screen are compared with the
answer of the API first. Needs the built application and a Chromium (`tools/find_chromium.sh`).
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Options, Row, WrongAnswer

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.e2e.server import Api

__all__ = ["rows"]

_FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")
# ten years that are traded, after ten that fit
_PAGE = "/pair?symbol_1=KO&symbol_2=PEP&start_date=2003-01-02&end_date=2012-12-28&panel=rule"
_WARM, _MOVES = 5, 6  # journeys a repeat, after those that only warm up
_REST_MS = 800  # longer than the page takes to put a move into its address
# Writes down when a slider moved, when an answer came, and when the frame that draws on a canvas was done.
_WATCH = """() => {
    const log = (window.journey = []);
    const mark = kind => log.push([kind, performance.now()]);
    document.addEventListener('input', event => event.target.type === 'range' && mark('input'), true);
    const ask = window.fetch;
    window.fetch = async (...given) => {
        const answer = await ask(...given);
        if ((given[0].url ?? String(given[0])).includes('/quick/')) mark('answer');
        return answer;
    };
    const { stroke } = CanvasRenderingContext2D.prototype;
    let drawing = false;
    CanvasRenderingContext2D.prototype.stroke = function (...path) {
        if (!drawing) {
            drawing = true;
            const after = new MessageChannel();
            after.port1.onmessage = () => { drawing = false; mark('drawn'); };
            after.port2.postMessage(0);
        }
        return stroke.apply(this, path);
    };
}"""


def rows(options: Options) -> Iterator[Row]:
    """Two rows: a key pressed, and a drag counted from its last movement."""
    with _desk() as (page, api):
        panel = page.get_by_role("region", name="Try a rule")
        _check(panel, api)
        slider = panel.get_by_role("slider", name="Entry")
        n = options.repeats * _MOVES
        keys = [_journey(page, lambda: slider.press("ArrowRight")) for _ in range(_WARM + n)][_WARM:]
        alone = [_asked(api, 1.0 + 0.0013 * move) for move in range(_WARM + n)][_WARM:]
        drags = [_journey(page, lambda at=at: _drag(page, slider, at)) for at in range(options.repeats)]
    floor = "the same request over HTTP"
    for what, found in (("key", keys), ("drag", drags)):
        times = [each for each in found if each is not None]
        if not times:
            raise WrongAnswer(f"no {what} led to a new drawing")
        yield Row(f"slider to screen: {what}", median(times), floor=floor, floor_s=median(alone))


@contextmanager
def _desk() -> Iterator[tuple["Page", "Api"]]:
    """The Pair page with its sliders, logged in, on a fresh TITAN of its own; and the API beside it."""
    from playwright.sync_api import sync_playwright

    from tests.e2e.pages import log_in
    from tests.e2e.server import ROOT, Api, Server

    chromium = subprocess.run(
        [ROOT / "tools" / "find_chromium.sh"], capture_output=True, text=True, check=True
    )
    with tempfile.TemporaryDirectory(prefix="titan-bench-") as home:
        server = Server(Path(home)).start()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium.stdout.strip(), args=list(_FLAGS)
                )
                size: Any = {"width": 1440, "height": 900}
                page = browser.new_page(base_url=server.url, viewport=size)
                log_in(page, server)
                page.goto(_PAGE)
                page.get_by_text(re.compile("tried on this pair")).wait_for()
                page.wait_for_timeout(1_000)
                page.evaluate(_WATCH)
                yield page, Api(server)
                browser.close()
        finally:
            server.stop()


def _asked(api: "Api", entry: float) -> float:
    """Seconds the API takes for one configuration."""
    began = perf_counter()
    _answer(api, entry)
    return perf_counter() - began


def _answer(api: "Api", entry: float) -> dict[str, Any]:
    body = {
        "symbol_1": "KO",
        "symbol_2": "PEP",
        "rule": "rolling",
        "parameters": {"window": 60, "entry_z": entry, "exit_z": 0.5},
        "start_date": "2012-12-29",
    }
    return dict(api.post("backtests/quick/", body))


def _check(panel: "Locator", api: "Api") -> None:
    """The figures on screen are the API's."""
    shown = panel.locator("dl").inner_text()
    told = f"{_answer(api, 2.0)['metrics']['total_return']:+.1%}".replace("-", "−").replace("%", " %")
    if told not in shown:
        raise WrongAnswer(f"the API's return is {told}, and the page shows {shown!r}")


def _journey(page: "Page", move: Any) -> float | None:
    """Seconds from the last movement of a slider to the drawing of its answer; None where nothing was asked anew."""
    page.evaluate("() => { window.journey.length = 0 }")
    move()
    page.wait_for_timeout(_REST_MS)
    log: list[tuple[str, float]] = page.evaluate("() => window.journey")
    moved = max(at for kind, at in log if kind == "input")
    answered = [at for kind, at in log if kind == "answer" and at > moved]
    drawn = [at for kind, at in log if answered and kind == "drawn" and at > answered[-1]]
    return (drawn[0] - moved) / 1e3 if drawn else None


def _drag(page: "Page", slider: "Locator", at: int) -> None:
    """Drag over a third of the slider's width, to another place each time."""
    box = slider.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(x + step * box["width"] / 60 + 7 * at, y)
        page.wait_for_timeout(10)
    page.wait_for_timeout(_REST_MS)
    page.mouse.up()
