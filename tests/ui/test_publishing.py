"""A draft tried on what contacts really wrote, given to a share of them, to everybody, and taken back."""

import json
import re
import shutil
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.installation import ROOT
from tests.ui.conftest import Enter
from tests.ui.contact import Served
from tests.ui.drafts import draft
from tests.ui.site import Faults, Site, lose_answer
from tests.until import until

BOT = "published-tables"
GREETING = "Welcome to Da Chatloom!"


@pytest.fixture(scope="module")
def served(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A number with a bot of its own, which has talked with a contact."""
    folder = shutil.copytree(ROOT / "bots" / "table-booking", tmp_path_factory.mktemp("bot") / BOT)
    (folder / "bot.yaml").write_text(
        (folder / "bot.yaml").read_text().replace("id: table-booking", f"id: {BOT}")
    )
    found = Served.start(site, "published", folder)
    found.contact()
    return found


def change(site: Site, bot: str, before: str, after: str) -> None:
    """Somebody else saves the whole draft."""
    with site.api() as api:
        there = api.get(f"/bots/{bot}/draft")
        files = {path: text.replace(before, after) for path, text in there["files"].items()}
        assert files != there["files"]
        api.call("PUT", f"/bots/{bot}/draft", {"files": files}, headers={"If-Match": f'"{there["etag"]}"'})


def published(site: Site, bot: str, version: int) -> None:
    """Wait until it is that version."""
    with site.api() as api:

        def current() -> bool:
            found: list[Any] = api.get(f"/bots/{bot}/versions")["items"]
            return [one["version"] for one in found if one["current"]] == [version]

        site.run(until(current))


def dialog(page: Page) -> Any:
    return page.get_by_role("dialog", name="Publish the draft")


@pytest.mark.drill
def test_a_draft_is_replayed_tried_with_a_share_promoted_and_rolled_back(
    site: Site, served: Served, enter: Enter
) -> None:
    change(site, BOT, GREETING, "Good day, this is Da Chatloom!")
    page = enter("editor", at=f"/bots/{BOT}")
    page.get_by_role("button", name="Publish", exact=True).click()
    publish = dialog(page)
    expect(publish.get_by_text(f"Served by {served.name}.")).to_be_visible()
    expect(publish.get_by_role("region", name="Changes").get_by_text("~ ")).to_be_visible()

    replay = publish.get_by_role("region", name="Replay real conversations")
    replay.get_by_role("button", name="Replay").click()
    replay.get_by_role("button", name="Other words 1").click()
    replay.get_by_role("button", name="hello").click()
    beside = page.get_by_role("dialog", name="Other words")
    row = beside.get_by_role("row").filter(has_text=GREETING)
    expect(row.get_by_role("cell").nth(0)).to_contain_text(GREETING)
    expect(row.get_by_role("cell").nth(1)).to_contain_text("Good day, this is Da Chatloom!")
    page.keyboard.press("Escape")

    publish.get_by_label("What changed").fill("A shorter greeting")
    publish.get_by_label("Who gets it").select_option("A share of the contacts first (canary)")
    publish.get_by_label("Share of the contacts").fill("25")
    publish.get_by_role("button", name="Start the canary").click()
    expect(page.get_by_text("Version 2 is tried with 25 % of the contacts").first).to_be_visible()
    expect(publish).to_have_count(0)
    published(site, BOT, 1)

    page.get_by_role("button", name="Versions").click()
    canary = page.get_by_role("region", name="Canary")
    rates = canary.get_by_role("region", name="How conversations end")
    expect(rates.get_by_role("row", name=re.compile("^Version 1"))).to_be_visible()
    expect(rates.get_by_role("row", name=re.compile("^Version 2"))).to_be_visible()
    canary.get_by_label("Share of the contacts").fill("50")
    canary.get_by_role("button", name="Change the share").click()
    expect(canary.get_by_text("Version 2 is tried with 50 % of the contacts")).to_be_visible()
    canary.get_by_role("button", name="Promote").click()
    asked = page.get_by_role("dialog", name="Publish version 2 to everybody?")
    asked.get_by_label("Conversations that are under way").select_option("Go on with the new version")
    asked.get_by_role("button", name="Promote").click()
    expect(canary).to_have_count(0)
    last = page.get_by_text("Tried last: version 2 with 50 % of the contacts, then published to everybody")
    expect(last).to_contain_text(re.compile(r"· by \S+@example\.com · "))
    last.click()
    ended = page.get_by_role("region", name="How conversations end")
    expect(ended.get_by_role("row", name=re.compile("^Version 2"))).to_be_visible()
    published(site, BOT, 2)
    site.until("SELECT version = 2 FROM runs WHERE number_id = %s AND ended_at IS NULL", served.id)

    page.get_by_role("button", name="Publish again").click()
    asked = page.get_by_role("dialog", name="Publish version 1 again?")
    expect(asked.get_by_text("1 conversation is under way.")).to_be_visible()
    asked.get_by_label("Conversations that are under way").select_option("Go on with the new version")
    expect(asked.get_by_text("1 goes on with the new version.")).to_be_visible()
    asked.get_by_role("button", name="Publish again").click()
    published(site, BOT, 1)
    site.until("SELECT version = 1 FROM runs WHERE number_id = %s AND ended_at IS NULL", served.id)
    page.get_by_role("button", name="Undo", exact=True).last.click()
    published(site, BOT, 2)


@pytest.mark.drill
def test_what_somebody_changed_meanwhile_is_not_published_unseen(site: Site, enter: Enter) -> None:
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}")
    late: list[str] = []

    def meanwhile(route: Route) -> None:
        if not late and not json.loads(route.request.post_data or "{}")["dry_run"]:
            late.append(name)
            change(site, name, "Tea, coming up.", "Tea, by somebody else.")
        route.continue_()

    page.route("**/draft/publish", meanwhile)
    page.get_by_role("button", name="Publish", exact=True).click()
    publish = dialog(page)
    publish.get_by_role("button", name="Publish", exact=True).click()
    expect(publish.get_by_text("Somebody changed the draft meanwhile.")).to_be_visible()
    with site.api() as api:
        assert api.get(f"/bots/{name}/versions")["items"] == []
    publish.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 1 is published").first).to_be_visible()
    with site.api() as api:
        assert "by somebody else" in api.get(f"/bots/{name}/versions/1/files")["flows/hello.yaml"]


@pytest.mark.drill
def test_what_is_said_of_a_version_is_kept_until_it_is_published(
    site: Site, enter: Enter, faults: Faults
) -> None:
    faults.forgive("net::ERR_INTERNET_DISCONNECTED")
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}")
    publish = dialog(page)

    def opened() -> Locator:
        page.get_by_role("button", name="Publish", exact=True).click()
        return publish.get_by_label("What changed")

    opened().fill("Tea comes first")
    publish.get_by_label("Conversations that are under way").select_option("migrate")
    page.reload()
    expect(opened()).to_have_value("Tea comes first")
    expect(publish.get_by_label("Conversations that are under way")).to_have_value("migrate")

    act = publish.get_by_role("button", name="Publish", exact=True)
    expect(act).to_be_enabled()
    page.context.set_offline(True)
    act.click()
    expect(publish.get_by_role("alert").get_by_text("You are offline")).to_be_visible()
    expect(publish.get_by_label("What changed")).to_have_value("Tea comes first")
    page.context.set_offline(False)
    with site.api() as api:
        assert api.get(f"/bots/{name}/versions")["items"] == []

    page.route("**/draft/publish", lose_answer, times=1)  # done, and the page does not know
    faults.forgive("net::ERR_FAILED")
    act.click()
    expect(publish.get_by_role("alert").get_by_text("The server does not answer")).to_be_visible()
    act.click()
    expect(page.get_by_text("Version 1 is published").first).to_be_visible()
    with site.api() as api:
        assert [each["message"] for each in api.get(f"/bots/{name}/versions")["items"]] == ["Tea comes first"]
    expect(opened()).to_have_value("")
