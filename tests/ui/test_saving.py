"""What is typed in the studio is never lost: two authors, a lost answer, no net, a killed server, a session that ends."""

import psycopg
import pytest
from playwright.sync_api import Error, Locator, Page, expect

from tests.ui.conftest import Contexts, Enter
from tests.ui.drafts import FLOW, HELLO, draft, holds, kept
from tests.ui.site import PASSWORD, Faults, Site, lose_answer
from tests.ui.step import text

AWAY = r"Failed to load resource: net::ERR_|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION"
SAVES = "**/draft/files/**"


def state(page: Page, said: str) -> Locator:
    """What the studio says of the draft."""
    return page.get_by_role("status").get_by_text(said, exact=True)


def both_write(site: Site, name: str, saved: tuple[Page, str], away: tuple[Page, str]) -> None:
    """Two write the same field; one of them was offline, and comes back."""
    author, words = saved
    other, its = away
    other.context.set_offline(True)
    text(other).fill(its)
    expect(state(other, "Offline, kept here")).to_be_visible()
    text(author).fill(words)
    holds(site, name, words)
    other.context.set_offline(False)


def lines_changed(site: Site, name: str) -> list[str]:
    now, was = kept(site, name)[FLOW].splitlines(), HELLO.splitlines()
    assert len(now) == len(was)
    return [one for one, other in zip(now, was, strict=True) if one != other]


@pytest.mark.drill
def test_two_authors_of_one_step_are_asked_only_about_the_field_that_both_changed(
    site: Site, enter: Enter, contexts: Contexts, faults: Faults
) -> None:
    faults.forgive(AWAY)
    name = draft(site)
    ana = enter("editor", at=f"/bots/{name}?step=tea&pane=step")
    luca = enter("editor", at=f"/bots/{name}?step=tea&pane=step", profile=contexts())
    expect(text(luca, "it")).to_have_value("Arriva il tè.")
    luca.context.set_offline(True)
    text(luca, "it").fill("Il tè di Luca.")
    expect(state(luca, "Offline, kept here")).to_be_visible()
    text(ana).fill("Ana's tea.")
    holds(site, name, "Ana's tea.")
    luca.context.set_offline(False)
    holds(site, name, "Il tè di Luca.")  # another field of the same step: nobody is asked
    expect(text(luca)).to_have_value("Ana's tea.")
    expect(text(ana, "it")).to_have_value("Il tè di Luca.")
    expect(state(luca, "Saved")).to_be_visible()

    question = luca.get_by_role("region", name="was changed by somebody else too")
    for chosen, stands in (("Take theirs", "Ana's second."), ("Keep mine", "Luca's second.")):
        both_write(site, name, (ana, "Ana's second."), (luca, "Luca's second."))
        expect(question.get_by_text("tea · text.en")).to_be_visible()
        expect(question.get_by_text("Luca's second.")).to_be_visible()
        expect(question.get_by_text("Ana's second.")).to_be_visible()
        luca.reload()  # it is asked again, and typing goes on
        expect(question.get_by_text("Ana's second.")).to_be_visible()
        text(luca, "it").fill(f"Intanto: {chosen}")
        question.get_by_role("button", name=chosen).click()
        expect(question).to_have_count(0)
        holds(site, name, f"Intanto: {chosen}")
        expect(text(luca)).to_have_value(stands)
        expect(text(ana)).to_have_value(stands)
        expect(text(ana, "it")).to_have_value(f"Intanto: {chosen}")
        text(ana).fill("Anew.")
        expect(text(luca)).to_have_value("Anew.")
    assert len(lines_changed(site, name)) == 1


