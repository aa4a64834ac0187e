"""Accounts, their devices, and the keys that devices leave with the server."""

from dataclasses import dataclass, field

from tests.whatsapp.binary import LIDS, PHONES, Jid, Malformed, Node
from tests.whatsapp.curve import TYPE, verify
from tests.whatsapp.refusals import BAD_REQUEST, CONFLICT, NOT_FOUND, Refused, require


@dataclass(frozen=True)
class SignedPreKey:
    """A device's medium-term key: id, public key, and its identity's signature over the key."""

    id: int
    public: bytes
    signature: bytes


@dataclass(eq=False)
class Device:
    """A phone (0) or a linked device of an account, as the server knows it."""

    id: int
    identity: bytes
    registration: int
    signed: SignedPreKey
    noise: bytes = b""  # a linked device logs in with this key; phones in the emulator do not log in
    proof: bytes = b""  # its serialized ADVSignedDeviceIdentity
    one_time: dict[int, bytes] = field(default_factory=dict[int, bytes])  # waiting to be handed out
    seen: set[int] = field(default_factory=set[int])  # ids ever uploaded
    welcomed: bool = False  # its phone has sent it what a new device is to know
    waiting: dict[str, Node] = field(
        default_factory=dict[str, Node]
    )  # not yet confirmed by the device, in order


@dataclass(eq=False)
class Account:
    """A phone number, its LID, the name that its contacts see, and its devices."""

    number: str
    lid: str
    name: str
    devices: dict[int, Device] = field(default_factory=dict[int, Device])
    last_device: int = 0  # numbers are not given twice
    signing: bytes = b""  # the public key with which its phone signs linked devices

    def at(self, device: int = 0, server: str = LIDS) -> Jid:
        return Jid(self.lid if server == LIDS else self.number, server, device)


class Accounts:
    """All of them."""

    def __init__(self) -> None:
        self._by_user: dict[tuple[str, str], Account] = {}

    def add(self, account: Account) -> None:
        for jid in (account.at(server=LIDS), account.at(server=PHONES)):
            if (jid.server, jid.user) in self._by_user:
                raise ValueError(f"{jid} is taken")
            self._by_user[jid.server, jid.user] = account

    def find(self, jid: Jid) -> Account | None:
        return self._by_user.get((jid.server, jid.user))

    def device(self, jid: Jid) -> Device:
        """Raises Refused for one that there is not."""
        account = self.find(jid)
        device = account.devices.get(jid.device) if account else None
        if device is None:
            raise Refused(NOT_FOUND, f"no device {jid}")
        return device


def upload(device: Device, request: Node) -> Node:
    """Take new one-time prekeys; refuses a wrong signature, another identity, and an id used before."""
    require(request.data("type") == TYPE, "key type")
    if request.data("identity") != device.identity:
        raise Refused(CONFLICT, "another identity key than at pairing")
    require(len(request.data("registration")) == 4, "registration id")
    device.signed = signed_pre_key(request.child("skey"), device.identity)
    keys = request.child("list")
    require(keys and keys.children, "no prekeys")
    fresh = dict(_pre_key(key) for key in keys.children) if keys else {}
    require(keys and len(fresh) == len(keys.children), "an id twice")
    if again := fresh.keys() & device.seen:
        raise Refused(CONFLICT, f"prekeys uploaded before: {sorted(again)[:3]}")
    device.seen |= fresh.keys()
    device.one_time.update(fresh)
    return Node("iq")


def signed_pre_key(node: Node | None, identity: bytes) -> SignedPreKey:
    """Read and check a signed prekey. Raises Malformed or Refused."""
    if node is None:
        raise Malformed("no signed prekey")
    number, public = _pre_key(node)
    signed = SignedPreKey(number, public, node.data("signature"))
    check_signed_pre_key(signed, identity)
    return signed


def check_signed_pre_key(signed: SignedPreKey, identity: bytes) -> None:
    if not verify(identity, TYPE + signed.public, signed.signature):
        raise Refused(BAD_REQUEST, "the signed prekey is not signed by the identity key")


def _pre_key(node: Node) -> tuple[int, bytes]:
    number, public = node.data("id"), node.data("value")
    require(len(number) == 3 and len(public) == 32, "a prekey's sizes")
    return int.from_bytes(number, "big"), public


def bundle(device: Device, jid: Jid) -> Node:
    """The keys to open a session with a device; uses up one of its one-time prekeys, if there is any."""
    content = [
        Node("registration", content=device.registration.to_bytes(4, "big")),
        Node("type", content=TYPE),
        Node("identity", content=device.identity),
        Node(
            "skey",
            content=[
                *_key(device.signed.id, device.signed.public),
                Node("signature", content=device.signed.signature),
            ],
        ),
    ]
    if device.one_time:
        number = next(iter(device.one_time))
        content.append(Node("key", content=_key(number, device.one_time.pop(number))))
    if device.proof:
        content.append(Node("device-identity", content=device.proof))
    return Node("user", {"jid": jid}, content)


def _key(number: int, public: bytes) -> list[Node]:
    return [Node("id", content=number.to_bytes(3, "big")), Node("value", content=public)]
