"""Prints, as JSON, the modules that a supervisor's child holds before it does anything."""

import json
import multiprocessing
import sys
from multiprocessing.connection import Connection

from runtime.supervisor import PRELOAD


def tell(pipe: Connection) -> None:
    """What the child runs."""
    pipe.send(sorted(sys.modules))


if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    ours, theirs = context.Pipe()
    process = context.Process(target=tell, args=(theirs,))
    process.start()
    theirs.close()
    print(json.dumps(ours.recv()))
    process.join()
