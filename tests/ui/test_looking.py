"""Somebody looks around: who may only look is refused nothing, and Italian is Italian on every page."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Response, expect

from tests.installation import ROOT
from tests.ui.conftest import Enter
from tests.ui.italian import english
from tests.ui.scenes import SCENES
from tests.ui.scenes.scene import said
from tests.ui.screenshots import LANGUAGES
from tests.ui.site import Faults, Site

SETTINGS = (
    *("account", "workspace", "people", "teams", "audit", "api-keys", "webhooks"),
    *("actions", "events", "secrets", "fields", "retention", "exports"),
)
PATHS = (
    *(
        "/",
        "/conversations",
        "/bots",
        "/bots/table-booking",
        "/numbers",
        "/numbers/Looked at",
        "/numbers/new",
    ),
    *("/dead-letters", "/contacts", "/nowhere", *(f"/settings/{place}" for place in SETTINGS)),
)
HELLO = {"files": {"bot.yaml": "chatloom: bot/v1\nid: made-meanwhile\nlanguages: [en]\nflows: []\n"}}


@pytest.fixture(scope="module", autouse=True)
def number(site: Site) -> None:
    bot = site.installed.add_bot(ROOT / "bots" / "table-booking")
    with site.api() as api:
        api.post("/numbers", {"name": "Looked at", "channel": "linked_device", "bot": bot})


def at(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.locator("[role=status] > .sr-only")).to_have_count(0)  # all is loaded
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


@pytest.mark.drill
def test_a_viewer_looks_around_and_is_refused_nothing(enter: Enter, site: Site) -> None:
    refused: list[str] = []

    def hear(answer: Response) -> None:
        if answer.status in (401, 403):
            refused.append(f"{answer.status} {answer.request.method} {answer.url} of {answer.frame.url}")

    page = enter("viewer")
    page.on("response", hear)
    for path in PATHS:
        at(page, f"{site.url}{path}")
        expect(page.get_by_role("alert")).to_have_count(0)
    assert refused == []
    for path, why in (
        ("/conversations", "you need the role agent"),
        ("/contacts", "you need the role agent"),
        ("/numbers/new", "Only admins"),
        ("/settings/people", "Only admins"),
        ("/settings/secrets", "Only admins"),
        ("/settings/actions", "you need the role editor"),
    ):
        at(page, f"{site.url}{path}")
        expect(page.get_by_text(re.compile(why)).first).to_be_visible()
    for place in ("teams", "events", "fields"):
        at(page, f"{site.url}/settings/{place}")
        expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
    at(page, f"{site.url}/nowhere")
    expect(page.get_by_role("main").get_by_text("Nothing is here")).to_be_visible()
    expect(page.get_by_role("navigation", name="Places")).to_be_visible()  # with all ways on


@pytest.mark.drill
def test_italian_is_italian_on_every_page(enter: Enter, site: Site) -> None:
    page = enter("admin", language="it")
    left: dict[str, list[str]] = {}
    for path in PATHS:
        at(page, f"{site.url}{path}")
        if wrong := english(page):
            left[path] = wrong
    assert left == {}


def test_the_scenes_of_the_pictures_press_buttons_that_there_are() -> None:
    wanted = [(scene.name, *scene.press) for scene in SCENES if scene.press]
    assert wanted
    for language in LANGUAGES:
        for name, catalogue, key in wanted:
            assert said(language, catalogue, key), name


@pytest.mark.drill
def test_a_page_that_breaks_leaves_the_frame_and_is_tried_again(enter: Enter, faults: Faults) -> None:
    faults.forgive("TypeError|The above error|Error:")
    page = enter("viewer", at="/bots")
    expect(page.get_by_role("heading", name="Bots")).to_be_visible()
    page.route("**/api/v1/numbers?*", lambda route: route.fulfill(json={"items": 3, "next": None}))
    rail = page.get_by_role("link", name="Numbers")
    rail.first.click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_role("main")).to_have_count(1)
    expect(rail.first).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="Looked at")).to_be_visible()


@pytest.mark.drill
def test_many_tabs_are_open_and_each_knows_what_happened_when_it_is_looked_at(
    enter: Enter, context: BrowserContext, site: Site
) -> None:
    def look(page: Page, *, hidden: bool) -> None:
        # a headless browser holds each of its pages for seen
        page.evaluate(
            """(hidden) => {
                Object.defineProperty(document, "hidden", { value: hidden, configurable: true })
                document.dispatchEvent(new Event("visibilitychange"))
            }""",
            hidden,
        )

    first = enter("admin", at="/bots")
    expect(first.get_by_role("link", name="table-booking")).to_be_visible()
    tabs = [first]
    for _ in range(8):  # a browser opens six connections to a server at most
        look(tabs[-1], hidden=True)
        page = context.new_page()
        page.goto(f"{site.url}/bots")
        expect(page.get_by_role("link", name="table-booking")).to_be_visible()
        tabs.append(page)
    with site.api() as api:
        api.call("PUT", "/bots/made-meanwhile/draft", HELLO, headers={"If-None-Match": "*"})
    expect(tabs[-1].get_by_role("link", name="made-meanwhile")).to_be_visible()
    expect(first.get_by_role("link", name="made-meanwhile")).to_have_count(0)
    look(tabs[-1], hidden=True)
    look(first, hidden=False)
    expect(first.get_by_role("link", name="made-meanwhile")).to_be_visible()
