"""What a linked device understands and writes: the pure halves."""

import dataclasses
import json
import os
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.messages import (
    Button,
    Buttons,
    Choice,
    FromOwner,
    Identity,
    Inbound,
    Outgoing,
    Text,
    Unsupported,
    inbound_codec,
    outgoing_codec,
)
from sessions.driver import Rejected, Throttled, Unreachable
from sessions.linked_device import faults, health, library, poll, read, tag, write
from sessions.linked_device.links import fetch_link
from sessions.linked_device.protobufs import e2e, neonize
from sessions.linked_device.ratchets import Ratchets, Step, step_of
from tests.sessions.cases import assert_gives, cases

READS = cases("linked_device", "messages")
WRITES = cases("linked_device", "writes")
OWN_CODEC = TypeAdapter(FromOwner)
KEY = b"k" * 32
NO_JID = {"User": "", "RawAgent": 0, "Device": 0, "Integrator": 0, "Server": "", "IsEmpty": True}


def jid(given: dict[str, Any]) -> dict[str, Any]:
    return {**NO_JID, **given, "IsEmpty": not given.get("Server")}


def info(case: dict[str, Any]) -> dict[str, Any]:
    source = {
        "Chat": {"User": "9001", "Server": "lid"},
        "Sender": {"User": "9001", "Server": "lid", "Device": 3},
        "SenderAlt": {"User": "4915187654321", "Server": "s.whatsapp.net", "Device": 3},
        "RecipientAlt": {},
        "IsFromMe": False,
        "IsGroup": False,
        **case.get("source", {}),
    }
    source = {name: jid(part) if isinstance(part, dict) else part for name, part in source.items()}
    return {
        "MessageSource": source,
        "ID": "3EB0A1",
        "Pushname": "Ada",
        "Timestamp": "1700000000123",
        **case.get("info", {}),
    }


def event(case: dict[str, Any]) -> Any:
    whole = {"Info": info(case), "Message": case["message"]}
    return ParseDict(whole, neonize().Message())


@pytest.mark.parametrize("case", READS, ids=lambda case: case["it"])
def test_reads(case: Any) -> None:
    match read.read_message(event(case), case.get("groups", False)):
        case Inbound() as inbound:
            given: Any = {"message": inbound_codec.dump_python(inbound, mode="json")}
        case FromOwner() as own:
            given = {"own": OWN_CODEC.dump_python(own, mode="json")}
        case read.Vote() as vote:
            given = {"vote": vote.poll}
        case None:
            given = {"nothing": True}
    assert_gives(given, case["gives"])
    assert given.keys() == case["gives"].keys()
    if "file" in case:
        fetched = read.file_of(given["message"]["content"]["provider_ref"])
        assert fetched == ParseDict(case["file"], e2e().Message())


@pytest.mark.parametrize("case", WRITES, ids=lambda case: case["it"])
def test_writes(case: Any) -> None:
    chat = write.jid(*case.get("chat", {"User": "9001", "Server": "lid"}).values())
    body: Outgoing = outgoing_codec.validate_python(case["body"])
    if "file" in case:
        ((name, part),) = [
            (field.name, part) for field, part in ParseDict(case["file"], e2e().Message()).ListFields()
        ]
        body = dataclasses.replace(body, provider_ref=read.file_ref(name, part))  # type: ignore[type-var]
    quoted = write.Quoted(**case["quoted"]) if "quoted" in case else None
    if "refuses" in case:
        with pytest.raises(Rejected) as refused:
            write.write(body, chat, b"s" * 32, quoted)
        assert refused.value.vendor_code == case["refuses"]
        return
    written = MessageToDict(write.write(body, chat, b"s" * 32, quoted))
    assert written.pop("messageContextInfo") == {
        "messageSecret": "c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M="
    }
    assert_gives(written, case["gives"])
    assert written.keys() == case["gives"].keys()


