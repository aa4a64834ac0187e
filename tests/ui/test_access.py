"""Nobody is shut out: axe finds nothing serious on any page, in both themes, and a phone never scrolls sideways."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.installation import ROOT
from tests.ui.conftest import Enter
from tests.ui.site import Site, width

AXE = ROOT / "admin_ui" / "node_modules" / "axe-core" / "axe.min.js"
PATHS = (
    "/",
    "/conversations",
    "/bots",
    "/numbers",
    "/numbers/new",
    "/numbers/new?channel=cloud_api",
    "/numbers/access",
    "/dead-letters",
    "/contacts",
    "/settings",
    "/nowhere",
)


def serious(page: Page) -> list[str]:
    """What axe finds that shuts somebody out."""
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
    )
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.fixture
def number(site: Site) -> None:
    """One whose page shows all that there is."""
    bot = site.installed.add_bot(ROOT / "bots" / "table-booking")
    with site.api() as api:
        if not any(each["name"] == "access" for each in api.pages("/numbers")):
            api.post("/numbers", {"name": "access", "channel": "linked_device", "bot": bot})


@pytest.mark.drill
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(enter: Enter, site: Site, number: None, theme: str) -> None:
    page = enter("admin")
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    found: dict[str, list[str]] = {}
    for path in PATHS:
        page.goto(f"{site.url}{path}")
        expect(page.locator("main").first).to_be_visible()
        expect(page.locator("[role=status] > .sr-only")).to_have_count(0)  # all is loaded
        found[path] = serious(page)
    page.goto(f"{site.url}/")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.keyboard.press("ControlOrMeta+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    found["palette"] = serious(page)
    page.context.clear_cookies()
    page.goto(f"{site.url}/sign-in")
    expect(page.get_by_role("heading")).to_be_visible()
    found["sign-in"] = serious(page)
    assert {path: each for path, each in found.items() if each} == {}


@pytest.mark.drill
def test_a_phone_scrolls_down_only(enter: Enter, site: Site, number: None) -> None:
    page = enter("admin")
    page.set_viewport_size({"width": 390, "height": 780})
    for path in PATHS:
        page.goto(f"{site.url}{path}")
        expect(page.locator("main").first).to_be_visible()
        expect(page.locator("[role=status] > .sr-only")).to_have_count(0)
        assert width(page) <= 390, path
