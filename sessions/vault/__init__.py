"""The vault: where the session of a linked number rests, sealed.

**What it protects.** A linked device's session (identity keys, Signal ratchets, prekeys, app-state keys) is a
key to somebody's WhatsApp account. Whoever reads the volume, a backup or a lost disk gets nothing. Whoever can
alter the volume cannot make us use an old session, or another number's. No crash loses a ratchet step: that
would not be a nuisance but silent loss, since a contact's phone drops as many of our next messages as we have
forgotten steps.

**From whom it does not protect.** From who reads the memory of the running process, or its tmpfs: root, and
our own user. From who holds the master key. From who can delete the volume: that loses the session, and it is
said, never passed over by showing a new QR code. Somebody who can write to the volume may cut off the end of
the newest file, down to what the database's mark (`sessions.driver.Mark`) knows of: at a clean stop that is
everything, after a kill the last minute's steps.

**How.** While a session is open its database lives in memory only, in a file in tmpfs. neonize's library
exports the functions of the SQLite in it, so we hook its own connections (`hooks.py`): after each commit,
in the committing thread, and before the library goes on, the new frames of the write-ahead log (`wal.py`) are
sealed into the number's file (`sealed_file.py`) and synced. So what leaves for WhatsApp leaves after the state
behind it is on disk. One commit shares the seal of the next: of the two before a message goes out, the first. Checkpoints are ours. `generations.py` makes a new file at each opening, at each rotation
of the master key, when a phone is linked, and when the file has grown. `spool.py` keeps, sealed the same way,
what came in and is not in the inbox yet. `offline.py` is what `chatloom vault` does.

**Rejected.** Snapshots now and then, or shipping changes a moment later: both lose ratchet steps. The session
in PostgreSQL: keys in clear in tables, logs, replicas and backups, and a point-in-time restore loses steps.
LUKS or FUSE: need privileges that a container lacks.

For a driver:

    vault = open_vault(hosting.vault, hosting.live, hosting.masters, number_id, hosting.mark)
    NewClient(vault.database)           # the name of neonize's database
    vault.spool.append(event)           # from any thread, before anything else is done with an event
    vault.select("SELECT …", (…))       # never open the live file with Python's sqlite3
    vault.renew()                       # after a phone was linked: binds the vault to the account
    vault.destroy() or vault.close()

`open_vault` and all of it block (files, fdatasync): call them in a thread. Nothing here logs keys or messages.
"""

from sessions.vault.opened import OpenVault, open_vault
from sessions.vault.problems import (
    LiveFolderUnfit,
    SpoolFull,
    VaultBroken,
    VaultForeign,
    VaultInUse,
    VaultKeyUnknown,
    VaultMissing,
    VaultRolledBack,
    VaultUnsettled,
    VaultUnsupported,
    VaultUnwritable,
)
from sessions.vault.spool import Spool

__all__ = [
    "LiveFolderUnfit",
    "OpenVault",
    "Spool",
    "SpoolFull",
    "VaultBroken",
    "VaultForeign",
    "VaultInUse",
    "VaultKeyUnknown",
    "VaultMissing",
    "VaultRolledBack",
    "VaultUnsettled",
    "VaultUnsupported",
    "VaultUnwritable",
    "open_vault",
]
