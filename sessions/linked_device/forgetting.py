"""What the library remembers of people, taken out of its database.

whatsmeow names a person by digits, alone (`whatsmeow_lid_map`) or with what follows them in an address: `@server` and
`:device@server` in JIDs, `:device` and `_1:device` in the addresses of Signal sessions, identity keys and sender keys
(types/jid.go, store/sqlstore/upgrades). So a row is his where a column of text begins so; `our_jid` says whose session
it is. The library keeps much of it in memory too: no client may have the database open.
"""

from collections.abc import Iterable

from schemas.messages import Identity
from sessions.vault.library import Connection

_KINDS = ("phone", "lid")
_AFTER = "@:._"
_NOT_OF_PEOPLE = ("whatsmeow_device", "whatsmeow_version")
_PAIR = "SELECT lid, pn FROM whatsmeow_lid_map WHERE lid = ? OR pn = ?"


def forget(session: Connection, people: Iterable[Identity]) -> int:
    """Delete what names these people, and write the database anew without what was deleted; how many rows went."""
    users = {one.value for one in people if one.kind in _KINDS and one.value}
    tables = [
        str(name)
        for (name,) in session.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if str(name).startswith("whatsmeow_") and name not in _NOT_OF_PEOPLE
    ]
    if not users or not tables:
        return 0
    for user in tuple(users):
        users.update(str(one) for pair in session.rows(_PAIR, (user, user)) for one in pair)
    for account in session.rows("SELECT jid, lid FROM whatsmeow_device"):
        users -= {str(one or "").partition("@")[0].partition(":")[0].partition(".")[0] for one in account}
    gone = 0
    for table in tables:
        columns = [str(row[1]) for row in session.rows(f"PRAGMA table_info({table})") if row[2] == "TEXT"]
        for column in columns:
            if column != "our_jid":
                gone += sum(_delete(session, table, column, user) for user in sorted(users))
    session.rows("PRAGMA temp_store = MEMORY")  # what VACUUM copies must reach no disk
    session.rows("VACUUM")
    return gone


def _delete(session: Connection, table: str, column: str, user: str) -> int:
    begins = ", ".join("?" for _ in _AFTER)
    session.rows(
        f"DELETE FROM {table} WHERE {column} = ? OR substr({column}, 1, ?) IN ({begins})",  # noqa: S608  the library's names
        (user, len(user) + 1, *(user + one for one in _AFTER)),
    )
    return int(session.rows("SELECT changes()")[0][0] or 0)
