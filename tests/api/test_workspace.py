"""The workspace through HTTP, and by its commands."""

import json

import httpx

from tests.cli.calling import call
from tests.live import KEY, Live


def test_the_workspace_is_shown_and_named(server: Live, api: httpx.Client) -> None:
    def run(*words: str) -> str:
        said = call("workspace", *words, CHATLOOM_SERVER=server.url, CHATLOOM_OPERATOR_KEY=KEY)
        assert said.returncode == 0, said.stderr
        return said.stdout

    before = api.get("/api/v1/workspace").json()
    try:
        assert run("name", "Da Chatloom") == "The workspace is called Da Chatloom.\n"
        shown = json.loads(run("show", "--json"))
        assert shown == {**before, "name": "Da Chatloom"}
        [told] = api.get("/api/v1/audit", params={"action": "workspace.change", "limit": 1}).json()["items"]
        assert told["changes"] == {"name": [before["name"], "Da Chatloom"]}
        assert api.patch("/api/v1/workspace", json={"name": " "}).status_code == 422
    finally:
        api.patch("/api/v1/workspace", json={"name": before["name"]})
