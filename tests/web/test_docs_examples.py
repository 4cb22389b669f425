"""The documents' examples run as they stand, on data that has the demo's names."""

import ast
import hashlib
import hmac
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, models, router
from django.test.utils import isolate_apps

from tests.conftest import make_user
from tests.factories import make_universe, small_panel
from titan_core.data import PricePanel
from trading.services import base_service
from trading.services.alerts.protocols import signature
from users.roles import Role

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RUN = ("service-layer.md", "async-sync.md", "extending-models.md")

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "timescale"])


def blocks(page: str) -> list[tuple[int, str]]:
    """The Python of a page, each block with the line it begins on."""
    text = (DOCS / page).read_text()
    return [
        (text.count("\n", 0, found.start()) + 2, found[1])
        for found in re.finditer(r"^```python\n(.*?)^```$", text, re.S | re.M)
    ]


class Page:
    """A page's blocks share their names, as they would in a shell."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.names: dict[str, Any] = {"__name__": f"docs.{page}"}
        self.tables: list[type[models.Model]] = []

    def run(self) -> int:
        """Run every block; models it brings get tables, as their migration would make them."""
        found = blocks(self.page)
        for line, text in found:
            source = ast.increment_lineno(ast.parse(text), line - 1)
            exec(compile(source, str(DOCS / self.page), "exec"), self.names)
            self._make_tables()
        return len(found)

    def _make_tables(self) -> None:
        for thing in list(self.names.values()):
            is_model = isinstance(thing, type) and issubclass(thing, models.Model)
            if is_model and thing.__module__ == self.names["__name__"] and thing not in self.tables:
                with connections[router.db_for_write(thing)].schema_editor() as editor:
                    editor.create_model(thing)
                self.tables.append(thing)

    def end(self) -> None:
        for model in reversed(self.tables):
            with connections[router.db_for_write(model)].schema_editor() as editor:
                editor.delete_model(model)


@pytest.fixture
def demo(prices: None, transactional_db: None) -> None:
    panel = small_panel()
    names = ("KO", "PEP", "JPM", "BAC", "XOM", "WMT")
    make_universe(PricePanel(names, panel.timestamps, panel.values, "total_return"))
    make_user("demo", Role.TRADER)


@pytest.fixture
def page(request: pytest.FixtureRequest, demo: None) -> Iterator[Page]:
    with isolate_apps("trading"):
        made = Page(request.param)
        try:
            yield made
        finally:
            made.end()


@pytest.mark.parametrize("page", RUN, indirect=True)
def test_examples_run(page: Page) -> None:
    assert page.run() >= 4


def test_the_receivers_check_accepts_what_is_sent_and_nothing_else() -> None:
    [(_, text)] = blocks("alerts.md")
    names: dict[str, Any] = {}
    exec(compile(text, "alerts.md", "exec"), names)
    check, body, now = names["is_from_titan"], b'{"type":"test"}', int(time.time())
    assert check("secret", signature("secret", body, now), body)
    assert not check("other", signature("secret", body, now), body)
    assert not check("secret", signature("secret", body, now), body + b" ")
    assert not check("secret", signature("secret", body, now - 3_600), body)
    forged = hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert not check("secret", f"t={now},v1={forged}", body)


def test_the_map_of_services_is_whole() -> None:
    text = (ROOT / "trading" / "services" / "README.md").read_text()
    folder = Path(base_service.__file__).parent
    there = {path.stem for path in folder.glob("*.py")} | {
        f"{path.parent.name}/" for path in folder.glob("*/__init__.py")
    }
    named = set(re.findall(r"`([a-z_]+/?)`", text))
    assert there - {"__init__"} <= named
    services = {
        name
        for path in folder.rglob("*.py")
        for name in re.findall(r"^class (\w+Service)\(", path.read_text(), re.M)
    }
    assert services <= set(re.findall(r"`(\w+Service)`", text))


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*(DOCS / name for name in (*RUN, "alerts.md")), ROOT / "trading" / "services" / "README.md"]
    for path in pages:
        for target in re.findall(r"\]\(([^)#]+)", path.read_text()):
            assert target.startswith("http") or (path.parent / target).exists(), f"{path.name}: {target}"
