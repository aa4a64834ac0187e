"""Contacts: found, changed, tagged, opted out, merged, exported and erased."""

import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import Enter
from tests.ui.site import Site

PEOPLE = "phone,name,city\n+393330000001,Ada Neri,Rome\n+393330000002,Ada N.,\n+393330000003,Leo Blu,Bari\n"


@pytest.fixture(scope="module", autouse=True)
def people(site: Site) -> None:
    with site.api() as api:
        api.call("PUT", "/contact-fields/city", {"type": "string", "title": "City", "pii": False})
        api.post("/contacts/import", {"csv": PEOPLE})


LONG = "https://maps.example.com/" + "a_place_whose_name_has_no_space/" * 3


def find(page: Page, phone: str) -> None:
    page.get_by_label("Phone number").first.fill(phone)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_contact_is_found_changed_and_opted_out(enter: Enter, site: Site) -> None:
    page = enter("agent", at="/contacts")
    find(page, "+393330000003")
    page.get_by_role("button", name="Leo Blu").click()
    panel = page.get_by_role("dialog", name="Leo Blu")
    panel.get_by_label("City").fill("Lecce")
    panel.get_by_label("Tags", exact=True).fill("gold")
    panel.get_by_label("Tags", exact=True).press("Enter")
    panel.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved").first).to_be_visible()
    expect(panel.get_by_role("button", name="Save")).to_be_disabled()
    with site.api() as api:
        [row] = api.get("/contacts", phone="+393330000003")["items"]
        panel.get_by_label("City").fill("Bari")
        api.patch(f"/contacts/{row['id']}", {"fields": {"city": LONG}})
    panel.get_by_role("button", name="Save").click()
    asks = panel.get_by_text("Somebody else has changed this meanwhile").locator("../..")
    expect(asks).to_contain_text(LONG)
    assert asks.evaluate("(notice) => notice.scrollWidth <= notice.clientWidth"), (
        "it stands within the notice"
    )
    asks.get_by_role("button", name="Keep mine").click()
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_role("button", name="Save")).to_be_disabled()
    panel.get_by_role("switch", name="May be written to").click()
    expect(panel.get_by_text("Wants no messages")).to_be_visible()
    expect(panel.get_by_role("button", name="Erase the contact")).to_be_disabled()
    expect(panel.get_by_text("Only admins may export or erase a contact.")).to_be_visible()
    page.reload()  # the address names who is open
    expect(panel.get_by_label("City")).to_have_value("Bari")
    panel.get_by_role("button", name="Close").click()
    page.get_by_label("Want no messages").select_option("Want no messages")
    expect(page).to_have_url(re.compile("opted_out=true"))
    expect(page.get_by_role("cell", name="gold")).to_be_visible()


def test_a_contact_that_is_gone_is_said_in_words(enter: Enter) -> None:
    gone = "0198c0de-0000-7000-8000-000000000000"
    page = enter("admin", at=f"/contacts?open={gone}")
    expect(page.get_by_text("It is not there any more, it was merged into another").first).to_be_visible()
    expect(page.get_by_text(gone)).to_have_count(0)


@pytest.mark.drill
def test_two_contacts_become_one_which_is_exported_and_erased(enter: Enter, site: Site) -> None:
    page = enter("admin", at="/contacts")
    find(page, "+393330000001")
    page.get_by_role("button", name="Ada Neri").click()
    panel = page.get_by_role("dialog", name="Ada Neri")
    panel.get_by_role("button", name="Merge with another contact").click()
    chooser = page.get_by_role("dialog", name="Merge with another contact")
    chooser.get_by_label("Phone number").fill("+393330000002")
    chooser.get_by_role("button", name="Search").click()
    expect(chooser.get_by_role("listitem")).to_have_count(1)
    chooser.get_by_role("button", name="Ada N.").click()
    ask = page.get_by_role("dialog", name="Merge Ada N. into Ada Neri?")
    expect(ask.get_by_text("393330000002")).to_be_visible()
    expect(ask.get_by_role("button", name="Merge")).to_be_disabled()
    ask.get_by_label("Type “Ada Neri” to go on").fill("Ada Neri")
    ask.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("They are one contact now").first).to_be_visible()
    expect(panel.get_by_text("+393330000002")).to_be_visible()

    with page.expect_download() as file:
        panel.get_by_role("button", name="Download everything kept").click()
    with zipfile.ZipFile(file.value.path()) as kept:
        assert any(b"Ada Neri" in kept.read(name) for name in kept.namelist())
    panel.get_by_role("button", name="Erase the contact").click()
    ask = page.get_by_role("dialog", name="Erase Ada Neri?")
    erase = ask.get_by_role("button", name="Erase the contact")
    expect(erase).to_be_disabled()
    ask.get_by_label("Type “Ada Neri” to go on").fill("Ada Neri")
    erase.click()
    expect(page.get_by_text("Ada Neri is being erased").first).to_be_visible()
    expect(page.get_by_role("button", name="Ada Neri")).to_have_count(0)
    assert site.rows("SELECT count(*) FROM audit WHERE action = 'contact.merge'") == [(1,)]
