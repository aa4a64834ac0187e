"""The registered schema of an event types `event`: in the draft's check, in the simulator, and where its number runs."""

from pathlib import Path
from typing import Any

import httpx

from tests.api.talk import Talk
from tests.live import Live

EVENT = "invoice.due"
PLACE = f"/api/v1/event-schemas/{EVENT}"
BOT = {
    "bot.yaml": "chatloom: bot/v1\nid: invoices\ntitle: Invoices\nflows: [main]\nfallback: main\n",
    "flows/main.yaml": (
        f"chatloom: flow/v1\nid: main\ntriggers:\n  - event: {{name: {EVENT}}}\nsteps:\n"
        "  - {id: tell, action: send, with: {text: 'A quarter is {{ event.total / 4 }}.'}}\n"
    ),
}


def lay_down(api: httpx.Client, kind: str, name: str = "total") -> None:
    schema = {"type": "object", "required": [name], "properties": {name: {"type": kind}}}
    assert api.put(PLACE, json={"data_schema": schema}).status_code == 200


def errors(checked: httpx.Response) -> list[tuple[str, int, int, str]]:
    return [
        (one["file"], one["line"], one["column"], one["message"])
        for one in checked.json()["diagnostics"]
        if one["severity"] == "error"
    ]


def test_event_is_typed_as_when_the_version_was_pushed(server: Live, tmp_path: Path) -> None:
    with server.client() as api:
        lay_down(api, "number")
        talk = Talk(server, api, BOT)
        bot = f"/api/v1/bots/{talk.name}"

        def owed(who: str) -> str:
            said: dict[str, Any] = {
                "name": EVENT,
                "contact": {"kind": "web", "value": who},
                "number": talk.name,
                "data": {"total": 10},
            }
            taken = api.post("/api/v1/events", json=said)
            assert taken.status_code == 202, taken.text
            return who

        with talk.served(tmp_path / "first"):
            owed("before")
            talk.until_said("A quarter is 2.5.")

            lay_down(
                api, "integer"
            )  # what was published goes on as it was compiled, also in a process that starts anew
            owed("between")
        with talk.served(tmp_path / "second"):
            owed("after")
            for conversation in talk.conversations():
                talk.until_said("A quarter is 2.5.", conversation["id"])

            simulated = api.post(
                f"{bot}/draft/simulate", json={"events": [{"event": {"name": EVENT, "data": {"total": 10}}}]}
            )
            assert [said["text"] for said in simulated.json()["events"][0]["said"]] == ["A quarter is 2."]
            again = api.put(bot, json={"files": {**BOT, "README.md": talk.name}})
            assert (again.status_code, again.json()["version"]) == (201, 2), "the same files, another `event`"
            assert api.put(bot, json={"files": {**BOT, "README.md": talk.name}}).status_code == 200
            assert api.post(f"{bot}/versions/2/publish").status_code == 200
            owed("new")
            talk.until_said("A quarter is 2.")

            lay_down(api, "integer", "amount")
            checked = api.post(f"{bot}/draft/check")
            [(file, line, column, message)] = errors(checked)
            assert (file, line) == ("flows/main.yaml", 6)
            assert "total" in message
            assert (
                BOT["flows/main.yaml"].splitlines()[5][column - 1 :].startswith(("event", ".total", "total"))
            )
            refused = api.post(f"{bot}/draft/publish", json={})
            assert (refused.status_code, refused.json()["code"]) == (422, "bots.unfit")
            back = api.post(f"{bot}/rollback", json={})
            assert (back.status_code, back.json()["version"]) == (200, 1), (
                "a version is judged by its own schemas"
            )
        assert api.delete(PLACE).status_code == 204
