"""The node encoding: what is written is read back, and what is not a node is refused."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.whatsapp.binary import LIDS, PHONES, Jid, Malformed, Node, decode, encode
from tests.whatsapp.tokens import tokens

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
jids = st.builds(
    Jid, st.from_regex(r"[0-9]{1,15}", fullmatch=True), st.sampled_from([PHONES, LIDS]), st.integers(0, 99)
)
attributes = st.dictionaries(words, words | jids, max_size=4)
nodes = st.recursive(
    st.builds(Node, words, attributes, st.none() | st.binary(max_size=300)),
    lambda children: st.builds(Node, words, attributes, st.lists(children, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=40)
@given(nodes)
def test_a_node_comes_back(node: Node) -> None:
    assert decode(encode(node)) == node


@given(st.binary(max_size=60))
def test_any_bytes_are_a_node_or_malformed(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        decode(data)


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\xf8", b"\0\xf8\x01", b"\0\xf8\x00\x01", b"\2not zlib"])
def test_what_is_no_node(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode(data)


def test_bytes_after_the_node() -> None:
    with pytest.raises(Malformed, match="after the node"):
        decode(encode(Node("iq")) + b"\0")


def test_tokens_and_packed_strings() -> None:
    message = tokens().single.index("message")
    assert decode(bytes([0, 248, 3, message, 8, 255, 0x82, 0x12, 0x3F])) == Node("message", {"id": "123"})
    assert decode(bytes([0, 248, 3, message, 8, 251, 0x01, 0xAB])) == Node("message", {"id": "AB"})
    assert decode(bytes([0, 248, 1, 236, 0])) == Node(tokens().double[0][0])
