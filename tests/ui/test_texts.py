"""The studio's texts: a bot is translated in the table and by a file, and the contact reads it."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.ui.conftest import Enter
from tests.ui.site import Site
from tests.ui.test_studio import FLOW, HELLO, draft, holds, kept

PLAIN = HELLO.replace(', it: "Arriva il tè."', "").replace(", it: Ci sei ancora?", "")


def cell(page: Page, name: str) -> Locator:
    return page.get_by_role("gridcell", name=name)


@pytest.mark.drill
def test_a_bot_is_translated_in_the_table(site: Site, enter: Enter) -> None:
    name = draft(site, PLAIN)
    page = enter("editor", at=f"/bots/{name}")
    page.get_by_role("button", name="Texts", exact=True).click()
    expect(page.get_by_text("Italian: 2 missing")).to_be_visible()
    page.get_by_label("State").select_option("Not translated")
    expect(page.get_by_role("rowheader")).to_have_count(2)
    cell(page, "en, tea text").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type("Arriva il tè!")
    page.keyboard.press("Enter")  # the one below
    page.keyboard.press("Enter")
    page.keyboard.type("Ci sei?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Italian: all translated")).to_be_visible()
    expect(cell(page, "it, tea text: Arriva il tè!")).to_be_visible()
    holds(site, name, "Ci sei?")
    assert [line for line in kept(site, name)[FLOW].splitlines() if line not in PLAIN.splitlines()] == [
        '    with: {text: {en: "Tea, coming up.", it: Arriva il tè!}}',
        "    with: {text: {en: Still there?, it: Ci sei?}}",
    ]
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Italian: 1 missing")).to_be_visible()


@pytest.mark.drill
def test_translations_go_out_and_come_back_as_a_table(site: Site, enter: Enter, tmp_path: Path) -> None:
    name = draft(site, PLAIN)
    page = enter("editor", at=f"/bots/{name}?place=texts")
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as coming:
        page.get_by_role("dialog").get_by_role("button", name="Download").click()
    table = tmp_path / "texts.csv"
    coming.value.save_as(table)
    lines = table.read_text("utf-8-sig").splitlines()
    tea = next(place for place, line in enumerate(lines) if "steps/tea" in line)
    lines[tea] = lines[tea].removesuffix(",") + ",Tè in arrivo."
    table.write_text("\n".join(lines), "utf-8-sig")
    page.get_by_label("Upload").set_input_files(table)
    dialog = page.get_by_role("dialog", name="Translations in texts.csv")
    expect(dialog.get_by_text("Tè in arrivo.")).to_be_visible()
    assert kept(site, name)[FLOW] == PLAIN
    dialog.get_by_role("button", name="Take 1 translation").click()
    expect(cell(page, "it, tea text: Tè in arrivo.")).to_be_visible()
    holds(site, name, "Tè in arrivo.")
    page.get_by_role("button", name="tea text").click()
    page.get_by_role("tab", name="Preview").click()
    shown = page.get_by_role("tabpanel", name="Preview")
    shown.get_by_label("Language").select_option("it")
    expect(shown.get_by_text("Tè in arrivo.")).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()
    publishing = page.get_by_role("dialog", name="Publish the draft")
    publishing.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 1 is published").first).to_be_visible()
    with site.api() as api:
        assert "Tè in arrivo." in api.get(f"/bots/{name}/versions/1/files")[FLOW]
