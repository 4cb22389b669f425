"""What has the focus is seen, and what is pressed is large enough (WCAG 2.2: 2.4.11 and 2.5.8)."""

import pytest
from playwright.sync_api import Page, expect

# the middle of what has the focus belongs to it, or to its label or frame
_FOCUSED = """() => {
    const here = document.activeElement;
    if (here === null || here === document.body) return null;
    const box = here.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const seen = top !== null && (here.contains(top) || top.contains(here)
        || [...(here.labels ?? [])].some(label => label.contains(top)));
    return [here.getAttribute('name') ?? here.innerText, seen];
}"""
_LOW = """main => [...main.querySelectorAll('button')]
    .filter(button => button.checkVisibility() && button.getBoundingClientRect().height < 24)
    .map(button => button.innerText)"""


def test_no_field_of_the_preferences_hides_behind_the_save_bar(trader: Page) -> None:
    trader.goto("/settings/preferences")
    first = trader.get_by_role("main").get_by_label("Theme")
    expect(first).to_be_visible()
    first.focus()
    names = []
    for _ in range(40):
        trader.keyboard.press("Tab")
        found = trader.evaluate(_FOCUSED)
        if found is None:
            break
        name, seen = found
        names.append(name)
        assert seen, f"{name} has the focus behind something"
    assert {"risk_per_trade", "gross_limit"} <= set(names)


@pytest.mark.parametrize("path", ["/settings/preferences", "/pair-finder", "/jobs"])
def test_every_button_is_24_pixels_high(trader: Page, path: str) -> None:
    trader.goto(path)
    main = trader.get_by_role("main")
    expect(main.get_by_role("heading", level=1)).to_be_visible()
    expect(main.get_by_role("button").first).to_be_visible()
    assert main.evaluate(_LOW) == []
