"""What real calls were answered with, as stubs."""

from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from tests.api.people import elsewhere, signed_in
from tests.api.talk import Talk
from tests.api.test_custom_actions import declare, listening
from tests.live import Live

BOT = {
    "bot.yaml": "chatloom: bot/v1\nid: b\ntitle: B\nlanguages: [en]\nflows: [f]\nfallback: f\n",
    "flows/f.yaml": """\
chatloom: flow/v1
id: f
steps:
  - id: crm
    action: webhook
    with: {url: "URL/crm", json: {who: "{{ contact.name }}"}, retry: {attempts: 1}}
    then: {done: find, failed: sorry}
  - id: find
    action: ACTION
    with: {email: "ada@example.org"}
    then: {found: told, missing: told, failed: sorry, timeout: sorry}
  - {id: told, action: send, with: {text: "Told {{ contact.name }}"}, next: stop}
  - {id: sorry, action: send, with: {text: "Sorry {{ contact.name }}"}}
""",
}


def test_what_calls_were_answered_with_is_there_as_stubs(
    server: Live, api: httpx.Client, tmp_path: Path
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if request.path.endswith("/crm"):
            if body["who"] == "Bob":
                return web.json_response({"why": "none"}, status=404)
            found = {"customer": body["who"], "mail": "ada@example.org", "id": "L-7", "count": 2}
            return web.json_response(found, headers={"X-Token": "t0ken"})
        return web.json_response({"outcome": "found", "data": {"id": "L-7"}})

    with listening() as crm:
        crm.answer = answer
        action = declare(api, crm.url)["name"]
        flow = BOT["flows/f.yaml"].replace("URL", crm.url).replace("ACTION", action)
        talk = Talk(server, api, {**BOT, "flows/f.yaml": flow})
        with talk.served(tmp_path, allow_private_targets=True):
            talk.hear("ada", "hello", name="Ada")
            talk.until_said("Told Ada")
            talk.hear("bob", "hello", name="Bob")
            talk.until_said("Sorry Bob")

    def calls(step: str, **more: Any) -> list[dict[str, Any]]:
        found = api.get(f"/api/v1/bots/{talk.name}/recorded-calls/{step}", params=more)
        assert found.status_code == 200, found.text
        return found.json()["items"]

    bob, ada = calls("f.crm")
    assert (bob["outcome"], ada["outcome"], bob["number"]) == ("failed", "done", talk.name)
    assert bob["stub"] == {"returns": {"status": 404, "json": {"why": "none"}}}
    [said] = ada["stub"].values()
    assert (said["status"], said["json"]["id"], said["json"]["count"]) == (200, "L-7", 2)
    assert "Ada" not in str(ada["stub"])
    assert said["json"]["mail"] == "person1@example.com"
    assert "t0ken" not in str(ada)
    [found] = calls("f.find")
    assert found["stub"] == {"outcome": "found", "data": {"id": "L-7"}}
    assert (found["outcome"], len(calls("f.crm", last=1)), calls("f.told")) == ("found", 1, [])
    [told, *_] = api.get("/api/v1/audit", params={"action": "bot.recorded_calls"}).json()["items"]
    assert (told["target_name"], told["changes"]) == (talk.name, {"step": "f.told", "calls": 0})
    stubs = {"chatloom": "stubs/v1", "stubs": {"f.crm": ada["stub"], "f.find": found["stub"]}}
    files = {
        "stubs.yaml": str(stubs),
        "tests/t.yaml": "test: told\ntalk:\n  - user: hi\n  - bot: {contains: Told}\n",
    }
    draft = f"/api/v1/bots/{talk.name}/draft"
    for path, text in files.items():
        put = api.put(f"{draft}/files/{path}", json={"text": text}, headers={"If-None-Match": "*"})
        assert put.status_code == 200, put.text
    played = api.post(f"{draft}/test").text
    assert '"passed":true' in played, played
    with server.client(None) as client:
        theirs = signed_in(client, elsewhere(server)).client
        assert theirs.get(f"/api/v1/bots/{talk.name}/recorded-calls/f.crm").status_code == 404
