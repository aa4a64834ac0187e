"""The operator's key: a bearer of role admin, in `<home>/operator.key`, readable by its owner only."""

import os
import secrets

from cli.settings import Settings
from schemas.problems import Refused

FILE_NAME = "operator.key"


class OperatorKeyExposed(Refused):
    """Others can read the file."""

    code = "operator_key.exposed"
    sentence = "Other users of this machine can read {path}. Delete it, and the next start makes a new one."


class OperatorKeyMissing(Refused):
    """No key here."""

    code = "operator_key.missing"
    status = 401
    sentence = (
        "There is no key for a server: {path} does not exist. Start a server with `chatloom up`; or name the "
        "home of one that runs in CHATLOOM_HOME; or give its key by --key or CHATLOOM_OPERATOR_KEY."
    )


def load(settings: Settings) -> str:
    """The key that commands send. Raises `OperatorKeyMissing`, `OperatorKeyExposed`."""
    if settings.operator_key:
        return settings.operator_key
    path = settings.home / FILE_NAME
    try:
        if path.stat().st_mode & 0o077:
            raise OperatorKeyExposed(path=path)
        return path.read_text().strip()
    except FileNotFoundError:
        raise OperatorKeyMissing(path=path) from None


def load_or_make(settings: Settings) -> str:
    """The key that the server knows; the first start of a home makes it."""
    if settings.operator_key:
        return settings.operator_key
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.home / FILE_NAME
    draft = path.with_name(f".{FILE_NAME}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w") as file:
        file.write(f"clk_{secrets.token_urlsafe(32)}\n")
    try:
        os.link(draft, path)  # whoever comes first makes it
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return load(settings)
