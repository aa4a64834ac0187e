"""Our own connections to a live database, and what we ask of it."""

from pathlib import Path

from keys.file_key import new_secret
from sessions.vault.library import Connection
from sessions.vault.wal import Wal

_OUR_TABLE = "CREATE TABLE IF NOT EXISTS chatloom_vault (secret BLOB NOT NULL)"


class Connections:
    """Our own connections to the live database, which the hooks do not watch, and the log."""

    def __init__(self, path: Path) -> None:
        self.keeper = Connection(path)  # also keeps the log from being deleted with the last other connection
        self.gate = Connection(path)
        self.reader = Connection(path)
        for each in (self.keeper, self.gate, self.reader):
            each.rows("PRAGMA synchronous=OFF")
        self.keeper.rows("PRAGMA journal_mode=WAL")
        self.keeper.rows(_OUR_TABLE)  # the first statement makes the log
        ((page_size,),) = self.keeper.rows("PRAGMA page_size")
        self.wal = Wal(path.with_name(path.name + "-wal"), int(page_size or 0))

    def image(self) -> bytes:
        """The whole database. Nobody else has it open yet, or the gate is shut."""
        return self.gate.image()

    def close(self) -> None:
        self.wal.close()
        for each in (self.reader, self.gate, self.keeper):
            each.close()


def linked_jid(connection: Connection) -> str:
    """The account that the library has linked, or an empty text."""
    table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'whatsmeow_device'"
    if not connection.rows(table):
        return ""
    rows = connection.rows("SELECT jid FROM whatsmeow_device ORDER BY jid LIMIT 1")
    return str(rows[0][0]) if rows else ""


def secret_in(connection: Connection) -> bytes:
    """The session's own secret, made with an empty session."""
    rows = connection.rows("SELECT secret FROM chatloom_vault")
    if not rows:
        connection.rows("INSERT INTO chatloom_vault VALUES (?)", (new_secret(),))
        return secret_in(connection)
    (secret,) = rows[0]
    assert isinstance(secret, bytes)
    return secret
