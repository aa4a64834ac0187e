"""The double ratchet of the emulated phones, between two of them."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.whatsapp.curve import TYPE, new_key_pair
from tests.whatsapp.sender_keys import SenderKey, distributed
from tests.whatsapp.signal_protocol import (
    Bundle,
    CannotRead,
    Keys,
    Repeated,
    Session,
    answered,
    inner,
    opened,
)


def _bundle(keys: Keys) -> Bundle:
    signature = keys.identity.sign(TYPE + keys.signed.public)
    return Bundle(keys.identity.public, 1, keys.signed.public, signature, 7, keys.one_time[7].public)


def _two() -> tuple[Keys, Keys]:
    return Keys(), Keys(one_time={7: new_key_pair()})


def _opened() -> tuple[Session, Keys, Session, Keys]:
    ada, bob = _two()
    of_ada = opened(ada, _bundle(bob))
    of_bob, message = answered(bob, of_ada.encrypt(b"hello", ada)[1])
    assert of_bob.decrypt(message) == b"hello"
    return of_ada, ada, of_bob, bob


@settings(max_examples=20)
@given(st.lists(st.booleans(), max_size=12))
def test_both_read_one_another_in_any_order_of_turns(turns: list[bool]) -> None:
    of_ada, ada, of_bob, bob = _opened()
    for number, from_ada in enumerate(turns):
        text = f"message {number}".encode()
        kind, data = of_ada.encrypt(text, ada) if from_ada else of_bob.encrypt(text, bob)
        reader = of_bob if from_ada else of_ada
        assert reader.decrypt(inner(data)[1] if kind == "pkmsg" else data) == text


def test_messages_that_overtake_one_another_are_read_once_each() -> None:
    of_ada, _, of_bob, bob = _opened()
    sent = [of_bob.encrypt(f"{number}".encode(), bob)[1] for number in range(3)]
    assert [of_ada.decrypt(sent[number]) for number in (2, 0, 1)] == [b"2", b"0", b"1"]
    for data in sent:
        with pytest.raises(Repeated):
            of_ada.decrypt(data)


def test_a_one_time_prekey_serves_once() -> None:
    ada, bob = _two()
    bundle = _bundle(bob)
    answered(bob, opened(ada, bundle).encrypt(b"first", ada)[1])
    with pytest.raises(CannotRead, match="used before"):
        answered(bob, opened(Keys(), bundle).encrypt(b"second", ada)[1])


def test_an_altered_message_and_an_unsigned_bundle_are_refused() -> None:
    of_ada, ada, of_bob, bob = _opened()
    data = of_bob.encrypt(b"true", bob)[1]
    with pytest.raises(CannotRead, match="MAC"):
        of_ada.decrypt(data[:-1] + bytes([data[-1] ^ 1]))
    bob.one_time[7] = new_key_pair()
    with pytest.raises(CannotRead, match="signature"):
        opened(ada, dataclasses.replace(_bundle(bob), signature=bytes(64)))


def test_a_groups_key_serves_in_any_order_once_each_and_only_its_owner() -> None:
    key = SenderKey()
    early = key.encrypt(b"before")
    other = distributed(key.distribution())
    sent = [key.encrypt(f"{number}".encode()) for number in range(3)]
    assert [other.decrypt(sent[number]) for number in (2, 0, 1)] == [b"2", b"0", b"1"]
    for data in (*sent, early):
        with pytest.raises(Repeated):
            other.decrypt(data)
    forged = key.encrypt(b"true")
    with pytest.raises(CannotRead, match="did not sign"):
        other.decrypt(forged[:-1] + bytes([forged[-1] ^ 1]))
    with pytest.raises(CannotRead, match="another sender key"):
        other.decrypt(SenderKey().encrypt(b"a stranger"))
    with pytest.raises(CannotRead):
        distributed(b"\x33")
