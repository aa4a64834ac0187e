"""What a linked device sends: messages and receipts, checked, and who gets them."""

import time

from google.protobuf.message import DecodeError

from tests.whatsapp.accounts import Account, Accounts, Device
from tests.whatsapp.binary import LIDS, PHONES, Jid, Malformed, Node
from tests.whatsapp.installed import adv
from tests.whatsapp.refusals import BAD_MESSAGE, Refused, require

Outgoing = list[tuple[Jid, Node]]


def fan_out(accounts: Accounts, account: Account, device: Device, message: Node) -> Outgoing:
    """One message for each addressed device. Raises Malformed or Refused."""
    to = message.jid("to")
    message_id = message.text("id")
    other = accounts.find(to)
    if other is None:
        raise Refused(BAD_MESSAGE, f"no account {to}")
    _check_proof(device, message)
    attrs = {
        "from": account.at(device.id),
        "sender_pn": account.at(device.id, PHONES),
        "id": message_id,
        "t": str(int(time.time())),
        "type": message.text("type"),
        "notify": account.name,
    }
    direct = message.child("enc")
    if direct is not None:  # for one device: an answer to a retry receipt, or to the own phone
        target = other.at(to.device)
        accounts.device(target)
        return [(target, Node("message", attrs, [_checked(direct)]))]
    require(to.server == LIDS and not to.device, "a direct message goes to a LID")
    participants = message.child("participants")
    if participants is None or not participants.children:
        raise Malformed("no participants")
    out: Outgoing = []
    seen: set[Jid] = set()
    for entry in participants.children:
        target = entry.jid("jid")
        owner = accounts.find(target)
        if owner is None or owner not in (account, other):
            raise Refused(BAD_MESSAGE, f"{target} is not in this conversation")
        accounts.device(target)
        target = owner.at(target.device)
        require(
            target not in seen and target != account.at(device.id), f"{target} twice, or the sender itself"
        )
        seen.add(target)
        mine = (
            {"recipient": other.at(), "peer_recipient_pn": other.at(server=PHONES)}
            if owner is account
            else {}
        )
        enc = _checked(entry.child("enc"))
        out.append((target, Node("message", attrs | mine, [enc])))
    return out


def missing(accounts: Accounts, account: Account, device: Device, message: Node) -> list[Jid]:
    """Devices that should have got the message and were not addressed."""
    participants, other = message.child("participants"), accounts.find(message.jid("to"))
    if participants is None or other is None:
        return []
    owners = {entry.jid("jid") for entry in participants.children}
    addressed = {(accounts.find(jid), jid.device) for jid in owners}  # type: ignore[misc]
    return [
        owner.at(number)
        for owner in {id(account): account, id(other): other}.values()
        for number in owner.devices
        if (owner, number) not in addressed and (owner, number) != (account, device.id)
    ]


def acknowledgement(message: Node, error: int = 0) -> Node:
    attrs = {
        "class": "message",
        "id": message.text("id"),
        "from": message.jid("to"),
        "t": str(int(time.time())),
    }
    return Node("ack", attrs | ({"error": str(error)} if error else {}))


def receipt_for(accounts: Accounts, account: Account, device: Device, receipt: Node) -> Outgoing:
    """A linked device's receipt, for the one whose message it confirms."""
    to = receipt.jid("to")
    other = accounts.find(to)
    if other is None:
        raise Refused(BAD_MESSAGE, f"no account {to}")
    attrs = {name: value for name, value in receipt.attrs.items() if name in ("id", "type")}
    attrs |= {"from": account.at(device.id), "t": str(int(time.time()))}
    return [(other.at(to.device), Node("receipt", attrs, receipt.content))]


def receipt_acknowledgement(receipt: Node) -> Node:
    attrs = {
        "class": "receipt",
        "id": receipt.text("id"),
        "from": receipt.jid("to"),
        "t": str(int(time.time())),
    }
    if kind := receipt.attrs.get("type"):
        attrs["type"] = kind
    return Node("ack", attrs)


def _checked(enc: Node | None) -> Node:
    if enc is None or not isinstance(enc.content, bytes):
        raise Malformed("no <enc>")
    if enc.text("v") != "2" or enc.text("type") not in ("msg", "pkmsg"):
        raise Refused(BAD_MESSAGE, "version or type of <enc>")
    return enc


def _check_proof(device: Device, message: Node) -> None:
    """A first message to someone carries the proof that the sender's phone linked it."""
    encs = [message.child("enc"), *(entry.child("enc") for entry in _entries(message))]
    if all(enc is None or enc.attrs.get("type") != "pkmsg" for enc in encs):
        return
    try:
        given = adv.ADVSignedDeviceIdentity.FromString(message.data("device-identity"))
    except DecodeError as error:
        raise Malformed(str(error)) from error
    known = adv.ADVSignedDeviceIdentity.FromString(device.proof)
    if (given.details, given.deviceSignature) != (known.details, known.deviceSignature):
        raise Refused(BAD_MESSAGE, "another device identity than at pairing")


def _entries(message: Node) -> list[Node]:
    participants = message.child("participants")
    return participants.children if participants else []