def test_every_field_that_whatsapp_knows_is_read_without_a_fault() -> None:
    for field in e2e().Message.DESCRIPTOR.fields:
        if field.message_type is None:
            continue
        whole = neonize().Message()
        ParseDict({"Info": info({}), "Message": {}}, whole)
        getattr(whole.Message, field.name).SetInParent()
        read.read_message(whole)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("DELIVERED", "delivered"),
        ("INACTIVE", "delivered"),
        ("READ", "read"),
        ("PLAYED", "read"),
        ("RETRY", None),
    ],
)
def test_reads_receipts(kind: str, status: str | None) -> None:
    whole = {
        "MessageSource": info({})["MessageSource"],
        "MessageIDs": ["A", "B"],
        "Timestamp": "1700000000",
        "Type": kind,
    }
    receipts = read.read_receipt(ParseDict(whole, neonize().Receipt()))
    assert [(one.provider_id, one.status) for one in receipts] == (
        [("A", status), ("B", status)] if status else []
    )
    own = {**whole, "MessageSource": info({"source": {"IsFromMe": True}})["MessageSource"]}
    assert read.read_receipt(ParseDict(own, neonize().Receipt())) == ()


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"DecryptFailMode": "DECRYPT_FAIL_SHOW", "IsUnavailable": False}, "undecryptable"),
        ({"DecryptFailMode": "DECRYPT_FAIL_SHOW", "IsUnavailable": True}, "unavailable"),
        ({"DecryptFailMode": "DECRYPT_FAIL_HIDE", "IsUnavailable": False}, None),
    ],
)
def test_shows_what_cannot_be_read(more: dict[str, Any], what: str | None) -> None:
    whole = {"Info": info({}), **more}
    shown = read.read_unreadable(ParseDict(whole, neonize().UndecryptableMessage()))
    if what is None:
        assert shown is None
        return
    assert shown is not None
    assert isinstance(shown.content, Unsupported)
    assert (shown.content.what, shown.provider_id) == (what, "3EB0A1:unreadable")


def test_addresses_the_lid_before_the_phone_and_refuses_who_has_neither() -> None:
    phone, lid = Identity("phone", "4915187654321"), Identity("lid", "9001")
    assert write.text_of(write.address((phone, lid))) == "9001@lid"
    assert write.text_of(write.address((phone,))) == "4915187654321@s.whatsapp.net"
    assert write.text_of(write.address((Identity("group", "1203-16"),))) == "1203-16@g.us"
    for nobody in ((), (Identity("username", "ada"),), (Identity("phone", "1@lid"),)):
        with pytest.raises(Rejected):
            write.address(nobody)


def test_takes_back() -> None:
    written = MessageToDict(write.revoke(write.jid("9001", "lid"), "3EB0A1"))
    key = {"remoteJID": "9001@lid", "fromMe": True, "ID": "3EB0A1"}
    assert written == {"protocolMessage": {"key": key, "type": "REVOKE"}}


@given(st.uuids())
def test_a_secret_stands_for_a_message_and_for_no_other_key(message_id: UUID) -> None:
    secret = tag.secret_of(KEY, message_id)
    assert len(secret) == tag.SECRET_BYTES
    assert tag.message_of(KEY, secret) == message_id
    assert tag.message_of(b"another" * 4, secret) is None


@given(st.uuids(), st.integers(0, 255))
def test_an_altered_secret_stands_for_nothing(message_id: UUID, bit: int) -> None:
    altered = bytearray(tag.secret_of(KEY, message_id))
    altered[bit // 8] ^= 1 << bit % 8
    assert tag.message_of(KEY, bytes(altered)) is None


@given(st.binary(max_size=40))
def test_what_others_carry_is_not_ours(secret: bytes) -> None:
    assert tag.message_of(KEY, secret) is None


@pytest.mark.parametrize(
    ("words", "kind", "facts"),
    [
        ("server returned error 463", Throttled, {"scope": "new", "retry_in_s": 86_400.0}),
        ("server returned error 479", Rejected, {"vendor_code": "479"}),
        ("server returned error 999", Rejected, {"vendor_code": "999"}),
        ("server returned error 429", Throttled, {"retry_in_s": None}),
        ("server returned error 503", Unreachable, {"maybe_sent": False}),
        ("no LID found for 49@s.whatsapp.net from server", Rejected, {"vendor_code": "not_on_whatsapp"}),
        ("failed to send message node: websocket not connected", Throttled, {"scope": "number"}),
        ("failed to get device list: x", Throttled, {}),
        ("timed out waiting for message send response", Unreachable, {"maybe_sent": True}),
        (
            "message send (retry) was interrupted by websocket disconnection",
            Unreachable,
            {"maybe_sent": True},
        ),
        ("something new", Unreachable, {"maybe_sent": True}),
    ],
)
def test_knows_why_a_message_was_not_sent(words: str, kind: type, facts: dict[str, Any]) -> None:
    problem = faults.problem(words)
    assert type(problem) is kind
    assert {name: getattr(problem, name) for name in facts} == facts


def vote(option: str, secret: bytes, asker: str, voter: str) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256, Hash
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    digest = Hash(SHA256())
    digest.update(option.encode())
    plain = e2e().PollVoteMessage(selectedOptions=[digest.finalize()]).SerializeToString()
    key = HKDF(SHA256(), 32, None, f"POLL{asker}{voter}Poll Vote".encode()).derive(secret)
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, plain, f"POLL\x00{voter}".encode())
    update = e2e().PollUpdateMessage()
    update.pollCreationMessageKey.ID = "POLL"
    update.vote.encPayload, update.vote.encIV = sealed, nonce
    return update


