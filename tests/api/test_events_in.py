"""Events that integrations post: they start flows and move them on, once."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from schemas.ids import new_event_id
from tests.api.people import elsewhere, signed_in
from tests.api.talk import Talk
from tests.live import Live


@pytest.fixture(scope="module")
def talk(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    with server.client() as api:
        made = Talk(server, api)
        with made.served(tmp_path_factory.mktemp("number")):
            yield made


def post(api: httpx.Client, key: str = "", **body: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return api.post("/api/v1/events", json=body, headers=headers)


def test_an_event_begins_with_somebody_who_never_wrote(talk: Talk) -> None:
    who = {"kind": "phone", "value": "+39 333 0000001"}
    taken = post(talk.api, name="order.paid", contact=who, number=talk.name, data={"order": 1})
    assert (taken.status_code, taken.json()["conversation"]) == (202, None), taken.text
    conversation = talk.until_said("Paid, thank you.")
    again = post(talk.api, name="order.paid", contact={**who, "value": "393330000001"}, number=talk.name)
    assert again.json()["conversation"] == conversation, "the same person, however his number is written"
    contact = talk.api.get(f"{talk.place}/{conversation}").json()["contact"]
    by_id = post(talk.api, name="order.paid", contact=contact)
    assert by_id.json()["conversation"] == conversation, "his only one, so no number is needed"


def test_the_same_key_counts_once(talk: Talk) -> None:
    talk.hear("once", "hello")
    conversation = talk.until_said("Say a word, Visitor.")
    key = f"key-{new_event_id()}"
    first = post(talk.api, key, name="order.paid", conversation=conversation)
    second = post(talk.api, key, name="order.paid", conversation=conversation)
    assert first.json()["event"] == second.json()["event"]


def test_data_is_held_against_the_schema(talk: Talk) -> None:
    name = "order.checked"
    place = f"/api/v1/event-schemas/{name}"
    schema = {"type": "object", "required": ["order"], "properties": {"order": {"type": "integer"}}}
    assert talk.api.put(place, json={"data_schema": schema}).json()["data_schema"] == schema
    who = {"kind": "web", "value": "checked"}
    refused = post(talk.api, name=name, contact=who, number=talk.name, data={"order": "x"})
    assert (refused.status_code, refused.json()["code"]) == (422, "events.unfit")
    assert refused.json()["errors"][0]["at"] == "data/order"
    taken = post(talk.api, name=name, contact=who, number=talk.name, data={"order": 1})
    assert taken.status_code == 202
    assert name in [row["name"] for row in talk.api.get("/api/v1/event-schemas").json()["items"]]
    assert (
        talk.api.put(place, json={"data_schema": {"type": "nonsense"}}).json()["code"]
        == "event_schemas.unfit"
    )
    italian = talk.api.put(
        place, json={"data_schema": {"required": 3}}, headers={"Accept-Language": "it"}
    ).json()
    assert (italian["at"], italian["why"]) == (" in /required", "questo non è JSON Schema: 3 non è un elenco")
    assert talk.api.delete(place).status_code == 204
    assert talk.api.get(place).status_code == 404
    assert post(talk.api, name=name, contact=who, number=talk.name, data={}).status_code == 202


@pytest.mark.parametrize("odd", [{"maximum": 10**30}, {"title": "a\0b"}])
def test_a_schema_that_nothing_can_hold_is_refused(api: httpx.Client, odd: dict[str, Any]) -> None:
    refused = api.put("/api/v1/event-schemas/odd", json={"data_schema": odd})
    assert (refused.status_code, refused.json()["code"]) == (422, "input.unfit"), refused.text
    assert "data_schema" in refused.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "events.target_unclear"),
        ({"contact": {"kind": "web", "value": "nobody"}}, "events.number_needed"),
        ({"contact": str(new_event_id())}, "not_found"),
        ({"conversation": str(new_event_id())}, "not_found"),
        ({"contact": {"kind": "web", "value": "nobody"}, "number": "absent"}, "not_found"),
        ({"name": "no spaces", "conversation": str(new_event_id())}, "input.unfit"),
    ],
)
def test_what_is_unclear_is_refused(talk: Talk, body: dict[str, Any], code: str) -> None:
    assert post(talk.api, **{"name": "order.paid", **body}).json()["code"] == code


def test_half_a_character_is_refused(talk: Talk) -> None:
    text = '{"name": "x", "number": "%s", "contact": {"kind": "web", "value": "s"}, "data": {"a": "\\ud800"}}'
    headers = {"Content-Type": "application/json"}
    answer = talk.api.post("/api/v1/events", content=text % talk.name, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "events.unwritable")
    large = post(
        talk.api, name="x", number=talk.name, contact={"kind": "web", "value": "s"}, data={"a": "x" * 300_000}
    )
    assert (large.status_code, large.json()["code"]) == (413, "events.too_large")


def test_another_workspaces_conversation_is_not_found(server: Live, talk: Talk) -> None:
    talk.hear("theirs", "hello")
    conversation = talk.until_said("Say a word, Visitor.")
    with server.client(None) as client:
        stranger = signed_in(client, elsewhere(server)).client
        assert post(stranger, name="order.paid", conversation=conversation).status_code == 404
        who = {"kind": "web", "value": "theirs"}
        assert post(stranger, name="order.paid", contact=who).json()["code"] == "events.number_needed"
