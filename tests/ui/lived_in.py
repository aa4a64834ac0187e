"""An installation where something has happened, to be looked at: people, numbers, talks, contacts, drafts, settings."""

import asyncio
import itertools
from dataclasses import dataclass

import httpx

from cli.client import Client
from tests.ui.drafts import BOT, FLOW, HELLO, hold
from tests.ui.site import PASSWORD
from tests.until import until

REGION = "Support of the whole northern region"  # a long name
PEOPLE = """phone,name,city
+393331234502,Chiara Fontana,Milan
+393331234505,Luca Esposito,Naples
+4915112345678,Hannah Weiß,Berlin
+393331234507,,Turin
"""
WRONG = HELLO.replace("coffee: coffee", "coffee: cofee").replace("next: stop", "next: stopp", 1)
LONG = (
    "Good evening. We came last year for my mother's birthday and loved the table by the window; "
    "my cousin cannot eat nuts, two of the children are vegetarians, and my father needs a chair with arms. "
    "Could you tell us whether the terrace is covered if it rains, how long the kitchen stays open, and whether "
    "we may bring a cake? https://example.com/a/very/long/address/that/has/no/place/to/break/its/line?with=a&query=too"
)
WORDY = "reservations-and-table-management-for-the-northern-region"  # a bot with long names and 40 steps
WISH = "A table on the terrace with a view over the lake and the mountains behind it"
BOOKED = [
    "Hello",
    "Book a table",
    "24/12/2026",
    "20:00",
    "4",
    "Giulia Conti",
    "A high chair, please",
    "Book it",
]


@dataclass(frozen=True)
class LivedIn:
    """Whose addresses are not known beforehand."""

    booked: str
    people: str
    long: str
    contact: str
    wordy: str = WORDY


def live_in(api: Client, url: str, admins: list[str]) -> LivedIn:
    """Fill it, as the operator. `admins`: addresses of people who may all."""
    body = {"name": "Ana Bianchi", "role": "admin", "password": PASSWORD}
    for email in admins:
        api.post("/users", {**body, "email": email})
    luca = api.post("/users", {**body, "email": "luca@example.com", "name": "Luca Verdi", "role": "agent"})
    api.post("/invitations", {"email": "beatrice.longo@example.com", "role": "editor"})
    team = api.post("/teams", {"name": "dining-room", "title": "Dining room"})
    api.call("PUT", f"/teams/{team['id']}/members/{luca['id']}")
    api.call("PUT", "/contact-fields/city", {"type": "string", "title": "City", "pii": False})
    api.post("/contacts/import", {"csv": PEOPLE})
    _settings(api)
    _numbers(api)
    _drafts(api)
    booked = _talk(api, url, BOOKED, {"name": "Giulia Conti", "language": "en", "tags": ["regular", "vip"]})
    _talk(api, url, ["Hello", "Opening hours"], {"name": "Marco De Santis"})
    _talk(api, url, ["Ciao", "Prenota un tavolo"], {"name": "Sofia Romano", "language": "it"})
    people = _talk(
        api,
        url,
        ["Hello", "Talk to us", LONG],
        {"name": "Aurelio Bartolomeo Castelnuovo-Montecchi della Rovere"},
        answered=2,
    )
    at = f"/numbers/demo/conversations/{people['id']}"
    with _signed_in(url, "luca@example.com") as agent:
        agent.post(f"{at}/take-over")
        agent.post(f"{at}/reply", {"text": "Good evening! The terrace is covered, and you may bring a cake."})
        agent.post(f"{at}/notes", {"body": "Came last year too: table 7, by the window."})
    long = _talk(api, url, ["Hello", (LONG + "\n\n") * 6], {"name": "Jo"})
    api.call("PUT", "/message-search", {"on": True}, headers={"If-Match": "*"})
    asyncio.run(until(lambda: api.get("/message-search")["state"] == "ready"))
    return LivedIn(booked["id"], people["id"], long["id"], booked["contact"])


def _signed_in(url: str, email: str) -> Client:
    answer = httpx.post(
        f"{url}/api/v1/sign-in", json={"email": email, "password": PASSWORD}, trust_env=False, timeout=60
    )
    return Client(url, answer.raise_for_status().json()["access_token"])


def _settings(api: Client) -> None:
    api.post("/api-keys", {"name": "Website", "role": "agent", "scopes": ["conversations:read"]})
    api.post("/api-keys", {"name": "Nightly export to the data warehouse", "role": "viewer"})
    hook = {"url": "https://crm.example.com/hooks/chatloom", "types": ["run.handed_off", "message.status"]}
    api.post("/webhooks", {"name": "CRM", **hook})
    api.put("/secrets/crm_token", {"value": "t"})
    api.put("/secrets/shop_key", {"value": "t"})
    api.call("PUT", "/contact-fields/last_booking", {"type": "string", "title": "Last booking", "pii": False})
    api.put(
        "/event-schemas/order.paid",
        {"data_schema": {"type": "object", "properties": {"order": {"type": "integer"}}}},
    )
    api.post(
        "/custom-actions",
        {
            "name": "crm_find",
            "title": "Find in the CRM",
            "url": "https://crm.example.com/chatloom",
            "input_schema": {
                "type": "object",
                "required": ["email"],
                "properties": {"email": {"type": "string", "title": "E-mail"}},
            },
            "outcomes": ["found", "missing"],
        },
    )
    api.post("/exports", {"what": "data", "format": "csv", "bot": "table-booking"})
    api.post("/export-schedules", {"what": "contacts", "name": "Contacts each Monday", "cron": "0 6 * * 1"})