def test_opens_a_vote_whichever_addresses_it_was_made_with() -> None:
    secret = os.urandom(32)
    askers, voters = ["8@lid", "4911@s.whatsapp.net"], ["9001@lid", "4915187654321@s.whatsapp.net"]
    asked = Buttons("Tea or coffee?", (Button("tea", "Tea"), Button("coffee", "Coffee")))
    inbound = read.read_message(event({"message": {"conversation": ""}}))
    assert isinstance(inbound, Inbound)
    for asker in askers:
        for voter in voters:
            hashes = poll.votes(vote("Coffee", secret, asker, voter), secret, askers, voters)
            assert hashes is not None
            chosen = read.voted(inbound, hashes, asked)
            assert chosen is not None
            assert chosen.content == Choice("coffee", "Coffee")
            unknown = read.voted(inbound, hashes, Text("no poll"))
            assert unknown is not None
            assert isinstance(unknown.content, Unsupported)
    assert poll.votes(vote("Tea", secret, "1@lid", "2@lid"), secret, askers, voters) is None
    assert read.voted(inbound, [], asked) is None


def record(ratchet: str, sealed: int) -> bytes:
    """A stored session, as libsignal writes it."""
    chain = {"SenderRatchetKeyPublic": ratchet, "SenderRatchetKeyPrivate": "private"}
    chain |= {"ChainKey": {"Key": "key", "Index": sealed}, "MessageKeys": []}
    return json.dumps({"SessionState": {"SenderChain": chain}, "PreviousStates": []}).encode()


def test_reads_how_far_a_ratchet_has_come() -> None:
    assert step_of(record("K", 5)) == Step("K", 5)
    assert step_of(record("K", 300)) == Step("K", 300)
    for none in (b"", b"{}", b"[]", b"\xff", record("", 5), b'{"SessionState":{"SenderChain":null}}'):
        assert step_of(none) is None


@given(st.binary())
def test_a_record_that_is_none_gives_no_step_or_some_but_no_fault(data: bytes) -> None:
    step_of(data)


def test_a_ratchet_that_went_back_is_seen_until_it_has_caught_up() -> None:
    ratchets = Ratchets()
    assert not ratchets.went_back({"a": Step("K", 7)})
    ratchets.sealed({"a": Step("K", 7)}, {"a": Step("K", 8)})
    assert not ratchets.went_back({"a": Step("K", 8)})
    assert ratchets.went_back({"a": Step("K", 7)})  # a decryption wrote over it
    ratchets.sealed({"a": Step("K", 7)}, {"a": Step("K", 8)})
    assert not ratchets.went_back({"a": Step("K", 8)})
    ratchets.sealed({"a": Step("K", 8)}, {"a": Step("K", 8)})  # written over before we looked
    assert ratchets.went_back({"a": Step("K", 8)})
    assert not ratchets.went_back({"a": Step("L", 0)})  # the contact wrote: another chain


def test_what_the_library_says_is_shown_without_whom_and_with_what() -> None:
    told = library.scrubbed(
        "Failed to decrypt message 3EB0A1B2C3D4E5 from 4915187654321:3@s.whatsapp.net: bad MAC"
    )
    assert "491518" not in told
    assert "3EB0A1" not in told
    assert json.dumps(told).startswith('"Failed to decrypt message ')


@pytest.mark.parametrize(
    ("word", "state", "says"),
    [
        ("ran-out", "unlinked", "run out"),
        ("timeout", "unlinked", "connection to WhatsApp ended"),
        ("error", "unlinked", "did not agree"),
        ("passkey-request", "passkey_needed", "Cloud API"),
        ("passkey-confirmation", "passkey_needed", "Cloud API"),
        ("err-client-outdated", "unlinked", "Upgrade"),
        ("err-scanned-without-multidevice", "unlinked", "Update"),
        ("err-unexpected-state", "unlinked", "err-unexpected-state"),
    ],
)
def test_a_pairing_that_ended_says_what_to_do(word: str, state: str, says: str) -> None:
    ended = health.pairing_ended(word)
    assert ended.state == state
    assert says in ended.why.sentence


@pytest.mark.parametrize(
    "link",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/x",
        "http://[::1]/x",
        "http://10.0.0.1/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://224.0.0.1/",
        "https://",
        "x",
    ],
)
@pytest.mark.anyio
async def test_a_file_is_fetched_from_public_addresses_only(link: str) -> None:
    with pytest.raises(Rejected):
        await fetch_link(link, 1000)


@pytest.mark.anyio
async def test_a_name_that_leads_into_a_private_network_is_not_followed() -> None:
    with pytest.raises(Rejected, match="not a public address"):
        await fetch_link("http://localhost/x", 1000)
