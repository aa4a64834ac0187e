"""The studio's names: a field is renamed wherever it is used, shown first; what goes says who still needs it."""

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Contexts, Enter
from tests.ui.drafts import HELLO
from tests.ui.site import Site
from tests.ui.test_studio import FLOW, draft, kept
from tests.until import until

FORM = """chatloom: flow/v1
id: hello
triggers: [{message: {words: [hi]}}]
data:
  schema:
    type: object
    required: [mail]          # the mail is needed
    properties:
      mail: {type: string, format: email, title: {en: Your mail, it: La tua mail}}
steps:
  - {id: ask, action: collect, with: {fields: [mail]}}
  - id: thanks
    action: send
    with:
      text:
        en: "We write to {{ data.mail }}. No mail? Say so."
        it: 'Scriviamo a {{data.mail}}.'
  - {id: sub, action: call, with: {flow: other}}
"""
OTHER = (
    "chatloom: flow/v1\nid: other\nsteps:\n  - {id: end, action: send, with: {text: {en: Bye, it: Ciao}}}\n"
)
TEST = "test: mail\ntalk:\n  - user: hi\n  - user: a@example.com\nexpect: {ended: hello, data: {mail: a@example.com}}\n"


@pytest.mark.drill
def test_a_field_is_renamed_wherever_it_is_used_and_back(site: Site, enter: Enter) -> None:
    name = draft(site, FORM)
    more = {"flows/other.yaml": OTHER, "tests/mail.yaml": TEST}
    with site.api() as api:
        files = {**kept(site, name), **more}
        files["bot.yaml"] = files["bot.yaml"].replace("[hello]", "[hello, other]")
        etag = api.get(f"/bots/{name}/draft")["etag"]
        api.call("PUT", f"/bots/{name}/draft", {"files": files}, headers={"If-Match": f'"{etag}"'})
    page = enter("editor", at=f"/bots/{name}")
    expect(page.get_by_text("No problems")).to_be_visible()
    page.get_by_role("button", name="Data", exact=True).click()
    row = page.get_by_role("row", name="mail")
    expect(row.get_by_text("e-mail", exact=True)).to_be_visible()
    row.get_by_role("button", name="Rename mail").click()
    dialog = page.get_by_role("dialog", name="Rename the field mail")
    dialog.get_by_label("New name").fill("e_mail")
    expect(dialog.get_by_role("region", name="tests/mail.yaml").get_by_text("e_mail")).to_be_visible()
    assert kept(site, name) == files
    dialog.get_by_role("button", name="Rename in 6 places").click()
    expect(page.get_by_role("row", name="e_mail")).to_be_visible()

    def has(wanted: dict[str, str]) -> None:
        site.run(until(lambda: kept(site, name) == wanted))

    has(
        {
            **files,
            FLOW: FORM.replace("[mail]", "[e_mail]")
            .replace("      mail: ", "      e_mail: ")
            .replace("data.mail", "data.e_mail"),
            "tests/mail.yaml": TEST.replace("data: {mail:", "data: {e_mail:"),
        }
    )
    expect(page.get_by_text("No problems")).to_be_visible()
    page.get_by_role("button", name="Undo (Ctrl+Z)").click()
    has(files)

    # A step that a test names; a flow with its file; who still needs a flow that goes.
    page.get_by_role("group", name="What to show").get_by_role("button", name="Flows").click()
    page.get_by_role("row", name="other").get_by_role("button", name="Rename other").click()
    page.get_by_label("New name").fill("farewell")
    page.get_by_role("button", name="Rename in 3 places").click()
    page.get_by_role("navigation", name="Files of the bot").get_by_role("button", name="farewell").click()
    page.get_by_role("button", name="Remove flows/farewell.yaml").click()
    leaving = page.get_by_role("dialog", name="Remove flows/farewell.yaml?")
    expect(leaving.get_by_text("2 places still name this flow.")).to_be_visible()
    leaving.get_by_role("button", name="Cancel").click()
    files["bot.yaml"] = files["bot.yaml"].replace("other", "farewell")
    files[FLOW] = FORM.replace("flow: other", "flow: farewell")
    files["flows/farewell.yaml"] = files.pop("flows/other.yaml").replace("id: other", "id: farewell")
    has(files)


@pytest.mark.drill
def test_on_a_phone_in_italian_a_long_name_is_read_whole_and_a_broken_line_is_told_of(
    site: Site, enter: Enter, contexts: Contexts
) -> None:
    long = "_".join(["the_guest_is_asked_for_a_wish"] * 2)
    phone = contexts(viewport={"width": 390, "height": 844})
    at = f"/bots/{draft(site, HELLO.replace('nudge', long))}?place=data&kind=step"
    page = enter("viewer", at=at, language="it", profile=phone)
    way = page.get_by_role("definition").get_by_role("button", name=long).first
    expect(way).to_be_visible()
    box = way.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] < 390
    page.goto(f"{site.url}/bots/{draft(site, HELLO.replace('then: {', 'then: ['))}")
    expect(page.get_by_role("alert")).to_have_text("La riga 14 non si può leggere. I problemi dicono perché.")
    expect(page.get_by_text("A un elenco tra [ ] manca una virgola tra due elementi")).to_be_visible()
