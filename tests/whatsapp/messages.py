"""What a linked device sends: messages and receipts, checked, and who gets them."""

import time

from google.protobuf.message import DecodeError

from tests.whatsapp.accounts import Account, Accounts, Device
from tests.whatsapp.binary import GROUPS, LIDS, PHONES, Attrs, Jid, Malformed, Node
from tests.whatsapp.groups import Group, member_of
from tests.whatsapp.installed import adv
from tests.whatsapp.refusals import BAD_MESSAGE, Refused, require

Outgoing = list[tuple[Jid, Node]]
Groups = dict[Jid, Group]


def fan_out(accounts: Accounts, groups: Groups, account: Account, device: Device, message: Node) -> Outgoing:
    """One message for each addressed device. Raises Malformed or Refused."""
    to = message.jid("to")
    _check_proof(device, message)
    attrs: Attrs = {
        "id": message.text("id"),
        "t": str(int(time.time())),
        "type": message.text("type"),
        "notify": account.name,
    }
    attrs |= {name: message.attrs[name] for name in ("edit", "category") if name in message.attrs}
    if to.server == GROUPS:
        group = member_of(groups, account, to)
        attrs |= {
            "from": group.jid,
            "participant": account.at(device.id),
            "participant_pn": account.at(device.id, PHONES),
            "addressing_mode": "lid",
        }
        return _for_group(accounts, account, device, message, attrs, group)
    other = accounts.find(to)
    if other is None:
        raise Refused(BAD_MESSAGE, f"no account {to}")
    attrs |= {"from": account.at(device.id), "sender_pn": account.at(device.id, PHONES)}
    direct = message.child("enc")
    if direct is not None:  # for one device: an answer to a retry receipt, or to the own phone
        target = other.at(to.device)
        accounts.device(target)
        return [(target, Node("message", attrs, [_checked(direct)]))]
    require(to.server == LIDS and not to.device, "a direct message goes to a LID")
    recipient: Attrs = {"recipient": other.at(), "peer_recipient_pn": other.at(server=PHONES)}
    return [
        (target, Node("message", attrs | (recipient if owner is account else {}), [enc]))
        for owner, target, enc in _addressed(accounts, account, device, message, [account, other])
    ]


def _for_group(
    accounts: Accounts, account: Account, device: Device, message: Node, attrs: Attrs, group: Group
) -> Outgoing:
    """In a group one ciphertext serves all; each device gets the key to it beside it."""
    common = message.child("enc")
    if "participant" in message.attrs:  # an answer to a retry receipt
        target = message.jid("participant")
        accounts.device(target)
        return [(target, Node("message", attrs, [_checked(common)]))]
    if common is None or common.attrs.get("type") != "skmsg":
        raise Malformed("no ciphertext for the group")
    return [
        (target, Node("message", dict(attrs), [enc, _checked(common)]))
        for _, target, enc in _addressed(accounts, account, device, message, group.members)
    ]


def _addressed(
    accounts: Accounts, account: Account, device: Device, message: Node, conversation: list[Account]
) -> list[tuple[Account, Jid, Node]]:
    """Whose device each ciphertext is for: all devices in the conversation, each once, and no other."""
    participants = message.child("participants")
    if participants is None or not participants.children:
        raise Malformed("no participants")
    own = account.at(device.id)
    out: dict[Jid, tuple[Account, Jid, Node]] = {}
    for entry in participants.children:
        target = entry.jid("jid")
        owner = accounts.find(target)
        if owner is None or owner not in conversation:
            raise Refused(BAD_MESSAGE, f"{target} is not in this conversation")
        accounts.device(target)
        target = owner.at(target.device)
        require(target not in out and target != own, f"{target} twice, or the sender itself")
        out[target] = (owner, target, _checked(entry.child("enc")))
    everywhere = {owner.at(number) for owner in conversation for number in owner.devices} - {own}
    if lacking := everywhere - out.keys():
        raise Refused(BAD_MESSAGE, f"not for {sorted(map(str, lacking))}")
    return list(out.values())


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
    origin = receipt.jid("to")
    group = origin.server == GROUPS
    to = receipt.jid("participant") if group else origin
    other = accounts.find(to)
    if other is None:
        raise Refused(BAD_MESSAGE, f"no account {to}")
    attrs: Attrs = {name: value for name, value in receipt.attrs.items() if name in ("id", "type")}
    attrs |= {"t": str(int(time.time()))}
    own = account.at(device.id)
    attrs |= {"from": origin, "participant": own} if group else {"from": own}
    return [(other.at(to.device), Node("receipt", attrs, receipt.content))]


def receipt_acknowledgement(receipt: Node) -> Node:
    attrs: Attrs = {
        "class": "receipt",
        "id": receipt.text("id"),
        "from": receipt.jid("to"),
        "t": str(int(time.time())),
    }
    attrs |= {name: receipt.attrs[name] for name in ("type", "participant") if name in receipt.attrs}
    return Node("ack", attrs)


def _checked(enc: Node | None) -> Node:
    if enc is None or not isinstance(enc.content, bytes):
        raise Malformed("no <enc>")
    if enc.text("v") != "2" or enc.text("type") not in ("msg", "pkmsg", "skmsg"):
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
