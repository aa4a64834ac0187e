"""Two contacts who are one person: his names, fields and conversations are the other's, and what he writes goes on there."""

import asyncio
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.main import build
from jobs import erasures
from tests.api.people import Enter, add
from tests.api.talk import Talk
from tests.api.test_contacts import ECHO, of, until_true, work
from tests.live import Live
from tests.worker import worker


@pytest.fixture(scope="module")
def talks(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Talk]]:
    """Two numbers of one workspace that serve the same bot."""
    with server.client() as api:
        first, second = Talk(server, api, WAITING), Talk(server, api, WAITING)
        assert api.put("/api/v1/contact-fields/city", json={"type": "string", "pii": False}).is_success
        assert api.put("/api/v1/contact-fields/age", json={"type": "integer"}).is_success
        with first.served(tmp_path_factory.mktemp("one")), second.served(tmp_path_factory.mktemp("two")):
            yield [first, second]


WAITING = {
    **ECHO,
    "flows/main.yaml": (
        "chatloom: flow/v1\nid: main\nsteps:\n"
        "  - {id: hi, action: send, with: {text: 'Hello {{ contact.name }}.'}}\n"
        "  - {id: ask, action: wait, with: {message: true}}\n"
        "  - {id: thanks, action: send, with: {text: '{{ contact.name }} of {{ contact.city }} said {{ message.text }}.'}}\n"
    ),
}


def met(talk: Talk, phone: str, name: str) -> str:
    talk.hear(phone, "hello", kind="phone", name=name)
    return talk.until_said(f"Hello {name}.")


def test_a_merge_moves_what_there_is_and_talks_go_on(server: Live, talks: list[Talk], enter: Enter) -> None:
    one, two = talks
    api = one.api
    old, new = "393331110001", "393331110002"
    ended, moved = met(one, old, "Ada"), met(two, old, "Ada")
    kept = met(one, new, "Adele")
    other, into = of(api, old), of(api, new)
    api.patch(
        f"/api/v1/contacts/{other['id']}", json={"fields": {"age": 33, "city": "Como"}, "tags": ["vip"]}
    )
    api.patch(f"/api/v1/contacts/{into['id']}", json={"name": "Adele", "fields": {"city": "Rome"}})
    work(one, "contact_changes")

    at = f"/api/v1/contacts/{into['id']}/merge"
    agent = enter(add(api, "agent"))
    assert agent.client.post(at, json={"other": other["id"]}).status_code == 403
    wanted: dict[str, Any] = {
        "contact": into["id"],
        "other": other["id"],
        "done": False,
        "identities": [{"kind": "phone", "value": old}],
        "fields": ["age"],
        "kept": ["city"],
        "tags": ["vip"],
        "opted_out": False,
        "moved": [{"number": two.name, "id": moved}],
        "ended": [{"number": one.name, "id": ended}],
    }
    assert api.post(at, json={"other": other["id"], "dry_run": True}).json() == wanted
    assert of(api, old)["id"] == other["id"], "a dry run changes nothing"
    done = api.post(at, json={"other": other["id"]})
    assert done.json() == {**wanted, "done": True}
    assert api.post(at, json={"other": other["id"]}).json()["code"] == "contacts.not_one_person"

    whole = of(api, old)
    assert (whole["id"], whole["name"], whole["fields"]) == (into["id"], "Adele", {"age": 33, "city": "Rome"})
    assert whole["tags"] == ["vip"]
    assert {one["value"] for one in whole["identities"]} == {old, new}
    assert {each["id"] for each in whole["conversations"]} == {ended, moved, kept}
    assert api.get(f"/api/v1/contacts/{other['id']}").json()["id"] == into["id"], "an old link leads to him"
    assert other["id"] not in str(api.get("/api/v1/contacts").json())
    work(one, "contact_changes")

    two.hear(old, "blue", kind="phone", name="Ada")

    two.until_said("Adele of Rome said blue.", moved)
    until_true(lambda: api.get(f"{one.place}/{ended}").json()["status"] == "idle")
    one.hear(old, "red", kind="phone", name="Ada")
    one.until_said("Adele of Rome said red.", kept)
    assert len(one.lines(ended)) == 2, "what was said before stays"
    told = str(api.get("/api/v1/audit", params={"action": "contact.merge"}).json())
    assert into["id"] in told
    assert old not in told

    erased = api.delete(f"/api/v1/contacts/{into['id']}", params={"sure": True})
    assert erased.is_success, erased.text

    async def swept() -> None:
        async with worker(server) as desk:
            await erasures.do(desk)

    while api.get(f"/api/v1/erasures/{into['id']}").json()["state"] == "ordered":
        asyncio.run(swept())  # its numbers let go first
    for talk, key in ((one, ended), (two, moved), (one, kept)):
        assert api.get(f"{talk.place}/{key}").status_code == 404


def test_who_did_not_want_messages_does_not_want_them_as_another(talks: list[Talk]) -> None:
    one, api = talks[0], talks[0].api
    met(one, "393331110003", "Bea")
    met(one, "393331110004", "Beatrix")
    other, into = of(api, "393331110003"), of(api, "393331110004")
    api.post(f"/api/v1/contacts/{other['id']}/opt-out")
    api.post(f"/api/v1/contacts/{into['id']}/merge", json={"other": other["id"]})
    found = of(api, "393331110003")
    assert (found["id"], found["opted_out"]) == (into["id"], True)
    until_true(lambda: all(talk["opted_out"] for talk in of(api, "393331110004")["conversations"]))


def test_a_contact_is_exported_to_a_file(
    api: httpx.Client, talks: list[Talk], server: Live, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    met(talks[0], "393331110005", "Cleo")
    file = tmp_path / "cleo.zip"
    key = of(api, "393331110005")["id"]
    done = CliRunner().invoke(
        build(),
        [
            "contacts",
            "export",
            key,
            "--to",
            str(file),
            "--server",
            server.url,
            "--key",
            server.config.operator_key,
        ],
    )
    assert done.exit_code == 0, done.output
    assert "393331110005" in zipfile.ZipFile(file).read("contact.json").decode()
