"""Forks the processes that load the Go library, from one in which all else that they import is loaded.

To import it costs each of them about half a second of CPU. What a child gets is what an executed process would have:
its module as `__main__`, its folder and error output, and the test at the other end of its input and output; the library
is loaded after the fork, for its threads do not survive one. The environment is the nursery's: Go reads the one that
the process was executed with.

Run as a module. One argument: the descriptor of a socket on
which orders come, each with three more: the child's input, output and error output. The answer is a descriptor by
which the child is killed and waited for (Linux's pidfd).
"""

import asyncio
import contextlib
import gc
import importlib
import json
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from sessions.linked_device import protobufs

LOADED = (
    "concurrent.futures.thread",
    "linkpreview",
    "phonenumbers",
    "pylibmagic",
    "requests",
    "segno",
    "sessions.drivers.linked_device",
    "tqdm",
)


class Born:
    """A child, as `asyncio.subprocess.Process` shows one."""

    def __init__(self, handle: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.stdout, self.stdin = reader, writer
        self._handle = handle
        self._gone = asyncio.Event()
        asyncio.get_running_loop().add_reader(handle, self._ends)

    def kill(self) -> None:
        """SIGKILL."""
        if not self._gone.is_set():
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    async def wait(self) -> None:
        """Until it has ended."""
        await self._gone.wait()

    def _ends(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        self._gone.set()


@dataclass
class Nursery:
    """The test's side. Its process starts with the first child. `environment`: of all children, with the copy of
    neonize first on PYTHONPATH."""

    environment: dict[str, str]
    _lines: list[tuple[subprocess.Popen[bytes], socket.socket]] = field(
        default_factory=list[tuple[subprocess.Popen[bytes], socket.socket]]
    )

    async def bear(self, module: str, *arguments: str, cwd: Path, log: TextIO) -> Born:
        """A child that runs the module."""
        order = json.dumps([module, arguments, str(cwd)]).encode()
        (its_input, into), (out, its_output) = os.pipe(), os.pipe()
        try:
            handle = await asyncio.to_thread(self._order, order, [its_input, its_output, log.fileno()])
        finally:
            os.close(its_input)
            os.close(its_output)
        loop, reader = asyncio.get_running_loop(), asyncio.StreamReader(limit=1 << 24)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(out, "rb", 0))
        transport, protocol = await loop.connect_write_pipe(
            lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), os.fdopen(into, "wb", 0)
        )
        return Born(handle, reader, asyncio.StreamWriter(transport, protocol, None, loop))

    def close(self) -> None:
        """End it. Its children know nothing of that."""
        for process, line in self._lines:
            line.close()
            process.wait()

    def _order(self, order: bytes, descriptors: list[int]) -> int:
        if not self._lines:
            self._start()
        _, line = self._lines[0]
        socket.send_fds(line, [order], descriptors)
        _, (handle, *_), _, _ = socket.recv_fds(line, 1, 1)
        return handle

    def _start(self) -> None:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__, str(its.fileno())],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
            )
        self._lines.append((process, ours))


def main() -> None:
    """Bear a child for each order, until nobody can order any more."""
    line = socket.socket(fileno=int(sys.argv[1]))
    for name in LOADED:
        importlib.import_module(name)
    protobufs.neonize()
    gc.freeze()
    while True:
        order, descriptors, _, _ = socket.recv_fds(line, 1 << 16, 3)
        if not order:
            return
        child = os.fork()
        if not child:
            line.close()
            _live(order, descriptors)
        handle = os.pidfd_open(child)
        socket.send_fds(line, [b"."], [handle])
        for each in (handle, *descriptors):
            os.close(each)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _live(order: bytes, descriptors: list[int]) -> None:
    """What the child does; it never returns."""
    module, arguments, cwd = json.loads(order)
    for wanted, given in enumerate(descriptors):
        os.dup2(given, wanted)
    os.closerange(3, max(descriptors) + 1)
    os.chdir(cwd)
    sys.argv[1:] = arguments
    random.seed()
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
