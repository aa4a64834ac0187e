"""Who connects: a client without an account, or a linked device that proves its noise key."""

import hmac
import time
from typing import Any

from tests.whatsapp import pairing
from tests.whatsapp.accounts import Account, Accounts, Device
from tests.whatsapp.binary import SERVER, Attrs, Jid, Node
from tests.whatsapp.refusals import NOT_AUTHORIZED, Closed, require


def known_device(accounts: Accounts, payload: Any, noise: bytes) -> tuple[Account, Device]:
    """The device that logs in. Raises Closed with a failure that makes the client forget its session."""
    account = accounts.find(Jid(str(payload.username)))
    device = account.devices.get(payload.device) if account and payload.device else None
    if account is None or device is None:
        raise Closed("an unknown device", failure(NOT_AUTHORIZED))
    if not hmac.compare_digest(device.noise, noise):
        raise Closed("another noise key than at pairing", failure(NOT_AUTHORIZED))
    require(payload.passive and payload.pull, "a login is passive and pulls")
    return account, device


def registration(payload: Any) -> pairing.Registration | None:
    """What a client without an account brings, or None for one that logs in."""
    if not payload.HasField("devicePairingData"):
        return None
    require(not payload.HasField("username"), "a registration has no user")
    return pairing.read_registration(payload.devicePairingData)


def success(account: Account, device: Device) -> Node:
    return Node("success", {"t": str(int(time.time())), "lid": account.at(device.id), "location": "lo"})


def failure(reason: int, **more: str) -> Node:
    attrs: Attrs = {"reason": str(reason), "location": "lo", **more}
    return Node("failure", attrs)


def stream_error(code: str = "", conflict: str = "") -> Node:
    content = [Node("conflict", {"type": conflict})] if conflict else None
    return Node("stream:error", {"code": code}, content)


def offline_preview(count: int) -> Node:
    kinds: Attrs = {
        "count": str(count),
        "message": str(count),
        "notification": "0",
        "receipt": "0",
        "appdata": "0",
    }
    return Node("ib", {"from": SERVER}, [Node("offline_preview", kinds)])


def offline_done(count: int) -> Node:
    return Node("ib", {"from": SERVER}, [Node("offline", {"count": str(count)})])
