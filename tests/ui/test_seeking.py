"""Words are looked for in all files of a draft, and others put in their place, by one act."""

from playwright.sync_api import expect

from tests.ui.conftest import Enter
from tests.ui.drafts import BOT, FLOW, HELLO, fresh, hold, holds, kept
from tests.ui.site import Site
from tests.until import until

TALK = "test: talk\ntalk:\n  - user: hi\n  - bot: Tea or coffee?\n"


def test_words_are_replaced_in_all_files_and_back(site: Site, enter: Enter) -> None:
    name = fresh("sought")
    files = {"bot.yaml": BOT.format(name=name), FLOW: HELLO, "tests/talk.yaml": TALK}
    with site.api() as api:
        hold(api, name, files)
    page = enter("editor", at=f"/bots/{name}")
    expect(page.get_by_role("status").get_by_text("Saved")).to_be_visible()
    page.keyboard.press("Control+Shift+F")
    dialog = page.get_by_role("dialog", name="Search all files")
    dialog.get_by_label("Find").fill("coffee")
    expect(dialog.get_by_text("8 places", exact=True)).to_be_visible()
    dialog.get_by_label("Capitals matter").check()
    dialog.get_by_label("Find").fill("coffee?")
    expect(dialog.get_by_text("2 places", exact=True)).to_be_visible()
    dialog.get_by_label("Replace with").fill("cocoa: hot")
    expect(dialog.get_by_text("These files could not be read any more")).to_be_visible()
    expect(dialog.get_by_role("button", name="Replace in 2 places")).to_be_disabled()
    dialog.get_by_label("Replace with").fill("cocoa?")
    expect(dialog.get_by_role("region", name="tests/talk.yaml").get_by_text("cocoa?")).to_be_visible()
    assert kept(site, name) == files
    expect(dialog.get_by_role("button", name="Replace in 2 places")).to_be_enabled()
    dialog.get_by_label("Replace with").press("Enter")
    holds(site, name, "bot: Tea or cocoa?")
    now = {path: text.replace("coffee?", "cocoa?") for path, text in files.items()}
    site.run(until(lambda: kept(site, name) == now))
    page.get_by_role("button", name="Undo (Ctrl+Z)").click()
    site.run(until(lambda: kept(site, name) == files))

    page.get_by_role("button", name="Search all files (Ctrl+Shift+F)").click()
    dialog.get_by_label("Find").fill("ancora?")
    dialog.get_by_role("button", name="Still there?").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("tabpanel", name="Step").get_by_label("Name", exact=True)).to_have_value("nudge")
    expect(page.get_by_label("Text (it)")).to_have_value("Ci sei ancora?")  # in its language's tab
