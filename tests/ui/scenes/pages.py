"""Pictures of what is neither the studio nor the settings."""

import datetime as dt
import json
import re
from collections.abc import Callable

from playwright.sync_api import Route

from admin_api import qr
from tests.ui.scenes.scene import SETTLED_MS, Scene, Visit, changed, empty, fails, gives, menu, pressed, waits

ONE_NUMBER = re.compile(r"/api/v1/numbers/Shop$")
FIRST = re.compile("/first-admin/look")
INVITATION = re.compile("/invitations/look")
LINKING = re.compile(r"/session/(pair$|events)")
SOUGHT = re.compile(r"/api/v1/messages\?")
INVITED = {
    "email": "beatrice.longo@example.com",
    "role": "editor",
    "invited_by": "Ana Bianchi",
    "new_password": False,
    "expires_at": "2030-01-01T00:00:00Z",
}
TALK = "/conversations?open={people}&of=demo"
PAIRING = "/numbers/new?channel=linked_device&number=Shop"
WHY = (
    "The message is undeliverable: the recipient does not use WhatsApp, or has not accepted its newest terms"
)
FAILED = {
    "status": lambda line: "failed" if line["direction"] == "out" else line["status"],
    "error": lambda line: WHY if line["direction"] == "out" else "",
}
BANNED = {"state": "banned", "why_code": "", "state_why": ""}
BAD = {"numbers": lambda told: [each | {"dead_letters": 12, "failed": 1204} for each in told["numbers"]]}
LETTERS = {
    "items": [
        {
            "message": f"01a218a7-0000-7000-8000-00000000000{index}",
            "conversation": "01a218a7-0000-7000-8000-000000000000",
            "number": "01a218a7-0000-7000-8000-000000000000",
            "error": WHY if index % 2 else "Recipient unknown",
            "error_code": "131026",
            "attempt": 5,
            "created_at": "2026-11-20T08:00:00Z",
        }
        for index in range(6)
    ],
    "next": None,
}
LISTS = ("conversations", "bots", "numbers", "contacts")


def _palette(visit: Visit) -> None:
    visit.page.keyboard.press("ControlOrMeta+k")


def _closed(route: Route) -> None:
    """The contact last wrote long ago, and the channel cares."""
    changed(last_in_at="2026-01-01T00:00:00Z", capabilities={"free_text_hours": 24, "template": True})(route)


def _offline(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("conversations", "reply.label")).fill("The terrace is covered.")
    visit.page.context.set_offline(True)
    visit.page.get_by_label(visit.said("conversations", "reply.label")).fill(
        "The terrace is covered; come at 8."
    )
    visit.page.wait_for_timeout(6 * SETTLED_MS)


def _written(visit: Visit) -> None:
    visit.page.locator("input[type=file]").set_input_files(
        {
            "name": "menu-for-the-whole-winter-season-with-all-the-wines.pdf",
            "mimeType": "application/pdf",
            "buffer": b"%PDF",
        }
    )
    visit.page.get_by_label(visit.said("conversations", "reply.label")).fill("Our menu.\n" * 5)
    visit.page.wait_for_timeout(4 * SETTLED_MS)


def _merged(visit: Visit) -> None:
    visit.press("contacts", "merge.choose")
    visit.page.get_by_role("dialog").last.get_by_role("listitem").first.get_by_role("button").click()


def _refused(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("sign-in", "email")).fill("ana@example.com")
    visit.page.get_by_label(visit.said("sign-in", "password"), exact=True).fill("not this one")
    visit.press("sign-in", "go")
    visit.page.get_by_role("alert").wait_for()


def _looked_for(visit: Visit) -> None:
    _palette(visit)
    visit.page.keyboard.type("num")


def _taken(visit: Visit) -> None:
    visit.page.get_by_label(visit.said("numbers", "new.name"), exact=True).fill("demo")
    visit.press("numbers", "add")
    visit.page.wait_for_timeout(2 * SETTLED_MS)


