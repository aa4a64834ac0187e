"""What a workspace knows before anybody writes: contacts that were imported, templates that its channel approved."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.main import build
from tests.api.talk import Talk
from tests.graph import Graph
from tests.live import Live

_count = itertools.count()
DOOR = {
    "bot.yaml": (
        "chatloom: bot/v1\nid: door\ntitle: Door\nflows: [main, verify]\nfallback: main\n"
        "contact: {fields: {member: {type: boolean}}}\n"
        "admit: {when: contact.member == true, else: verify}\n"
    ),
    "flows/main.yaml": (
        "chatloom: flow/v1\nid: main\nsteps:\n  - {id: in, action: send, with: {text: 'Welcome, {{ contact.name }}.'}}\n"
    ),
    "flows/verify.yaml": (
        "chatloom: flow/v1\nid: verify\nsteps:\n  - {id: ask, action: send, with: {text: Who are you?}}\n"
    ),
}


def test_whom_a_list_calls_verified_is_admitted_at_his_first_word(
    server: Live, api: httpx.Client, tmp_path: Path
) -> None:
    assert api.put("/api/v1/contact-fields/member", json={"type": "boolean"}).is_success
    file = tmp_path / "members.csv"
    file.write_text('phone,name,tags\n"+39 333 555 0001",Ana,vip gold\n+39 333 555 0002,Bea,\n', "utf-8-sig")
    words = ["contacts", "import", str(file), "--field", "member=true"]
    ours = ["--server", server.url, "--key", server.config.operator_key, "--json"]
    for more, known in ((["--dry-run"], 0), ([], 0), ([], 2)):
        done = CliRunner().invoke(build(), [*words, *more, *ours])
        assert done.exit_code == 0, done.output
        assert f'"changed": {known}' in done.output
    (ana,) = api.get("/api/v1/contacts", params={"phone": "393335550001"}).json()["items"]
    assert (ana["name"], ana["tags"]) == ("Ana", ["gold", "vip"])
    talk = Talk(server, api, DOOR)
    with talk.served(tmp_path / "n"):
        talk.hear("393335550002", "hello", kind="phone", name="B.")
        talk.until_said("Welcome, Bea.")
        talk.hear("393335550003", "hello", kind="phone", name="C.")
        talk.until_said("Who are you?")
    assert "3935550001" not in str(api.get("/api/v1/audit", params={"action": "contact.import"}).json())


@pytest.mark.parametrize(
    ("csv", "line", "why"),
    [
        ("phone,name\n12,Ana\n", 2, "names nobody"),
        ("phone,age\n393335550009,old\n", 2, "age"),
        ("phone,nowhere\n393335550009,x\n", 2, "nowhere"),
        ("phone,identity\n393335550009,web:x\n", 2, "either phone or identity"),
        ("phone,name\n393335550009,a,b\n", 2, "more or fewer cells"),
    ],
)
def test_a_list_with_a_fault_is_not_imported_and_says_where(
    api: httpx.Client, csv: str, line: int, why: str
) -> None:
    api.put("/api/v1/contact-fields/age", json={"type": "integer"})
    refused = api.post("/api/v1/contacts/import", json={"csv": f"{csv}"})
    assert (refused.status_code, refused.json()["code"]) == (422, "contacts.import_unfit")
    assert refused.json()["line"] == line
    assert why in refused.json()["why"]
    assert api.get("/api/v1/contacts", params={"phone": "393335550009"}).json()["items"] == []


def template(name: str, language: str = "en", status: str = "APPROVED") -> dict[str, Any]:
    parts = [{"type": "BODY", "text": "Hello {{1}}"}]
    return {
        "id": "1",
        "name": name,
        "language": language,
        "status": status,
        "category": "UTILITY",
        "components": parts,
    }


@pytest.mark.anyio
async def test_templates_are_read_from_the_channel_and_the_checker_knows_their_names(
    api: httpx.Client,
) -> None:
    async with Graph(latency_s=0, token="t0ken") as graph:
        graph.templates = [
            template("booked"),
            template("booked", "it"),
            template("late", status="PENDING"),
            template("bye"),
            template("hi"),
        ]
        name = f"cloud-{next(_count)}"
        await asyncio.to_thread(_templates, api, graph, name)


def _templates(api: httpx.Client, graph: Graph, name: str) -> None:
    settings = {"base_url": graph.base_url}
    app = {"name": name, "channel": "cloud_api", "secrets": {"secret": "s", "verify_token": "v"}}
    assert api.post("/api/v1/apps", json=app).status_code == 201
    body = {"name": name, "channel": "cloud_api", "account": "1055", "app": name, "settings": settings}
    added = api.post("/api/v1/numbers", json={**body, "secrets": {"access_token": "t0ken"}})
    assert added.status_code == 201, added.text
    at = f"/api/v1/numbers/{name}/templates"
    assert api.post(f"{at}/sync").json()["code"] == "numbers.no_templates"
    changed = {"settings": {**settings, "business_account": "77"}}
    seen = api.get(f"/api/v1/numbers/{name}").headers.get("ETag", "*")
    set_ = api.patch(f"/api/v1/numbers/{name}", json=changed, headers={"If-Match": seen})
    assert set_.is_success, set_.text
    assert api.get(at).json()["items"] == []
    assert api.post(f"{at}/sync").json() == {"templates": 5}
    found = [(row["name"], row["language"], row["status"]) for row in api.get(at).json()["items"]]
    assert found == [
        ("booked", "en", "APPROVED"),
        ("booked", "it", "APPROVED"),
        ("bye", "en", "APPROVED"),
        ("hi", "en", "APPROVED"),
        ("late", "en", "PENDING"),
    ]
    assert len(api.get(at, params={"status": "PENDING"}).json()["items"]) == 1

    flow = (
        "chatloom: flow/v1\nid: f\nsteps:\n  - {id: a, action: template, with: {name: NAME, text: Hello}}\n"
    )
    bot = {"bot.yaml": "chatloom: bot/v1\nid: b\ntitle: B\nflows: [f]\nfallback: f\n"}
    good = {**bot, "flows/f.yaml": flow.replace("NAME", "booked")}
    assert api.put(f"/api/v1/bots/{name}", json={"files": good}).status_code == 201
    published = api.post(f"/api/v1/bots/{name}/versions/1/publish")
    assert published.is_success, published.text
    assert api.post(f"/api/v1/numbers/{name}/assign", json={"bot": name}).is_success
    for wrong in ("bookd", "late"):
        files = {**bot, "flows/f.yaml": flow.replace("NAME", wrong)}
        said = api.put(f"/api/v1/bots/{name}", json={"files": files}).json()["diagnostics"]
        assert [one["severity"] for one in said if f"there is no template '{wrong}'" in one["message"]], said
    graph.templates = [template("booked")]
    assert api.post(f"{at}/sync").json() == {"templates": 1}
    graph.token = "another"
    assert api.post(f"{at}/sync").status_code >= 400
    assert len(api.get(at).json()["items"]) == 1
