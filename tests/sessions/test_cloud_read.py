"""What the door understands of Meta's webhooks."""

import json
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.messages import Content, inbound_codec
from sessions.cloud_api.read import LARGEST_MESSAGE, read
from sessions.driver import Batch
from tests.sessions.cases import assert_gives, cases
from tests.webhooks import envelope, inbound_text

ACCOUNT = "106540352242922"
CASES = cases("cloud_api", "messages", "people", "statuses", "unread")


def body_of(case: Any) -> bytes:
    if "raw" in case:
        return case["raw"].encode()
    if "body" in case:
        return orjson.dumps(case["body"])
    whole = envelope(
        ACCOUNT,
        messages=case.get("messages", ()),
        statuses=case.get("statuses", ()),
        contacts=case.get("contacts", ()),
    )
    if "errors" in case:
        whole["entry"][0]["changes"][0]["value"]["errors"] = case["errors"]
    return orjson.dumps(whole)


def plain(batch: Batch) -> Any:
    """The batch as JSON would hold it, each piece with its account."""
    return {
        "messages": [
            {"account": account, **inbound_codec.dump_python(message, mode="json")}
            for account, message in batch.messages
        ],
        "receipts": [
            {"account": account, **orjson.loads(orjson.dumps(receipt, option=orjson.OPT_UTC_Z))}
            for account, receipt in batch.receipts
        ],
        "unread": [
            {"account": account, "why": unread.why, "source_id": unread.source_id}
            for account, unread in batch.unread
        ],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_reads(case: Any) -> None:
    batch = read(body_of(case))
    assert_gives(plain(batch), case["gives"])
    if "unread" not in case["gives"]:
        assert not batch.unread


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_what_is_kept_can_be_read_again(case: Any) -> None:
    for account, unread in read(body_of(case)).unread:
        again = read(unread.payload)
        assert again.messages == again.receipts == ()
        assert [(a, u.why, u.source_id) for a, u in again.unread] == [(account, unread.why, unread.source_id)]


def test_every_kind_of_content_has_a_case() -> None:
    given_kinds = {message.content.kind for case in CASES for _, message in read(body_of(case)).messages}
    every_kind: set[str] = set()
    for content in get_args(get_args(Content)[0]):
        kinds = content.__annotations__["kind"]
        every_kind.update(get_args(kinds))
    assert given_kinds == every_kind - {"edited", "deleted"}  # which Meta does not tell


def test_a_huge_text_is_kept_alone() -> None:
    whole = orjson.loads(inbound_text(ACCOUNT, "393331112222", "x" * 1_000_000, "wamid.HUGE"))
    value = whole["entry"][0]["changes"][0]["value"]
    value["messages"].append({**value["messages"][0], "id": "wamid.SMALL", "text": {"body": "small"}})
    batch = read(orjson.dumps(whole))
    assert [message.provider_id for _, message in batch.messages] == ["wamid.SMALL"]
    assert [(unread.source_id, unread.why) for _, unread in batch.unread] == [
        ("wamid.HUGE", f"it is larger than {LARGEST_MESSAGE} bytes")
    ]


def test_a_long_text_within_the_bound_is_read() -> None:
    batch = read(inbound_text(ACCOUNT, "393331112222", "x" * 65_536, "wamid.LONG"))
    assert len(batch.messages) == 1


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"null", b'"x"', b"[" * 5000, b'{"entry":' + b"[" * 900 + b"]" * 900 + b"}"]
)
def test_no_body_is_lost(body: bytes) -> None:
    batch = read(body)
    assert batch.messages == batch.receipts == ()
    assert batch.unread[0][1].why


def test_a_broken_byte_spoils_its_message_only() -> None:
    good = inbound_text("1", "393331112222", "good", "wamid.G")
    bad = inbound_text("1", "393331112222", "bad!", "wamid.B").replace(b"bad!", b"bad\xff")
    entries = b",".join(body[body.index(b'"entry":[') + 9 : -2] for body in (good, bad))
    batch = read(b'{"entry":[' + entries + b"]}")
    assert [message.provider_id for _, message in batch.messages] == ["wamid.G"]
    assert [unread.source_id for _, unread in batch.unread] == ["wamid.B"]


def test_what_a_contact_wrote_is_not_in_the_reason_nor_in_the_repr() -> None:
    body = inbound_text(ACCOUNT, "393331112222", "my secret words", "wamid.X", at=1)
    batch = read(body)
    assert "secret" not in repr(batch)
    assert "393331112222" not in repr(batch)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just("\ud800\0"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_any_json_gives_a_batch(value: Any) -> None:
    assert isinstance(read(json.dumps(value).encode()), Batch)


@given(st.binary())
def test_any_bytes_give_a_batch(body: bytes) -> None:
    assert isinstance(read(body), Batch)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in inner for place in _places(child, (*path, key)))]


WHOLE = [json.loads(body_of(case)) for case in CASES if "raw" not in case]


@given(st.data(), JSON_VALUES)
def test_real_payloads_with_anything_anywhere_give_a_storable_batch(data: st.DataObject, value: Any) -> None:
    whole = json.loads(json.dumps(data.draw(st.sampled_from(WHOLE))))
    place = data.draw(st.sampled_from([path for path in _places(whole) if path]))
    target = whole
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    batch = read(json.dumps(whole).encode())
    assert batch.messages or batch.receipts or batch.unread or not place
    for account, message in batch.messages:
        assert b"\0" not in inbound_codec.dump_json(message) + account.encode()
        assert "\0" not in message.provider_id
        assert inbound_codec.validate_json(inbound_codec.dump_json(message)) == message
    for account, receipt in batch.receipts:
        assert b"\\u0000" not in orjson.dumps((account, receipt))
    for account, unread in batch.unread:
        assert "\0" not in account + unread.why + unread.source_id
        (account + unread.why + unread.source_id).encode()
