"""Tokens that people's browsers hold: access tokens, which live ten minutes, and refresh tokens, which turn.

Both are signed, by keys that HKDF derives from the master key, one for each kind, so any API process reads
them and the database holds none. What an older master key signed is read as long as that key is loaded.

    access token    a JWT, HS256: sub user, ws workspace, role, sid sign-in, iat, exp; kid: the master key's id
    refresh token   base64url(version 1 ‖ master key id 8 ‖ sign-in id 16 ‖ turn 4 ‖ HMAC-SHA-256 32)

A refresh token follows from its sign-in and the number of its turn. So an older one is told from an invented
one (a reuse, which ends the sign-in, from noise, which must not), and the current one can be given twice.

Source: RFC 7519 (JWT), RFC 5869 (HKDF), RFC 9700 section 4.14.2 (refresh token rotation).
"""

import base64
import binascii
import hmac
import time
from dataclasses import dataclass
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.master import KEY_BYTES, KEY_ID_BYTES, MasterKeys

ACCESS_S = 600

_ISSUER = "chatloom"
_VERSION = b"\x01"
_SIGNED_BYTES = 1 + KEY_ID_BYTES + 16 + 4


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says. `role` is for the client's eyes: what counts is what the database says."""

    user: UUID
    workspace: UUID
    role: str
    sign_in: UUID


class Tokens:
    """Signs with the current master key, reads what any loaded one signed."""

    def __init__(self, masters: MasterKeys) -> None:
        self._current = masters.current
        self._access = {name: _derived(key, b"chatloom-access-v1") for name, key in masters.keys.items()}
        self._refresh = {name: _derived(key, b"chatloom-refresh-v1") for name, key in masters.keys.items()}

    def access(self, said: Access) -> str:
        """An access token, valid for `ACCESS_S` from now."""
        now = int(time.time())
        claims = {
            "iss": _ISSUER,
            "sub": str(said.user),
            "ws": str(said.workspace),
            "role": said.role,
            "sid": str(said.sign_in),
            "iat": now,
            "exp": now + ACCESS_S,
        }
        return jwt.encode(
            claims, self._access[self._current], algorithm="HS256", headers={"kid": self._current}
        )

    def read_access(self, token: str) -> Access | None:
        """What a token says that we signed and that has not expired."""
        try:
            key = self._access.get(str(jwt.get_unverified_header(token).get("kid")))
            if key is None:
                return None
            claims = jwt.decode(
                token,
                key,
                algorithms=["HS256"],
                issuer=_ISSUER,
                options={"require": ["iss", "sub", "ws", "role", "sid", "iat", "exp"]},
            )
            return Access(UUID(claims["sub"]), UUID(claims["ws"]), claims["role"], UUID(claims["sid"]))
        except (jwt.InvalidTokenError, ValueError):
            return None

    def refresh(self, sign_in: UUID, turn: int) -> str:
        """The refresh token of a sign-in's `turn`."""
        signed = _VERSION + bytes.fromhex(self._current) + sign_in.bytes + turn.to_bytes(4, "big")
        return base64.urlsafe_b64encode(signed + _mark(self._refresh[self._current], signed)).decode()

    def read_refresh(self, token: str) -> tuple[UUID, int] | None:
        """The sign-in and the turn of a token that we signed, however old."""
        try:
            raw = base64.b64decode(token.encode("ascii"), b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            return None
        signed, mark = raw[:_SIGNED_BYTES], raw[_SIGNED_BYTES:]
        key = self._refresh.get(signed[1 : 1 + KEY_ID_BYTES].hex())
        if signed[:1] != _VERSION or key is None or not hmac.compare_digest(_mark(key, signed), mark):
            return None
        return UUID(bytes=signed[-20:-4]), int.from_bytes(signed[-4:], "big")


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, None, purpose).derive(master)


def _mark(key: bytes, signed: bytes) -> bytes:
    return hmac.digest(key, signed, "sha256")