def _numbers(api: Client) -> None:
    api.post("/numbers", {"name": "Shop", "channel": "linked_device", "bot": "table-booking"})
    api.post(
        "/apps", {"name": "meta", "channel": "cloud_api", "secrets": {"secret": "s", "verify_token": "v"}}
    )
    api.post(
        "/numbers",
        {
            "name": REGION,
            "channel": "cloud_api",
            "account": "109876543210",
            "app": "meta",
            "bot": "table-booking",
            "settings": {"base_url": "http://127.0.0.1:9/v25.0"},
            "secrets": {"access_token": "t"},
        },
    )
    api.post(f"/numbers/{REGION}/pause")


def _drafts(api: Client) -> None:
    hold(api, "drinks", {"bot.yaml": BOT.format(name="drinks"), FLOW: WRONG})
    hold(
        api,
        "unreadable",
        {"bot.yaml": BOT.format(name="unreadable"), FLOW: HELLO.replace("then: {", "then: [", 1)},
    )
    hold(api, "two-authors", {"bot.yaml": BOT.format(name="two-authors"), FLOW: HELLO})
    hold(api, WORDY, {"bot.yaml": BOT.format(name=WORDY), FLOW: forty_steps()})
    _published(api)


def forty_steps() -> str:
    """A flow with long names, in which each menu leads far away."""
    head = HELLO[: HELLO.index("steps:")] + "steps:\n"
    steps: list[str] = []
    for place in range(40):
        name, other = (
            f"the_guest_is_asked_for_a_wish_number_{at:03}" for at in (place, (place * 7 + 3) % 40)
        )
        said = (
            f"{{en: {LONG!r}, it: {LONG!r}}}"
            if place % 5 == 0
            else f"{{en: Wish {place}?, it: Desiderio {place}?}}"
        )
        if place % 2:
            steps.append(f"  - id: {name}\n    action: send\n    with: {{text: {said}}}\n")
            continue
        choices = ", ".join(f"wish_{at}: {{en: {WISH} ({at}), it: Un tavolo}}" for at in range(3))
        steps.append(
            f"  - id: {name}\n    action: menu\n    with:\n      text: {said}\n      choices: {{{choices}}}\n"
            f"    then: {{wish_0: {other}, other: {name}, timeout: stop}}\n    timeout: 30m\n"
        )
    return head + "\n".join(steps)


def _published(api: Client) -> None:
    """A bot with versions, one of which is tried with some contacts, and a draft with changes and a test that fails."""
    name = "seasons"
    files = {"bot.yaml": BOT.format(name=name), FLOW: HELLO}
    for tea, message in (
        ("Tea, coming up.", "The first one"),
        ("Tea, in a minute.", "Says how long it takes"),
        ("Tea, and a biscuit.", "A biscuit with each tea, because many guests asked for one last winter"),
    ):
        files[FLOW] = HELLO.replace("Tea, coming up.", tea)
        made = api.put(f"/bots/{name}", {"files": files, "message": message})
        if "biscuit" not in tea:
            api.post(f"/bots/{name}/versions/{made['version']}/publish")
    api.post(f"/bots/{name}/canary", {"version": made["version"], "percent": 10})
    files[FLOW] = (
        files[FLOW].replace(', it: "Arriva il caffè."', "").replace("Still there?", "Are you still there?")
    )
    files["tests/tea.yaml"] = (
        "test: a tea\ntalk:\n  - user: hi\n  - bot: Tea or coffee?\n  - user: {choose: Tea}\n  - bot: Tea, coming up.\n"
    )
    there = api.get(f"/bots/{name}/draft")
    api.call("PUT", f"/bots/{name}/draft", {"files": files}, headers={"If-Match": f'"{there["etag"]}"'})


_said = itertools.count()


def _talk(
    api: Client, url: str, words: list[str], profile: dict[str, object], answered: int | None = None
) -> dict[str, str]:
    """A visitor of the simulated number says it, each time after the answer to what he said before; his conversation.

    `answered`: how many of it the bot answers, where not all.
    """
    before = {each["id"] for each in api.pages("/numbers/demo/conversations")}
    link = api.post("/numbers/demo/simulator-links")["path"]
    with httpx.Client(base_url=url, trust_env=False, follow_redirects=True, timeout=60) as visitor:
        place = visitor.get(link).url.path
        for index, text in enumerate(words):
            visitor.post(f"{place}/messages", json={"id": f"said-{next(_said):04}", "text": text})
            if index < (len(words) if answered is None else answered):
                _hear(visitor, place, index)
    (found,) = [each for each in api.pages("/numbers/demo/conversations") if each["id"] not in before]
    api.patch(f"/contacts/{found['contact']}", profile)
    return found


def _hear(visitor: httpx.Client, place: str, before: int) -> None:
    """Wait for more answers than there were."""
    with visitor.stream("GET", f"{place}/events") as said:
        for line in said.iter_lines():
            if line.count('"from":"out"') > before:
                return
