"""The real client, as in `tests/whatsapp/client.py`, with its session in a vault.

Arguments: the number's folder on the volume, its folder in memory, the file of the master key.
"""

# pyright: reportMissingTypeStubs=false

import os
import sys
import threading
import time
from pathlib import Path
from uuid import UUID

from keys.master import load_master_keys
from schemas.problems import Problem
from sessions.vault import open_vault
from tests.whatsapp import client as whatsapp

HEAR_OUT_S = 1.0


def main() -> None:
    folder, live, key_file = map(Path, sys.argv[1:4])
    masters = load_master_keys(folder, {"CHATLOOM_MASTER_KEY_FILE": str(key_file)}, create=False)

    def on_fault(problem: Problem) -> None:
        whatsapp.say("fault", why=str(problem))
        threading.Thread(target=stop).start()

    def stop() -> None:
        client.disconnect()
        vault.let_go()
        time.sleep(HEAR_OUT_S)
        client.stop()

    vault = open_vault(
        folder,
        live,
        masters,
        UUID(folder.name),
        None,
        on_fault=on_fault,
        on_sealed=lambda seconds: whatsapp.say("sealed", ms=1000 * seconds),
    )
    client = whatsapp.neonize_client.NewClient(vault.database, uuid="test")
    whatsapp.listen(client)
    threading.Thread(target=whatsapp.obey, args=(client,), daemon=True).start()
    client.connect()
    mark = vault.close()
    whatsapp.say("closed", generation=mark.generation, records=mark.records)
    os._exit(0)


if __name__ == "__main__":
    main()
