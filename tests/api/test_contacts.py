"""Contacts: found, shown, changed, opted out; what they are told reaches the copies in their conversations."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from jobs.job import Desk
from jobs.work import found as found_jobs
from schemas.ids import new_event_id
from store.directory import SealerShelf
from store.notify import Notifier
from store.pool import pool
from tests.api.people import Enter, add, elsewhere
from tests.api.talk import Talk
from tests.live import MASTERS, Live
from tests.until import until

ECHO = {
    "bot.yaml": (
        "chatloom: bot/v1\nid: echo\ntitle: Echo\nflows: [main, tagged]\nfallback: main\n"
        "contact: {fields: {city: {type: string}, age: {type: integer}}}\n"
    ),
    "flows/main.yaml": (
        "chatloom: flow/v1\nid: main\nsteps:\n"
        "  - {id: hi, action: send, with: {text: '{{ contact.name }} of {{ contact.city }}.'}}\n"
        "  - {id: keep, action: set, with: {contact: {city: message.text}}}\n"
    ),
    "flows/tagged.yaml": (
        "chatloom: flow/v1\nid: tagged\ntriggers: [{message: {words: [tags]}}]\nsteps:\n"
        "  - {id: tag, action: tag, with: {add: [spoken], remove: [cold]}}\n"
        "  - {id: hi, action: send, with: {text: 'Tagged {{ message.text }}.'}}\n"
    ),
}


@pytest.fixture(scope="module")
def talks(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Talk]]:
    """Two numbers of one workspace that serve the same bot."""
    with server.client() as api:
        first, second = Talk(server, api, ECHO), Talk(server, api, ECHO)
        for name, kind in (("city", "string"), ("age", "integer"), ("born", "date"), ("score", "number")):
            assert api.put(
                f"/api/v1/contact-fields/{name}", json={"type": kind, "pii": name != "city"}
            ).is_success
        with first.served(tmp_path_factory.mktemp("one")), second.served(tmp_path_factory.mktemp("two")):
            yield [first, second]


def work(talk: Talk, name: str) -> None:
    """A job, until there is nothing more."""

    async def do() -> None:
        async with pool(talk.runtime) as connections:
            notifier = Notifier(connections)
            desk = Desk(connections, SealerShelf(MASTERS), notifier, MASTERS, Path("nowhere"))
            (job,) = [one for one in found_jobs() if one.name == name]
            while await job.do(desk):
                pass
            await notifier.close()

    asyncio.run(do())


def of(api: httpx.Client, phone: str) -> dict[str, Any]:
    (row,) = api.get("/api/v1/contacts", params={"phone": phone}).json()["items"]
    return api.get(f"/api/v1/contacts/{row['id']}").json()


def until_true(condition: Callable[[], bool]) -> None:
    asyncio.run(until(condition))


def test_a_contact_is_found_by_his_number_alone(talks: list[Talk]) -> None:
    talk = talks[0]
    talk.hear("393330000101", "hello", kind="phone", name="Ada")
    talk.until_said("Ada of .")
    api = talk.api
    ada = of(api, "+39 333 0000101")
    assert (ada["name"], ada["fields"], ada["opted_out"]) == ("Ada", {}, False)
    assert ada["identities"] == [{"kind": "phone", "value": "393330000101"}]
    assert [one["number"] for one in ada["conversations"]] == [talk.name]
    assert api.get("/api/v1/contacts", params={"phone": "3933300001"}).json()["items"] == []
    by_kind = api.get("/api/v1/contacts", params={"identity": "phone:393330000101"}).json()["items"]
    assert [row["id"] for row in by_kind] == [ada["id"]]
    both = {"identity": "web:393330000101", "phone": "393330000101"}
    assert api.get("/api/v1/contacts", params=both).json()["items"] == []
    told = str(api.get("/api/v1/audit", params={"action": "contact."}).json())
    assert "contact.read" in told
    assert "393330000101" not in told
    assert "Ada" not in told


def test_a_flow_puts_tags_on_and_takes_them_off(talks: list[Talk]) -> None:
    talk = talks[0]
    talk.hear("393330000199", "some tags", kind="phone", name="Tea")
    talk.until_said("Tagged some tags.")
    work(talk, "contact_changes")
    tea = of(talk.api, "393330000199")
    assert tea["tags"] == ["spoken"]
    talk.api.patch(f"/api/v1/contacts/{tea['id']}", json={"tags": ["cold", "old", "vip"]})
    talk.hear("393330000199", "more tags", kind="phone", name="Tea")
    talk.until_said("Tagged more tags.")
    work(talk, "contact_changes")
    assert of(talk.api, "393330000199")["tags"] == ["old", "spoken", "vip"]
    found = talk.api.get("/api/v1/contacts", params={"tag": "spoken"}).json()["items"]
    assert tea["id"] in [row["id"] for row in found]


def test_an_edit_reaches_the_conversations_and_the_last_writer_wins(talks: list[Talk]) -> None:
    one, two = talks
    for talk in talks:
        talk.hear("393330000102", "Bergamo", kind="phone", name="Bea")
        talk.until_said("Bea of .")
    work(one, "contact_changes")
    bea = of(one.api, "393330000102")
    assert bea["fields"] == {"city": "Bergamo"}, "what a bot wrote"
    body = {"name": "Beatrice", "fields": {"city": "Como", "age": 33}, "tags": ["vip", "vip"]}
    changed = one.api.patch(f"/api/v1/contacts/{bea['id']}", json=body)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["fields"], changed.json()["tags"]) == ({"city": "Como", "age": 33}, ["vip"])
    work(one, "contact_changes")
    for talk in talks:
        talk.hear("393330000102", "Siena", kind="phone", name="Bea")
        talk.until_said("Beatrice of Como." if talk is one else "Beatrice of Siena.")
        work(one, "contact_changes")
    assert of(two.api, "393330000102")["fields"] == {"city": "Siena", "age": 33}
    assert {row["name"] for row in one.conversations() if row["contact"] == bea["id"]} == {"Beatrice"}
    stale = {"If-Match": f'"{changed.json()["etag"]}"'}
    refused = one.api.patch(f"/api/v1/contacts/{bea['id']}", json={"fields": {"city": "Pisa"}}, headers=stale)
    assert (refused.status_code, refused.json()["code"]) == (412, "precondition.failed")
    assert refused.json()["theirs"]["fields"]["city"] == "Siena", "what a bot wrote meanwhile"
    fresh = {"If-Match": refused.json()["etag"]}
    aged = one.api.patch(f"/api/v1/contacts/{bea['id']}", json={"fields": {"age": 34}}, headers=fresh)
    assert (aged.status_code, aged.json()["fields"]) == (200, {"city": "Siena", "age": 34})
    cleared = one.api.patch(f"/api/v1/contacts/{bea['id']}", json={"name": None, "fields": {"age": None}})
    assert (cleared.json()["name"], cleared.json()["fields"]) == ("Bea", {"city": "Siena"})
    work(one, "contact_changes")
    for talk in talks:
        talk.hear("393330000102", "x", kind="phone", name="Bea")
        talk.until_said("Bea of Siena." if talk is one else "Bea of x.")
        work(one, "contact_changes")


def test_a_change_that_comes_late_does_not_undo_a_later_one(talks: list[Talk], migrated_url: str) -> None:
    talk = talks[0]
    talk.hear("393330000103", "Lecco", kind="phone", name="Cora")
    talk.until_said("Cora of .")
    cora = of(talk.api, "393330000103")["id"]
    with psycopg.connect(migrated_url) as db:
        waiting = db.execute("SELECT count(*) FROM contact_changes WHERE contact_id = %s", (cora,)).fetchone()
    assert waiting == (1,), "the bot's own change waits for the job"
    talk.api.patch(f"/api/v1/contacts/{cora}", json={"fields": {"city": "Roma"}})
    work(talk, "contact_changes")
    assert of(talk.api, "393330000103")["fields"] == {"city": "Roma"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"fields": {"shoe": 44}}, "contacts.field_undeclared"),
        ({"fields": {"age": "old"}}, "contacts.field_unfit"),
        ({"fields": {"age": True}}, "contacts.field_unfit"),
        ({"fields": {"born": "25.11.2026"}}, "contacts.field_unfit"),
        ({"fields": {"city": "a\0b"}}, "contacts.field_unfit"),
        ({"language": "italiano"}, "contacts.field_unfit"),
        ({"timezone": "Rome"}, "contacts.field_unfit"),
        ({"name": 7}, "input.unfit"),
        ({"tags": ["a,b"]}, "input.unfit"),
    ],
)
def test_what_a_field_cannot_have_is_refused(talks: list[Talk], body: dict[str, Any], code: str) -> None:
    talk = talks[0]
    talk.hear("393330000104", "x", kind="phone", name="Dora")
    talk.until_said("Dora of .")
    refused = talk.api.patch(f"/api/v1/contacts/{of(talk.api, '393330000104')['id']}", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_half_a_character_is_refused(talks: list[Talk]) -> None:
    key = talks[0].api.get("/api/v1/contacts").json()["items"][0]["id"]
    headers = {"Content-Type": "application/json"}
    refused = talks[0].api.patch(
        f"/api/v1/contacts/{key}", content=b'{"fields": {"city": "\\ud800"}}', headers=headers
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "contacts.field_unfit")


def test_fields_have_types_and_lists_leave_out_who_somebody_is(talks: list[Talk]) -> None:
    talk = talks[0]
    talk.hear("393330000105", "x", kind="phone", name="Emma")
    talk.until_said("Emma of .")
    emma = of(talk.api, "393330000105")["id"]
    fields = {"city": "Pisa", "age": 40, "born": "1986-02-28", "score": 0.5}
    body = {"language": "pt-BR", "timezone": "Europe/Rome", "fields": fields, "tags": ["new here"]}
    whole = talk.api.patch(f"/api/v1/contacts/{emma}", json=body).json()
    assert (whole["fields"], whole["timezone"], whole["language"]) == (fields, "Europe/Rome", "pt-BR")
    wanted = {"tag": "new here", "language": "pt-BR", "opted_out": False}
    (row,) = talk.api.get("/api/v1/contacts", params=wanted).json()["items"]
    assert (row["id"], row["fields"]) == (emma, {"city": "Pisa"}), "city alone is declared as no secret"
    assert talk.api.get("/api/v1/contacts", params={**wanted, "opted_out": True}).json()["items"] == []


def test_contacts_come_in_pages_the_latest_first(talks: list[Talk]) -> None:
    talk = talks[0]
    for each in ("one", "two", "three"):
        talk.hear(f"page {each}", "x", name=f"Page {each}")
        talk.until_said(f"Page {each} of .")
    names: list[str] = []
    after: str | None = None
    while len(names) < 3:
        page = talk.api.get(
            "/api/v1/contacts", params={"limit": 1, **({"after": after} if after else {})}
        ).json()
        names += [row["name"] for row in page["items"]]
        after = page["next"]
    assert names == ["Page three", "Page two", "Page one"]
    assert talk.api.get("/api/v1/contacts", params={"after": "x"}).json()["code"] == "page.cursor_unfit"


def test_who_opts_out_is_not_written_to_on_any_number(talks: list[Talk], enter: Enter) -> None:
    one, two = talks
    who = "393330000106"
    one.hear(who, "x", kind="phone", name="Fay")
    place = one.until_said("Fay of .")
    fay = of(one.api, who)["id"]
    agent = enter(add(one.api, "agent"))
    out = agent.client.post(f"/api/v1/contacts/{fay}/opt-out")
    assert (out.status_code, out.json()["conversations"]) == (202, [place])
    until_true(lambda: one.api.get(f"{one.place}/{place}").json()["opted_out"])
    one.hear(who, "is anybody there?", kind="phone", name="Fay")
    two.hear(who, "and here?", kind="phone", name="Fay")

    def both_heard() -> bool:
        told = [(talk, row) for talk in talks for row in talk.conversations() if row["contact"] == fay]
        said = [line[2] for talk, row in told for line in talk.lines(row["id"])]
        return {"is anybody there?", "and here?"} <= set(said)

    until_true(both_heard)
    (other,) = [row for row in two.conversations() if row["contact"] == fay]
    assert [line[0] for line in two.lines(other["id"])] == ["in"], "a conversation begun later holds to it"
    assert [line[0] for line in one.lines(place)] == ["in", "out", "in"]
    back = agent.client.post(f"/api/v1/contacts/{fay}/opt-in")
    assert set(back.json()["conversations"]) == {place, other["id"]}
    until_true(lambda: not one.api.get(f"{one.place}/{place}").json()["opted_out"])
    assert not of(one.api, who)["opted_out"]


def test_a_contact_is_admitted_once_somebody_says_who_he_is(
    server: Live, api: httpx.Client, tmp_path: Path
) -> None:
    assert api.put("/api/v1/contact-fields/verified", json={"type": "boolean"}).status_code == 200
    bot = {
        "bot.yaml": (
            "chatloom: bot/v1\nid: door\ntitle: Door\nflows: [main, verify]\nfallback: main\n"
            "contact: {fields: {verified: {type: boolean}}}\n"
            "admit: {when: contact.verified == true, else: verify}\n"
        ),
        "flows/main.yaml": (
            "chatloom: flow/v1\nid: main\nsteps:\n  - {id: in, action: send, with: {text: Welcome.}}\n"
        ),
        "flows/verify.yaml": (
            "chatloom: flow/v1\nid: verify\nsteps:\n  - {id: ask, action: send, with: {text: Who are you?}}\n"
        ),
    }
    talk = Talk(server, api, bot)
    with talk.served(tmp_path):
        talk.hear("393330000108", "hello", kind="phone", name="Hal")
        place = talk.until_said("Who are you?")
        hal = of(api, "393330000108")["id"]
        api.patch(f"/api/v1/contacts/{hal}", json={"fields": {"verified": True}})
        work(talk, "contact_changes")
        talk.hear("393330000108", "hello again", kind="phone", name="Hal")
        talk.until_said("Welcome.", place)


def test_opting_out_holds_where_no_bot_serves_yet(talks: list[Talk], migrated_url: str) -> None:
    talk = Talk(talks[0].server, talks[0].api, ECHO)
    who = "393330000107"
    with psycopg.connect(migrated_url, autocommit=True) as db:
        db.execute("UPDATE numbers SET bot_id = NULL WHERE id = %s", (talk.number,))
    with talk.served(Path(str(talks[0].server.config.media)).parent / f"none-{talk.name}"):
        talk.hear(who, "x", kind="phone", name="Gil")
        until_true(lambda: len(talk.conversations()) == 1)
        talk.api.post(f"/api/v1/contacts/{of(talk.api, who)['id']}/opt-out")
        until_true(lambda: talk.conversations()[0]["opted_out"])


def test_a_contact_of_another_workspace_is_not_found(talks: list[Talk], enter: Enter) -> None:
    key = talks[0].api.get("/api/v1/contacts").json()["items"][0]["id"]
    theirs = enter(elsewhere(talks[0].server)).client
    for answer in (
        theirs.get(f"/api/v1/contacts/{key}"),
        theirs.patch(f"/api/v1/contacts/{key}", json={"name": "Mine"}),
        theirs.post(f"/api/v1/contacts/{key}/opt-out"),
        theirs.get("/api/v1/contact-fields/city"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert theirs.get("/api/v1/contacts").json()["items"] == []
    assert theirs.get(f"/api/v1/contacts/{new_event_id()}").status_code == 404


def test_a_field_is_declared_and_removed(api: httpx.Client) -> None:
    made = api.put("/api/v1/contact-fields/plan", json={"type": "string", "title": "Plan"}).json()
    assert (made["name"], made["type"], made["pii"], made["title"]) == ("plan", "string", True, "Plan")
    assert api.get("/api/v1/contact-fields/plan").json() == made
    assert "plan" in [row["name"] for row in api.get("/api/v1/contact-fields").json()["items"]]
    for name in ("name", "phone"):
        refused = api.put(f"/api/v1/contact-fields/{name}", json={"type": "string"})
        assert (refused.status_code, refused.json()["code"]) == (409, "contact_fields.built_in")
    assert api.delete("/api/v1/contact-fields/plan").status_code == 204
    assert api.get("/api/v1/contact-fields/plan").status_code == 404


def test_a_bot_hears_of_fields_that_are_undeclared_or_of_another_type(api: httpx.Client) -> None:
    api.put("/api/v1/contact-fields/weight", json={"type": "number"})
    bot = ECHO["bot.yaml"].replace("age: {type: integer}", "weight: {type: string}, shoes: {type: integer}")
    files = {**ECHO, "bot.yaml": bot}
    pushed = api.put("/api/v1/bots/fields-needed", json={"files": files}).json()
    said = {one["code"]: one for one in pushed["diagnostics"]}
    assert said["F145"]["severity"] == "warning"
    assert "shoes" in said["F145"]["message"]
    assert "contacts declare shoes" in said["F145"]["hint"]
    assert (said["F146"]["severity"], said["F146"]["file"]) == ("error", "bot.yaml")
    refused = api.post(f"/api/v1/bots/fields-needed/versions/{pushed['version']}/publish")
    assert (refused.status_code, refused.json()["code"]) == (422, "bots.unfit")
