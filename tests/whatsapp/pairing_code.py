"""Linking a device by a code that the owner types: what the phone does with it.

The code of eight characters protects the exchange of two ephemeral keys; under the secret that they
agree on, the device tells the phone its identity and a random part of the secret that then seals
`pair-success`, as the secret inside a QR code does.
"""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from tests.whatsapp.binary import PHONES, SERVER, Attrs, Node
from tests.whatsapp.curve import KeyPair, new_key_pair
from tests.whatsapp.refusals import BAD_REQUEST, Refused, require

TAG = "link_code_companion_reg"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTVWXYZ"
ROUNDS = 2 << 16
WRAPPED_BYTES = 80  # salt 32, iv 16, key 32


class WrongCode(ValueError):
    """The code that was typed is not the one that the device shows."""


@dataclass(frozen=True)
class Hello:
    """What a device that shows a code left with the server."""

    phone: str
    noise: bytes
    wrapped: bytes


def read_hello(request: Node, noise: bytes) -> Hello:
    """Of `companion_hello`. Raises Malformed or Refused."""
    jid = request.jid("jid")
    require(jid.server == PHONES and jid.user.isdigit(), "the owner's phone number")
    require(request.attrs.get("should_show_push_notification") in ("true", "false"), "push notification")
    wrapped = request.data("link_code_pairing_wrapped_companion_ephemeral_pub")
    require(len(wrapped) == WRAPPED_BYTES, "size of the wrapped key")
    if request.data("companion_server_auth_key_pub") != noise:
        raise Refused(BAD_REQUEST, "another noise key than the connection's")
    request.data("companion_platform_id")
    name = request.data("companion_platform_display").decode()
    if not (name.endswith(")") and " (" in name):
        raise Refused(BAD_REQUEST, f"a display name that is not Browser (OS): {name!r}")
    return Hello(jid.user, noise, wrapped)


def hello_reply(ref: str) -> Node:
    return Node(TAG, {"stage": "companion_hello"}, [Node("link_code_pairing_ref", content=ref.encode())])


class Typed:
    """The phone's side, from the code being typed until the device's answer."""

    def __init__(self, code: str, hello: Hello, identity: KeyPair) -> None:
        self._code = code.upper().replace("-", "").replace(" ", "")
        if len(self._code) != 8 or set(self._code) - set(ALPHABET):
            raise WrongCode("a code has eight letters and digits")
        self._hello, self._identity, self._own = hello, identity, new_key_pair()

    def notification(self, notification_id: str, ref: str, now: int) -> Node:
        """`primary_hello`, for the device."""
        salt, iv = os.urandom(32), os.urandom(16)
        content = [
            Node("link_code_pairing_ref", content=ref.encode()),
            Node(
                "link_code_pairing_wrapped_primary_ephemeral_pub",
                content=salt + iv + _crypt(self._code, salt, iv, self._own.public),
            ),
            Node("primary_identity_pub", content=self._identity.public),
        ]
        attrs: Attrs = {"from": SERVER, "type": TAG, "id": notification_id, "t": str(now)}
        return Node("notification", attrs, [Node(TAG, {"stage": "primary_hello"}, content)])

    def finish(self, request: Node) -> tuple[bytes, bytes]:
        """The device's identity, and the secret that seals `pair-success`. Raises Malformed and WrongCode."""
        wrapped, stated = (
            request.data("link_code_pairing_wrapped_key_bundle"),
            request.data("companion_identity_public"),
        )
        salt, nonce, sealed = wrapped[:32], wrapped[32:44], wrapped[44:]
        hello = self._hello.wrapped
        theirs = _crypt(self._code, hello[:32], hello[32:48], hello[48:])
        shared = self._own.agree(theirs)
        key = _hkdf(shared, salt, b"link_code_pairing_key_bundle_encryption_key")
        try:
            bundle = AESGCM(key).decrypt(nonce, sealed, None)
        except InvalidTag as error:
            raise WrongCode("this is not the code that the device shows") from error
        identity, ours, random = bundle[:32], bundle[32:64], bundle[64:]
        require(len(random) == 32 and identity == stated, "the device's identity")
        require(ours == self._identity.public, "the phone's identity")
        return identity, _hkdf(shared + self._identity.agree(identity) + random, None, b"adv_secret")


def _crypt(code: str, salt: bytes, iv: bytes, data: bytes) -> bytes:
    key = PBKDF2HMAC(SHA256(), 32, salt, ROUNDS).derive(code.encode())
    return Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor().update(data)


def _hkdf(secret: bytes, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(secret)