@pytest.mark.drill
def test_other_files_are_saved_while_a_question_waits(
    site: Site, enter: Enter, contexts: Contexts, faults: Faults
) -> None:
    faults.forgive(AWAY)
    name = draft(site)
    ana = enter("editor", at=f"/bots/{name}?step=tea&pane=step")
    luca = enter("editor", at=f"/bots/{name}?step=tea&pane=step", profile=contexts())
    expect(text(luca)).to_have_value("Tea, coming up.")
    both_write(site, name, (ana, "Ana's tea."), (luca, "Luca's tea."))
    question = luca.get_by_role("region", name="was changed by somebody else too")
    expect(question.get_by_text("Luca's tea.")).to_be_visible()
    luca.get_by_role("button", name="bot.yaml").click()
    yaml = luca.get_by_role("textbox", name="bot.yaml")
    yaml.press("Control+End")
    luca.keyboard.type("# written meanwhile")
    holds(site, name, "# written meanwhile")
    expect(question).to_be_visible()
    assert "Ana's tea." in kept(site, name)[FLOW]
    luca.reload()  # what waits is asked again, and what was saved is not asked
    expect(question.get_by_text("Luca's tea.")).to_be_visible()
    question.get_by_role("button", name="Keep mine").click()
    holds(site, name, "Luca's tea.")
    expect(state(luca, "Saved")).to_be_visible()
    assert "# written meanwhile" in kept(site, name)["bot.yaml"]


@pytest.mark.drill
def test_a_saving_whose_answer_is_lost_asks_nothing(site: Site, enter: Enter, faults: Faults) -> None:
    faults.forgive(AWAY)
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}?step=tea&pane=step")

    page.route(SAVES, lose_answer, times=1)
    text(page).fill("Once and for all.")
    expect(state(page, "Offline, kept here")).to_be_visible()
    expect(state(page, "Saved")).to_be_visible()
    expect(text(page)).to_have_value("Once and for all.")
    assert len(lines_changed(site, name)) == 1


@pytest.mark.drill
def test_the_server_is_killed_in_the_middle_of_a_saving(site: Site, enter: Enter, faults: Faults) -> None:
    faults.forgive(AWAY)
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}?step=tea&pane=step")
    expect(state(page, "Saved")).to_be_visible()
    with psycopg.connect(site.installed.database) as db:
        db.execute("SELECT FROM bots WHERE name = %s FOR UPDATE", (name,))
        text(page).fill("Typed before the kill.")
        site.until("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        expect(state(page, "Saving…")).to_be_visible()
        assert site.installed.server is not None
        site.installed.kill(site.installed.server)
    expect(state(page, "Offline, kept here")).to_be_visible()
    text(page, "it").fill("Scritto dopo.")
    assert kept_here(page)
    site.run(site.installed.start_server())
    expect(state(page, "Saved")).to_be_visible()
    holds(site, name, "Scritto dopo.")
    assert lines_changed(site, name) == ["    with: {text: {en: Typed before the kill., it: Scritto dopo.}}"]
    assert not kept_here(page)


@pytest.mark.drill
def test_typing_that_takes_most_steps_away_is_saved_only_when_it_is_meant(site: Site, enter: Enter) -> None:
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}?file={FLOW}&view=yaml")
    yaml = page.get_by_role("textbox", name=FLOW)

    def wipe() -> None:
        yaml.press("Control+a")
        page.keyboard.press("Delete")
        expect(page.get_by_text("Not saved: 0 of 4 steps are left")).to_be_visible()

    wipe()
    page.get_by_role("button", name="Take it back").click()
    expect(state(page, "Saved")).to_be_visible()
    expect(yaml).to_contain_text("id: nudge")
    wipe()
    page.on("dialog", lambda asked: asked.accept())
    page.reload()  # it is kept here, and asked again
    expect(page.get_by_text("Not saved: 0 of 4 steps are left")).to_be_visible()
    assert kept(site, name)[FLOW] == HELLO
    page.get_by_role("button", name="Save it so").click()
    expect(state(page, "Saved")).to_be_visible()
    assert kept(site, name)[FLOW] == ""


@pytest.mark.drill
def test_offline_and_reloaded_nothing_is_lost(site: Site, enter: Enter, faults: Faults) -> None:
    faults.forgive(AWAY)
    name = draft(site)
    page = enter("editor", at=f"/bots/{name}?step=tea&pane=step")
    expect(state(page, "Saved")).to_be_visible()
    page.context.set_offline(True)
    text(page).fill("Typed without a net.")
    expect(state(page, "Offline, kept here")).to_be_visible()
    page.get_by_role("tab", name="Step").click()
    page.get_by_label("Note for colleagues").fill("Left without leaving the field")
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()
    page.context.set_offline(False)
    page.goto(f"{site.url}/bots/{name}?step=tea&pane=step")
    expect(text(page)).to_have_value("Typed without a net.")
    expect(page.get_by_label("Note for colleagues")).to_have_value("Left without leaving the field")
    expect(state(page, "Saved")).to_be_visible()
    for said in ("Typed without a net.", "Left without leaving the field"):
        holds(site, name, said)


