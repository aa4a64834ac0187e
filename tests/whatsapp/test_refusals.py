"""The emulator is strict: what WhatsApp would not take, it does not take."""

from collections.abc import AsyncIterator, Callable

import pytest

from tests.whatsapp.binary import SERVER, Attrs, Jid, Node
from tests.whatsapp.curve import new_key_pair
from tests.whatsapp.linked import Linked
from tests.whatsapp.probe import Probe
from tests.whatsapp.refusals import Refused

pytestmark = pytest.mark.anyio


@pytest.fixture
async def probe(linked: Linked) -> AsyncIterator[Probe]:
    """A linked device that is logged in."""
    probe = Probe(linked.redirected)
    paired = await probe.pair(linked.owner)
    assert paired is not None
    assert paired.attrs["code"] == "515"
    async with probe.connected(probe.login()):
        success = await probe.next()
        assert success is not None
        assert success.tag == "success"
        yield probe


def error(node: Node) -> str:
    found = node.child("error")
    assert node.attrs["type"] == "error"
    assert found is not None
    return found.text("code")


async def test_another_header(linked: Linked) -> None:
    probe = Probe(linked.redirected)
    async with probe.connected(probe.registration(), header=b"WA\x05\x03"):
        assert "header" in await linked.whatsapp.refusals.wait()


async def test_a_registration_whose_prekey_is_not_signed(linked: Linked) -> None:
    probe = Probe(linked.redirected)
    async with probe.connected(probe.registration(signature=bytes(64))):
        assert await probe.next() is None
        assert "not signed" in await linked.whatsapp.refusals.wait()


async def test_a_pairing_signed_by_another_key(linked: Linked) -> None:
    assert await Probe(linked.redirected).pair(linked.owner, signer=new_key_pair()) is None
    assert "signature is wrong" in await linked.whatsapp.refusals.wait()
    assert set(linked.owner.account.devices) == {0}


async def test_a_login_with_another_noise_key_or_of_an_unknown_device(linked: Linked) -> None:
    probe = Probe(linked.redirected)
    await probe.pair(linked.owner)
    for device, noise in ((1, new_key_pair()), (2, probe.noise), (0, probe.noise)):
        probe.device, probe.noise = device, noise
        async with probe.connected(probe.login()):
            failure = await probe.next()
            assert failure is not None
            assert (failure.tag, failure.attrs["reason"]) == ("failure", "401")


async def test_prekeys(probe: Probe) -> None:
    assert (await probe.ask("encrypt", "set", *probe.upload(1, 2))).attrs["type"] == "result"
    assert error(await probe.ask("encrypt", "set", *probe.upload(2, 3))) == "409"
    assert error(await probe.ask("encrypt", "set", *probe.upload(4, 4))) == "400"
    assert error(await probe.ask("encrypt", "set", *probe.upload(5, identity=bytes(32)))) == "409"
    assert error(await probe.ask("encrypt", "set", *probe.upload(5, signature=bytes(64)))) == "400"
    count = await probe.ask("encrypt", "get", Node("count"))
    assert count.children[0].attrs["value"] == "2"


async def test_keys_of_an_unknown_device(probe: Probe) -> None:
    user = Node("user", {"jid": Jid("123", "lid", 5)})
    assert error(await probe.ask("encrypt", "get", Node("key", content=[user]))) == "404"


async def test_a_prekey_is_handed_out_once(linked: Linked, probe: Probe) -> None:
    def wanted() -> Node:
        return Node("key", content=[Node("user", {"jid": linked.contact.jid})])

    seen: set[bytes] = set()
    for _ in range(3):
        answer = await probe.ask("encrypt", "get", wanted())
        key = answer.child("list", "user", "key")
        assert key is not None
        seen.add(key.data("id"))
    assert len(seen) == 3


async def test_what_the_emulator_does_not_know(linked: Linked, probe: Probe) -> None:
    assert error(await probe.ask("w:unheard", "get")) == "501"
    await probe.send(Node("unheard"))
    assert await probe.next() is None
    assert any("unheard" in refusal for refusal in linked.whatsapp.refusals.all)


Entries = Callable[[Linked], list[Node]]


def _entry(jid: Jid, **enc: str) -> Node:
    return Node("to", {"jid": jid}, [Node("enc", {"v": "2", "type": "msg", **enc}, b"sealed")])


def _nobody(_: Linked) -> list[Node]:
    return []


def _to(device: int = 0, times: int = 1, **enc: str) -> Entries:
    return lambda linked: [_entry(linked.contact.jid.of(device), **enc)] * times


