"""What people do in conversations, and what they read of them."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.people import Enter, add, sql
from tests.api.talk import Talk
from tests.live import Live
from tests.until import until


@pytest.fixture(scope="module")
def talk(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    with server.client() as api:
        made = Talk(server, api)
        with made.served(tmp_path_factory.mktemp("number")):
            yield made


def begun(talk: Talk, who: str) -> str:
    """The address of a conversation in which the bot asked."""
    talk.hear(who, "hello", name=who)
    return f"{talk.place}/{talk.until_said(f'Say a word, {who}.')}"


def until_shown(api: httpx.Client, place: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    def there() -> bool:
        return holds(api.get(place).json())

    asyncio.run(until(there))
    return api.get(place).json()


def do(api: httpx.Client, place: str, what: str, **body: Any) -> dict[str, Any]:
    answer = api.post(f"{place}/{what}", json=body or None)
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_a_person_takes_over_writes_and_gives_back(talk: Talk, enter: Enter) -> None:
    agent = enter(add(talk.api, "agent"))
    place = begun(talk, "Ada")
    conversation = place.rpartition("/")[2]
    do(agent.client, place, "take-over")
    row = until_shown(talk.api, place, lambda row: row["status"] == "handed_off")
    assert (row["name"], row["held_by"]) == ("Ada", agent.email)
    talk.hear("Ada", "is anybody there?", name="Ada")
    do(agent.client, place, "reply", text="I am Nino.")
    talk.until_said("I am Nino.", conversation)
    listed = talk.api.get(talk.place).json()["items"]
    last = next(one for one in listed if one["id"] == conversation)["last"]
    assert (last["direction"], last["text"], last["by"]) == ("out", "I am Nino.", agent.email)
    do(agent.client, place, "give-back")
    until_shown(talk.api, place, lambda row: row["status"] == "running")
    talk.hear("Ada", "blue", name="Ada")
    talk.until_said("You said blue.", conversation)
    said = talk.lines(conversation)
    assert ("out", agent.email, "I am Nino.") in said
    assert not [line for line in said if "You said is" in line[2]], "people had the floor"
    told = talk.api.get("/api/v1/audit", params={"target": conversation}).json()["items"]
    assert {"conversation.take_over", "conversation.reply", "conversation.give_back"} <= {
        each["action"] for each in told
    }
    assert "Nino" not in str(told)


def test_a_run_is_ended_and_restarted_at_a_step(talk: Talk) -> None:
    place = begun(talk, "Bea")
    conversation = place.rpartition("/")[2]
    do(talk.api, place, "end")
    until_shown(talk.api, place, lambda row: row["status"] == "idle")
    do(talk.api, place, "restart", flow="paid", step="tell")
    talk.until_said("Paid, thank you.", conversation)
    turns = talk.api.get(f"{place}/turns").json()["items"]
    assert [turn["kind"] for turn in turns] == ["restarted", "ended", "received"]
    assert turns[0]["trace"][0]["flow"] == "paid"
    assert {turn["version"] for turn in turns} == {1}


def test_lines_say_where_they_come_from(talk: Talk) -> None:
    place = begun(talk, "Cora")
    heard, asked = talk.api.get(f"{place}/transcript").json()["items"]
    assert (asked["flow"], asked["step"], asked["version"]) == ("main", "hi", 1)
    assert (heard["direction"], heard["version"], heard["body"]["text"]) == ("in", 1, "hello")
    first = talk.api.get(f"{place}/transcript", params={"limit": 1}).json()
    assert [line["id"] for line in first["items"]] == [asked["id"]]
    older = talk.api.get(f"{place}/transcript", params={"limit": 1, "after": first["next"]}).json()
    assert ([line["id"] for line in older["items"]], older["next"]) == ([heard["id"]], None)


def test_a_transcript_opens_at_a_message_and_goes_on_both_ways(talk: Talk) -> None:
    place = begun(talk, "Gaia")
    conversation = place.rpartition("/")[2]
    for word in ("uno", "due", "tre"):
        talk.hear("Gaia", word, name="Gaia")
        talk.until_said(f"You said {word}." if word in ("uno", "tre") else "Say a word, Gaia.", conversation)
    asyncio.run(until(lambda: len(talk.lines(conversation)) >= 7))

    def read(**wanted: Any) -> dict[str, Any]:
        answer = talk.api.get(f"{place}/transcript", params=wanted)
        assert answer.status_code == 200, answer.text
        return answer.json()

    whole = [line["id"] for line in read()["items"]]
    assert read()["newer"] is None
    page = read(around=whole[3], limit=3)
    assert [line["id"] for line in page["items"]] == whole[2:5]
    before, after = read(after=page["next"], limit=50), read(newer=page["newer"], limit=1)
    assert [line["id"] for line in before["items"]] == whole[:2]
    assert [line["id"] for line in after["items"]] == whole[5:6]
    assert ([line["id"] for line in read(newer=after["newer"])["items"]], before["next"]) == (whole[6:], None)
    assert [line["id"] for line in read(after=after["next"], limit=2)["items"]] == whole[3:5]
    ends = read(around=whole[0], limit=50)
    assert ([line["id"] for line in ends["items"]], ends["next"], ends["newer"]) == (whole[:26], None, None)
    for nobody in (conversation, "ffffffff-ffff-7fff-bfff-ffffffffffff"):
        gone = talk.api.get(f"{place}/transcript", params={"around": nobody})
        assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    unfit = talk.api.get(f"{place}/transcript", params={"newer": "x"})
    assert unfit.json()["code"] == "page.cursor_unfit"


def test_conversations_are_filtered_and_come_in_pages(talk: Talk) -> None:
    places = [begun(talk, f"Filter {count}") for count in range(3)]
    do(talk.api, places[0], "take-over")
    until_shown(talk.api, places[0], lambda row: row["status"] == "handed_off")

    def listed(at: str = talk.place, **params: Any) -> list[str]:
        found: list[str] = []
        after: str | None = None
        while True:
            query = {**params, "limit": 1, **({"after": after} if after else {})}
            page = talk.api.get(at, params=query).json()
            found += [row["id"] for row in page["items"]]
            after = page["next"]
            if after is None:
                return found

    keys = [place.rpartition("/")[2] for place in places]
    assert listed()[:3] == [keys[0], keys[2], keys[1]], "the liveliest first"
    assert keys[0] in listed(status="handed_off")
    assert not {keys[1], keys[2]} & set(listed(status="handed_off"))
    assert set(keys) <= set(listed(flow="main", step="ask", version=1))
    assert listed(flow="other") == listed(team="nobody") == listed(version=7) == []
    since = talk.api.get(places[2]).json()["updated_at"]
    assert listed(updated_since=since)[:2] == [keys[0], keys[2]]
    contact = talk.api.get(places[1]).json()["contact"]
    assert listed(contact=contact) == [keys[1]]
    assert talk.api.get(talk.place, params={"after": "x"}).json()["code"] == "page.cursor_unfit"

    everywhere = "/api/v1/conversations"
    here = listed()
    assert [key for key in listed(everywhere) if key in here] == here
    assert set(listed(everywhere, status="handed_off")) >= set(listed(status="handed_off"))
    rows = talk.api.get(everywhere, params={"limit": 100}).json()["items"]
    row = next(one for one in rows if one["id"] == keys[1])
    assert (row["number"], row["last"]["text"]) == (str(talk.number), "Say a word, Filter 1.")


def test_the_list_of_all_numbers_has_none_of_a_removed_one(server: Live, tmp_path: Path) -> None:
    """Its conversations stay, but nobody can open them."""
    with server.client() as api:
        gone = Talk(server, api)
        with gone.served(tmp_path):
            key = begun(gone, "Rita").rpartition("/")[2]

        def newest() -> list[str]:
            return [row["id"] for row in api.get("/api/v1/conversations").json()["items"]]

        assert newest()[0] == key
        assert api.delete(f"/api/v1/numbers/{gone.name}", params={"sure": True}).status_code == 204
        assert key not in newest()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "x", "file": {"kind": "image", "link": "https://example.com/x.png"}},
        {"text": "x" * 60_000},
    ],
)
def test_a_reply_that_the_channel_cannot_carry_is_refused(talk: Talk, body: dict[str, Any]) -> None:
    place = begun(talk, "Dora")
    refused = talk.api.post(f"{place}/reply", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "conversations.reply_unfit")


def test_what_is_not_there_is_not_found(talk: Talk) -> None:
    absent = talk.api.post(f"{talk.place}/{talk.number}/take-over")
    assert (absent.status_code, absent.json()["code"]) == (404, "not_found")


def test_a_number_without_a_bot_does_nothing(talk: Talk) -> None:
    place = begun(talk, "Emma")
    sql(talk.server, "UPDATE numbers SET bot_id = NULL WHERE id = %s", talk.number)
    refused = talk.api.post(f"{place}/take-over")
    assert (refused.status_code, refused.json()["code"]) == (409, "conversations.no_bot")