def _chosen(visit: Visit) -> None:
    for each in range(1, 3):
        visit.page.get_by_role("checkbox").nth(each).check()


def _linking(**told: str) -> Callable[[Route], None]:
    """A session that shows a code, for longer than the picture takes."""

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=202, json={"id": "01a218a7-0000-7000-8000-000000000000"})
            return
        until = (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)).isoformat()
        session = {"state": "pairing", "order": None, "svg": "", "code": "", "until": until, **told}
        route.fulfill(content_type="text/event-stream", body=f"event: state\ndata: {json.dumps(session)}\n\n")

    return answer


def _search_off(route: Route) -> None:
    problem = {"code": "messages.search_off", "title": "Search in messages is off", "status": 409}
    route.fulfill(status=409, content_type="application/problem+json", json=problem)


def _at_end(visit: Visit) -> None:
    visit.page.get_by_role("button", name=visit.said("contacts", "erase.act")).scroll_into_view_if_needed()


STATES: dict[str, Callable[[Route], None]] = {"empty": empty, "loading": waits, "error": fails}


SCENES = [
    Scene("sign-in", "/sign-in", signed_in=False),
    Scene("sign-in-refused", "/sign-in", _refused, signed_in=False),
    Scene("welcome-new", "/welcome#token=new", signed_in=False, answers=gives({}), of=FIRST),
    Scene("invitation-new", "/invitation#token=new", signed_in=False, answers=gives(INVITED), of=INVITATION),
    Scene("welcome", "/welcome#token=gone", signed_in=False),
    Scene("invitation", "/invitation#token=gone", signed_in=False),
    Scene("home", "/"),
    Scene("home-viewer", "/", role="viewer"),
    Scene("home-partial", "/", answers=fails, of=re.compile("/api/v1/overview")),
    Scene("home-bad", "/", answers=changed(**BAD), of=re.compile("/api/v1/overview")),
    Scene("palette", "/", _palette),
    Scene("palette-typed", "/", _looked_for),
    Scene("conversations", "/conversations"),
    Scene("talk-booked", "/conversations?open={booked}&of=demo"),
    Scene("talk-people", "/conversations?open={people}&of=demo"),
    Scene("talk-viewer", TALK, role="viewer"),
    Scene("talk-long", "/conversations?open={long}&of=demo"),
    Scene("talk-trace", TALK, press=("conversations", "trace.toggle")),
    Scene("talk-details", TALK, press=("conversations", "details.toggle")),
    Scene(
        "talk-give", TALK, pressed(("conversations", "details.toggle"), ("conversations", "handlings.give"))
    ),
    Scene("talk-menu", TALK, press=("conversations", "act.more")),
    Scene("talk-end", TALK, menu("conversations", "act.end", of=("conversations", "act.more"))),
    Scene("talk-failed", TALK, answers=changed(**FAILED), of=re.compile(r"/transcript")),
    Scene("talk-closed", TALK, answers=_closed, of=re.compile(r"/channels$|/conversations/[0-9a-f-]+$")),
    Scene(
        "talk-opted-out", TALK, answers=changed(opted_out=True), of=re.compile(r"/conversations/[0-9a-f-]+$")
    ),
    Scene(
        "talk-partial",
        TALK,
        pressed(("conversations", "details.toggle")),
        answers=fails,
        of=re.compile("/notes"),
    ),
    Scene("talk-written", "/conversations?open={long}&of=demo", _written),
    Scene("talk-offline", "/conversations?open={long}&of=demo", _offline),
    Scene("talk-lost", "/conversations?open=01a218a7-0000-7000-8000-000000000000&of=demo"),
    Scene("conversations-found", "/conversations?q=table"),
    Scene("conversations-search-off", "/conversations?q=table", answers=_search_off, of=SOUGHT),
    Scene("conversations-unfound", "/conversations?q=zzzz"),
    Scene("conversations-failed", "/conversations?status=failed"),
    Scene("bots", "/bots"),
    Scene("bots-new", "/bots", press=("bots", "new")),
    Scene("numbers", "/numbers"),
    Scene("numbers-new", "/numbers/new"),
    Scene("numbers-new-cloud", "/numbers/new?channel=cloud_api"),
    Scene("numbers-pairing", PAIRING),
    Scene("numbers-code", PAIRING, answers=_linking(svg=qr.svg("2@" + "k7Qx" * 55)), of=LINKING),
    Scene("numbers-code-typed", PAIRING, answers=_linking(code="KX4T-9WQZ"), of=LINKING),
    Scene(
        "numbers-code-instead",
        PAIRING,
        press=("numbers", "pair.instead"),
        answers=_linking(svg=qr.svg("2@" + "k7Qx" * 55)),
        of=LINKING,
    ),
    Scene("numbers-new-linked", "/numbers/new?channel=linked_device"),
    Scene("numbers-new-refused", "/numbers/new?channel=simulator", _taken),
    Scene("numbers-ready", "/numbers/new?channel=cloud_api&number=Support of the whole northern region"),
    Scene("numbers-bad", "/numbers", answers=changed(**BAD), of=re.compile("/api/v1/overview")),
    Scene("number-simulator", "/numbers/demo"),
    Scene("number-viewer", "/numbers/demo", role="viewer"),
    Scene("number-bot", "/numbers/demo", press=("numbers", "assign.change")),
    Scene(
        "number-menu",
        "/numbers/Shop",
        press=("numbers", "act.more"),
        answers=changed(state="online"),
        of=ONE_NUMBER,
    ),
    Scene("number-remove", "/numbers/demo", menu("numbers", "act.remove", of=("numbers", "act.more"))),
    Scene(
        "number-unlink",
        "/numbers/Shop",
        menu("numbers", "act.unlink", of=("numbers", "act.more")),
        answers=changed(state="online"),
        of=ONE_NUMBER,
    ),
    Scene("number-banned", "/numbers/Shop", answers=changed(**BANNED), of=ONE_NUMBER),
    Scene("number-partial", "/numbers/Shop", answers=fails, of=re.compile(r"/numbers/Shop/states")),
    Scene("number-lost", "/numbers/Nowhere"),
    Scene("number-linked", "/numbers/Shop"),
    Scene("number-cloud", "/numbers/Support of the whole northern region"),
    Scene("dead-letters", "/dead-letters"),
    Scene(
        "dead-letters-some",
        "/dead-letters",
        _chosen,
        answers=gives(LETTERS),
        of=re.compile("/api/v1/dead-letters"),
    ),
    Scene("contacts", "/contacts"),
    Scene("contacts-viewer", "/contacts", role="viewer"),
    Scene("contacts-unfound", "/contacts?phone=%2B39000000"),
    Scene("contact", "/contacts?open={contact}"),
    Scene("contact-end", "/contacts?open={contact}", _at_end),
    Scene("contact-erase", "/contacts?open={contact}", press=("contacts", "erase.act")),
    Scene("contact-merge", "/contacts?open={contact}", press=("contacts", "merge.choose")),
    Scene("contact-merge-sure", "/contacts?open={contact}", _merged),
    Scene("contact-lost", "/contacts?open=01a218a7-0000-7000-8000-000000000000"),
    Scene("menu-language", "/", press=("frame", "language.label")),
    Scene("menu-theme", "/", press=("frame", "theme.label")),
    Scene("menu-me", "/", lambda visit: visit.page.locator("[data-letters]").click()),
    Scene("not-found", "/nowhere"),
    *(
        Scene(f"state-{state}-{place}", f"/{place}", answers=answers)
        for place in LISTS
        for state, answers in STATES.items()
    ),
    Scene("state-error-home", "/", answers=fails),
    Scene("state-loading-home", "/", answers=waits),
]