@pytest.mark.drill
def test_a_session_that_ends_and_a_sign_out_lose_no_word(site: Site, enter: Enter, faults: Faults) -> None:
    faults.forgive(AWAY)
    name = draft(site)
    here = f"/bots/{name}?step=tea&pane=step"
    page = enter("editor", at=here)
    expect(state(page, "Saved")).to_be_visible()
    email = page.evaluate("fetch('/api/v1/sign-in/refresh', {method: 'POST', headers: {'X-Chatloom': '1'}})"
                          ".then((answer) => answer.json()).then((given) => given.user.email)")  # fmt: skip
    page.route(SAVES, lambda route: route.abort())
    text(page).fill("Typed while it ended.")
    expect(state(page, "Offline, kept here")).to_be_visible()
    with site.api() as api:
        for each in api.pages("/users"):
            if each["email"] == email:
                api.call("DELETE", f"/users/{each['id']}/sign-ins")
    dialog = page.get_by_role("dialog", name="You were signed out")
    expect(dialog).to_be_visible()
    site.forget_tries()
    page.unroute(SAVES)
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{site.url}{here}")
    expect(text(page)).to_have_value("Typed while it ended.")
    expect(state(page, "Saved")).to_be_visible()
    holds(site, name, "Typed while it ended.")

    page.route(SAVES, lambda route: route.abort())
    text(page).fill("Typed before signing out.")
    expect(state(page, "Offline, kept here")).to_be_visible()
    page.get_by_role("button", name="Editor Rossi").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.unroute(SAVES)
    page.goto(f"{site.url}{here}")
    site.fill_in(page, email)
    expect(page).to_have_url(f"{site.url}{here}")
    expect(text(page)).to_have_value("Typed before signing out.")
    holds(site, name, "Typed before signing out.")


def kept_here(page: Page) -> bool:
    """The browser holds something that the server does not have."""
    return page.evaluate("Object.keys(localStorage).some((name) => name.startsWith('chatloom.draft.'))")


FULL = "Storage.prototype.setItem = () => { throw new DOMException('no room', 'QuotaExceededError') }"
BLOCKED = """for (const place of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, place, { get() { throw new DOMException("blocked", "SecurityError") } })"""


@pytest.mark.drill
@pytest.mark.parametrize("refuses", [FULL, BLOCKED], ids=["full", "blocked"])
def test_a_browser_that_keeps_nothing(site: Site, enter: Enter, faults: Faults, refuses: str) -> None:
    faults.forgive(AWAY)
    name = draft(site)
    page = enter("editor", at="/")
    page.evaluate("localStorage.clear()")
    page.add_init_script(refuses)

    page.goto(f"{site.url}/bots/{name}?step=tea&pane=step")
    expect(state(page, "Saved")).to_be_visible()
    unkept = page.get_by_role("status").get_by_text("This browser keeps nothing")
    expect(unkept).to_be_visible()
    text(page).fill("Said to the server alone.")
    expect(state(page, "Saved")).to_be_visible()
    holds(site, name, "Said to the server alone.")

    page.context.set_offline(True)
    text(page).fill("Typed without a net.")
    expect(state(page, "Offline")).to_be_visible()
    page.context.set_offline(False)
    holds(site, name, "Typed without a net.")
    expect(state(page, "Saved")).to_be_visible()

    page.get_by_role("button", name="Publish", exact=True).click()
    publish = page.get_by_role("dialog", name="Publish the draft")
    publish.get_by_label("What changed").fill("All the same")
    publish.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 1 is published").first).to_be_visible()
    for at in ("/conversations", "/contacts", "/numbers", "/settings/people", "/settings/teams", "/"):
        page.goto(f"{site.url}{at}")
        expect(page.get_by_role("main").get_by_role("heading").first).to_be_visible()
        expect(unkept).to_be_visible()
