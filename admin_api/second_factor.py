"""The second factor: codes that change every 30 s (TOTP), and recovery codes for when the phone is gone.

Source: RFC 6238; the QR code's payload: Google's "Key Uri Format", which all authenticator apps read.
"""

import hashlib
import hmac
import re
import secrets
import time
from base64 import b32encode

from keys.seal import Sealer
from schemas.problems import Refused
from schemas.tables.people import User
from store.admin import users
from store.admin.desk import Session

STEP_S = 30
DRIFT = 1  # steps that a phone's clock may be off, to either side (RFC 6238 section 5.2)
RECOVERY_CODES = 10

_TOTP = re.compile(r"\d{6}", re.ASCII)


class SecondFactorOn(Refused):
    """There is a second factor already."""

    code = "second_factor.on"
    status = 409
    sentence = "The second factor is on. Remove it before you set up another."


class SecondFactorOff(Refused):
    """There is no second factor, or none waits to be confirmed."""

    code = "second_factor.off"
    status = 409
    sentence = "There is no second factor to {what}. Set one up first."


class CodeRefused(Refused):
    """The code is wrong, too old, or was used."""

    code = "second_factor.code_refused"
    status = 401
    title = "This code does not count"
    sentence = (
        "The code is wrong, too old, or was used already. Wait for the next one; check the phone's clock."
    )


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps take them."""
    return b32encode(secrets.token_bytes(20)).decode()


def uri(secret: str, email: str) -> str:
    """What the QR code says."""
    from pyotp.totp import TOTP

    return TOTP(secret).provisioning_uri(name=email, issuer_name="Chatloom")


def new_recovery_codes() -> list[str]:
    """80 random bits each: so many that a plain hash of them is safe to keep."""
    return [
        "-".join(re.findall("....", b32encode(secrets.token_bytes(10)).decode().lower()))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> bytes:
    """What is kept of a recovery code, however it is typed."""
    return hashlib.sha256(re.sub(r"[^a-z2-7]", "", code.lower()).encode()).digest()


def keep(sealer: Sealer, user: User, secret: str) -> None:
    """Seal a secret that waits to be confirmed."""
    user.totp = sealer.seal("users", "totp", user.id.bytes, secret.encode())
    user.totp_confirmed_at = None


async def take(session: Session, sealer: Sealer, user: User, code: str) -> None:
    """Use up a code, of the app or for recovery. `user` is locked. Raises `CodeRefused`."""
    if _TOTP.fullmatch("".join(code.split())):
        take_totp(sealer, user, code)
        session.add(user)
    elif not await users.take_recovery_code(session, user, recovery_hash(code)):
        raise CodeRefused


def take_totp(sealer: Sealer, user: User, code: str) -> None:
    """Use up a code of the app: it, and those before it, never count again. Raises `CodeRefused`."""
    from pyotp.totp import TOTP

    plain = "".join(code.split())  # apps show "123 456"
    if user.totp is None or not _TOTP.fullmatch(plain):
        raise CodeRefused
    totp = TOTP(sealer.open("users", "totp", user.id.bytes, user.totp).decode())
    here = int(time.time()) // STEP_S
    for step in range(max(here - DRIFT, user.totp_step + 1), here + DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step), plain):
            user.totp_step = step
            return
    raise CodeRefused
