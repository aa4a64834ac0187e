"""A process that commits through the library's SQLite into a vault, and says so, until it is killed.

Arguments: the folder, the live folder, the key in hex, how many bytes a commit adds, the largest file in bytes
(0: any). Prints `<row> <generation> <records>` after each commit that SQLite confirmed.
"""

import resource
import sys
from pathlib import Path
from uuid import UUID

from keys.master import MasterKeys, key_id
from sessions.vault import open_vault, opened
from sessions.vault.library import Connection
from sessions.vault.problems import SqliteFailed

FAILED = 1  # SQLITE_ERROR: the commit happened, its sealing failed


def main() -> None:
    folder, live, key, size, largest = Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:6]
    masters = MasterKeys(key_id(bytes.fromhex(key)), {key_id(bytes.fromhex(key)): bytes.fromhex(key)})

    opened.HOLD_S = 0  # this process has nobody who would close the vault meanwhile

    def say(*words: object) -> None:
        print(*words, flush=True)

    vault = open_vault(
        folder, live, masters, UUID(folder.name), None, on_fault=lambda fault: say("fault", fault)
    )
    connection = Connection(vault.path)
    connection.rows("CREATE TABLE IF NOT EXISTS steps (step INTEGER PRIMARY KEY, what BLOB)")
    if int(largest):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))
    step = 0
    while True:
        step += 1
        try:
            connection.rows(
                "INSERT INTO steps (what) VALUES (?)", (step.to_bytes(4, "big") * (int(size) // 4),)
            )
        except SqliteFailed as problem:
            say("refused", step, problem.facts["result"])
            if problem.facts["result"] != FAILED:
                break  # refused before it happened: the session has stopped
        else:
            say("step", step, *(vault.mark.generation, vault.mark.records))
    say("closed", vault.close(clean=False))


if __name__ == "__main__":
    main()
