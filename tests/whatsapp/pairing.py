"""Linking a device by QR code: what the client shows, what the phone signs, what the server checks."""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError

from tests.whatsapp.accounts import Account, Device, SignedPreKey, check_signed_pre_key
from tests.whatsapp.binary import PHONES, SERVER, Malformed, Node
from tests.whatsapp.curve import TYPE, KeyPair, verify
from tests.whatsapp.installed import adv
from tests.whatsapp.refusals import NOT_AUTHORIZED, Refused, require

QR_PREFIX = "https://wa.me/settings/linked_devices#"
ACCOUNT_SIGNATURE, DEVICE_SIGNATURE = b"\x06\x00", b"\x06\x01"


@dataclass(frozen=True)
class Code:
    """What a QR code says: the server's reference, and the client's keys."""

    ref: str
    noise: bytes
    identity: bytes
    secret: bytes


def read_code(text: str) -> Code:
    """Raises ValueError for what is no linking code."""
    if not text.startswith(QR_PREFIX):
        raise ValueError("not a linking code")
    ref, *keys, _ = text.removeprefix(QR_PREFIX).split(",")
    noise, identity, secret = (base64.b64decode(key, validate=True) for key in keys)
    return Code(ref, noise, identity, secret)


@dataclass(frozen=True)
class Registration:
    """The keys that a client brings in the handshake when it has no account yet."""

    identity: bytes
    registration: int
    signed: SignedPreKey


def read_registration(data: Any) -> Registration:
    """From a DevicePairingRegistrationData. Raises Malformed or Refused."""
    parts = (
        data.eRegid,
        data.eKeytype,
        data.eIdent,
        data.eSkeyID,
        data.eSkeyVal,
        data.eSkeySig,
        data.buildHash,
    )
    sizes = [len(part) for part in parts]
    require(sizes == [4, 1, 32, 3, 32, 64, 16], f"sizes of the registration's parts: {sizes}")
    require(data.eKeytype == TYPE, "key type")
    signed = SignedPreKey(int.from_bytes(data.eSkeyID, "big"), data.eSkeyVal, data.eSkeySig)
    check_signed_pre_key(signed, data.eIdent)
    return Registration(data.eIdent, int.from_bytes(data.eRegid, "big"), signed)


def pair_device(request_id: str, refs: list[str]) -> Node:
    content = [Node("ref", content=ref.encode()) for ref in refs]
    attrs = {"from": SERVER, "type": "set", "id": request_id, "xmlns": "md"}
    return Node("iq", attrs, [Node("pair-device", content=content)])


def sign_device(signing: KeyPair, code: Code, key_index: int) -> bytes:
    """What the phone gives to the server: an ADVSignedDeviceIdentityHMAC."""
    now = int(time.time())
    details = adv.ADVDeviceIdentity(rawID=7, timestamp=now, keyIndex=key_index).SerializeToString()
    signed = adv.ADVSignedDeviceIdentity(
        details=details,
        accountSignatureKey=signing.public,
        accountSignature=signing.sign(ACCOUNT_SIGNATURE + details + code.identity),
    ).SerializeToString()
    seal = hmac.new(code.secret, signed, hashlib.sha256).digest()
    return adv.ADVSignedDeviceIdentityHMAC(details=signed, HMAC=seal).SerializeToString()


def spoiled(signed: bytes) -> bytes:
    """The same, sealed with another secret than the code's."""
    out = adv.ADVSignedDeviceIdentityHMAC.FromString(signed)
    out.HMAC = bytes(32)
    return out.SerializeToString()


def pair_success(request_id: str, account: Account, device: int, signed: bytes) -> Node:
    content = [
        Node("device-identity", content=signed),
        Node("device", {"jid": account.at(device, PHONES), "lid": account.at(device)}),
        Node("platform", {"name": "android"}),
    ]
    attrs = {"from": SERVER, "type": "set", "id": request_id, "xmlns": "md", "t": str(int(time.time()))}
    return Node("iq", attrs, [Node("pair-success", content=content)])


def finish(
    reply: Node, account: Account, device: int, registration: Registration, noise: bytes, sent: bytes
) -> Device:
    """Check the client's answer to `pair_success` and make its device. Raises Malformed or Refused."""
    proof = reply.child("pair-device-sign", "device-identity")
    if proof is None or not isinstance(proof.content, bytes):
        raise Malformed("no pair-device-sign")
    try:
        signed = adv.ADVSignedDeviceIdentity.FromString(proof.content)
        given = adv.ADVSignedDeviceIdentity.FromString(
            adv.ADVSignedDeviceIdentityHMAC.FromString(sent).details
        )
    except DecodeError as error:
        raise Malformed(str(error)) from error
    require(not signed.accountSignatureKey, "the account's key is to be left out of the answer")
    if (signed.details, signed.accountSignature) != (given.details, given.accountSignature):
        raise Refused(NOT_AUTHORIZED, "another identity than the phone signed")
    message = DEVICE_SIGNATURE + given.details + registration.identity + given.accountSignatureKey
    if not verify(registration.identity, message, signed.deviceSignature):
        raise Refused(NOT_AUTHORIZED, "the device's signature is wrong")
    return Device(
        device,
        registration.identity,
        registration.registration,
        registration.signed,
        noise,
        proof.content,
    )