def _a_stranger(_: Linked) -> list[Node]:
    return [_entry(Jid("123", "lid"))]


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        pytest.param(_nobody, "no participants", id="nobody"),
        pytest.param(_to(device=7), "no device", id="unknown device"),
        pytest.param(_to(), "not for", id="own phone left out"),
        pytest.param(_to(times=2), "twice", id="twice"),
        pytest.param(_to(v="9"), "version", id="version"),
        pytest.param(_to(type="secret"), "version", id="kind"),
        pytest.param(_to(type="pkmsg"), "device-identity", id="no proof"),
        pytest.param(_a_stranger, "not in this conversation", id="a stranger"),
    ],
)
async def test_a_message(linked: Linked, probe: Probe, entries: Entries, why: str) -> None:
    attrs: Attrs = {"to": linked.contact.jid, "id": "M1", "type": "text"}
    await probe.send(Node("message", attrs, [Node("participants", content=entries(linked))]))
    ack = await probe.next()
    assert ack is not None
    assert (ack.tag, ack.attrs["error"]) == ("ack", "479")
    assert why in await linked.whatsapp.refusals.wait()
    assert linked.contact.messages.all == []


async def test_before_login_nothing_is_answered(linked: Linked) -> None:
    probe = Probe(linked.redirected)
    async with probe.connected(probe.registration()):
        await probe.next()
        assert error(await probe.ask("usync", "get", Node("usync"))) == "405"
        await probe.send(Node("message", {"to": SERVER, "id": "M1", "type": "text"}))
        assert await probe.next() is None


@pytest.mark.parametrize(
    ("node", "why"),
    [
        (Node("presence", {"type": "available"}), "no text in name"),
        (Node("presence", {"type": "dancing", "name": "Owner"}), "a presence"),
        (Node("presence", {"type": "subscribe", "to": Jid("123", "lid")}), "no account"),
        (Node("chatstate", {"to": Jid("123", "lid")}, [Node("composing")]), "no account"),
        (Node("chatstate", {"to": Jid("123", "g.us")}, [Node("composing")]), "no group"),
        (Node("chatstate", {"to": Jid("123", "lid")}, [Node("shouting")]), "typing"),
    ],
)
async def test_presence_and_typing(linked: Linked, probe: Probe, node: Node, why: str) -> None:
    await probe.send(node)
    assert why in await linked.whatsapp.refusals.wait()
    assert (await probe.ask("w:p", "get")).attrs["type"] == "result"  # the connection stays


async def test_a_group_that_is_not_there(probe: Probe) -> None:
    attrs: Attrs = {"id": "g1", "xmlns": "w:g2", "type": "get", "to": Jid("123", "g.us")}
    await probe.send(Node("iq", attrs, [Node("query")]))
    answer = await probe.next()
    while answer is not None and answer.attrs.get("id") != "g1":
        answer = await probe.next()
    assert answer is not None
    assert error(answer) == "404"


async def test_a_device_may_remove_itself_only(linked: Linked, probe: Probe) -> None:
    other = Node("remove-companion-device", {"jid": Jid(linked.owner.account.number, device=7)})
    assert error(await probe.ask("md", "set", other)) == "405"


async def test_settings_of_an_unknown_kind_or_changed_by_a_linked_device(probe: Probe) -> None:
    unknown = Node("sync", content=[Node("collection", {"name": "secrets"})])
    assert error(await probe.ask("w:sync:app:state", "set", unknown)) == "400"
    changed = Node("sync", content=[Node("collection", {"name": "regular"}, [Node("patch", content=b"x")])])
    assert error(await probe.ask("w:sync:app:state", "set", changed)) == "501"


async def test_an_account_links_four_devices(linked: Linked) -> None:
    for _ in range(4):
        await Probe(linked.redirected).pair(linked.owner)
    with pytest.raises(Refused, match="4 linked devices"):
        await Probe(linked.redirected).pair(linked.owner)
    assert set(linked.owner.account.devices) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("part", "data", "why"),
    [
        ("link_code_pairing_wrapped_companion_ephemeral_pub", bytes(79), "size of the wrapped key"),
        ("companion_server_auth_key_pub", bytes(32), "another noise key"),
        ("companion_platform_display", b"Nothing known", "Browser"),
    ],
)
async def test_the_hello_of_a_code_to_type(linked: Linked, part: str, data: bytes, why: str) -> None:
    probe = Probe(linked.redirected)
    parts = {
        "link_code_pairing_wrapped_companion_ephemeral_pub": bytes(80),
        "companion_server_auth_key_pub": probe.noise.public,
        "companion_platform_id": b"1",
        "companion_platform_display": b"Chrome (Linux)",
    }
    attrs: Attrs = {
        "jid": Jid(linked.owner.account.number),
        "stage": "companion_hello",
        "should_show_push_notification": "true",
    }

    def hello(**instead: bytes) -> Node:
        content = [Node(tag, content=value) for tag, value in (parts | instead).items()]
        return Node("link_code_companion_reg", dict(attrs), content)

    async with probe.connected(probe.registration()):
        await probe.next()
        assert error(await probe.ask("md", "set", hello(**{part: data}))) == "400"
        assert why in await linked.whatsapp.refusals.wait()
        answer = await probe.ask("md", "set", hello())
        assert answer.attrs["type"] == "result"
        finish = Node("link_code_companion_reg", {"stage": "companion_finish"})
        finish.content = [Node("link_code_pairing_ref", content=b"3@another")]
        assert error(await probe.ask("md", "set", finish)) == "404"
