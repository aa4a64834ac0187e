"""The master key: 32 bytes that wrap every workspace's data key and seal every session vault.

It comes from the first of these that is set:

1. `CHATLOOM_MASTER_KEY`: the key itself;
2. `CHATLOOM_MASTER_KEY_FILE`: a file that holds it;
3. `CHATLOOM_MASTER_KEY_COMMAND`: a command that prints it (any secrets manager);
4. `<home>/master.key`, made at the first start.

All four have one form: a key a line, `<base64>` or `<key id> <base64>`, the current key first. The older
ones only open what they once wrapped, so rotation puts a new line on top, wraps anew, and then drops the
old line. A key's id is the first 8 bytes of its SHA-256, in hex; it tells keys apart and reveals none.
"""

import base64
import binascii
import fcntl
import hashlib
import os
import shlex
import subprocess
import tempfile
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from schemas.problems import NotFound, Refused

KEY_BYTES = 32
KEY_ID_BYTES = 8
FILE_NAME = "master.key"
COMMAND_TIMEOUT_S = 30.0


class MasterKeyMissing(Refused):
    code = "keys.master_missing"
    title = "There is no master key"
    sentence = "There is no master key at {path}. Start once with this home, or set CHATLOOM_MASTER_KEY."


class MasterKeyInvalid(Refused):
    code = "keys.master_invalid"
    title = "The master key cannot be read"
    sentence = (
        "{source}, line {line}: {why}. A line is the base64 of 32 bytes, with its key id before it or not."
    )


class MasterKeyExposed(Refused):
    code = "keys.master_exposed"
    title = "Others can read the master key"
    sentence = "Other users of this machine can read {path}. Run: chmod 600 {quoted}"


class MasterKeyUnreadable(Refused):
    code = "keys.master_unreadable"
    title = "The master key cannot be fetched"
    sentence = "{source} gave no key: {why}."


class MasterKeyInUse(Refused):
    code = "keys.master_in_use"
    title = "That master key is in use"
    sentence = "{key_id} is in use. Rotate first (chatloom keys rotate, chatloom vault rotate); then it can be retired."


@dataclass(frozen=True)
class MasterKeys:
    """The master keys that this process holds, by id. `current` wraps; the others only unwrap."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)
    source: str = "memory"

    @property
    def current_key(self) -> bytes:
        return self.keys[self.current]


def new_master_key() -> bytes:
    return os.urandom(KEY_BYTES)


def key_id(key: bytes) -> str:
    """The name of a key, safe to show: 16 hex digits of its SHA-256."""
    return hashlib.sha256(key).digest()[:KEY_ID_BYTES].hex()


def load_master_keys(home: Path, environ: Mapping[str, str], create: bool) -> MasterKeys:
    """The master keys from the first source that is set. `create` lets a home without a key get one."""
    if text := environ.get("CHATLOOM_MASTER_KEY"):
        return _parsed(text, "CHATLOOM_MASTER_KEY")
    if named := environ.get("CHATLOOM_MASTER_KEY_FILE"):
        return _read(Path(named))
    if command := environ.get("CHATLOOM_MASTER_KEY_COMMAND"):
        return _parsed(_printed(command), "CHATLOOM_MASTER_KEY_COMMAND")
    path = home / FILE_NAME
    if create and not path.exists():
        _create(path)
    return _read(path)


def load_again(masters: MasterKeys) -> MasterKeys:
    """The same source read anew, for a process that lives through a rotation.

    A key that came from the environment is as it was: it cannot change while the process lives.
    """
    if masters.source == "CHATLOOM_MASTER_KEY_COMMAND" and (command := os.environ.get(masters.source)):
        return _parsed(_printed(command), masters.source)
    if masters.source in ("memory", "CHATLOOM_MASTER_KEY", "CHATLOOM_MASTER_KEY_COMMAND"):
        return masters
    return _read(Path(masters.source))


def rotate_file(home: Path) -> MasterKeys:
    """Put a new key on top of the home's key file. What the older keys wrapped can still be opened."""
    path = home / FILE_NAME
    with _locked(home):
        key = new_master_key()
        _replace(path, [key, *_read(path).keys.values()])
        return _read(path)


def retire_file(home: Path, retired: str) -> MasterKeys:
    """Take an old key out of the home's key file. The caller knows that it wraps nothing any more."""
    path = home / FILE_NAME
    with _locked(home):
        masters = _read(path)
        if retired == masters.current:
            raise MasterKeyInUse(key_id=retired)
        if retired not in masters.keys:
            raise NotFound(what="master key", name=retired)
        _replace(path, [key for name, key in masters.keys.items() if name != retired])
        return _read(path)


def _read(path: Path) -> MasterKeys:
    try:
        with path.open("rb") as file:
            exposed = os.fstat(file.fileno()).st_mode & 0o077
            text = file.read().decode("ascii", "replace")
    except FileNotFoundError:
        raise MasterKeyMissing(path=str(path)) from None
    except OSError as error:
        raise MasterKeyUnreadable(source=str(path), why=error.strerror) from error
    if exposed:
        raise MasterKeyExposed(path=str(path), quoted=shlex.quote(str(path)))
    return _parsed(text, str(path))


def _parsed(text: str, source: str) -> MasterKeys:
    keys: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        try:
            key = base64.b64decode(words[-1], validate=True)
        except (binascii.Error, ValueError):
            raise MasterKeyInvalid(source=source, line=number, why="this is not base64") from None
        if len(key) != KEY_BYTES:
            raise MasterKeyInvalid(source=source, line=number, why=f"these are {len(key)} bytes")
        if words[:-1] not in ([], [key_id(key)]):
            raise MasterKeyInvalid(source=source, line=number, why="the key id is not this key's")
        keys[key_id(key)] = key
    if not keys:
        raise MasterKeyInvalid(source=source, line=1, why="there is no key")
    return MasterKeys(current=next(iter(keys)), keys=keys, source=source)


def _printed(command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=COMMAND_TIMEOUT_S,
            check=True,
        )
    except subprocess.TimeoutExpired:
        why = f"no answer in {COMMAND_TIMEOUT_S:.0f} s"
    except subprocess.CalledProcessError as error:
        why = f"it ended with status {error.returncode}"
    except (OSError, ValueError) as error:
        why = f"it cannot be run ({type(error).__name__})"
    else:
        return done.stdout.decode("ascii", "replace")
    raise MasterKeyUnreadable(source="CHATLOOM_MASTER_KEY_COMMAND", why=why)


def _create(path: Path) -> None:
    """Make the key file whole or not at all; whoever comes second keeps the first one's key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, [new_master_key()])
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def _replace(path: Path, keys: Iterable[bytes]) -> None:
    _draft(path, keys).replace(path)
    _sync_folder(path.parent)


def _draft(path: Path, keys: Iterable[bytes]) -> Path:
    """A synced file of mode 0600 beside `path`, or nothing."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with open(handle, "w", encoding="ascii") as file:
            file.writelines(f"{key_id(key)} {base64.b64encode(key).decode()}\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink()
        raise
    return draft


@contextmanager
def _locked(home: Path) -> Generator[None, None, None]:
    """One rotation at a time, or the later would drop the earlier one's new key."""
    try:
        folder = os.open(home, os.O_RDONLY)
    except OSError:
        raise MasterKeyMissing(path=str(home / FILE_NAME)) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
