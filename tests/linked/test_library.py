"""The library is loaded alone, and as it was installed. Each time in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.installation import ROOT
from tests.whatsapp import installed

LOAD = """
import socket, sys
socket.getaddrinfo = lambda *_, **__: sys.exit("it asks the net")
from sessions.linked_device import library
library.load()
"""
DEAR = "httpx", "requests", "segno", "rich", "linkpreview", "phonenumbers"


def loaded(then: str = "", first: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": f"{first}:{ROOT}"}
    return subprocess.run(
        [sys.executable, "-c", LOAD + then], env=environment, capture_output=True, text=True, check=False
    )


def copied(folder: Path, *changed: str) -> Path:
    """A copy of the package in `folder` that lacks what is to be changed."""
    (folder / "neonize").mkdir()
    for entry in installed.package().iterdir():
        if entry.name not in changed:
            (folder / "neonize" / entry.name).symlink_to(entry)
    return folder / "neonize"


def test_what_nobody_asks_of_it_is_not_loaded_with_it() -> None:
    done = loaded(f"sys.stdout.write(repr([name for name in {DEAR} if name in sys.modules]))")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]", "")


def test_others_get_what_it_was_loaded_without() -> None:
    done = loaded("import httpx, segno\nhttpx.URL('http://a.example'); segno.make('a')")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_binary_that_is_absent_is_not_taken_from_the_net(tmp_path: Path) -> None:
    copied(tmp_path, installed.library().name)
    done = loaded(first=tmp_path)
    assert "cannot be loaded: its binary is not there. Install" in done.stderr
    assert "asks the net" not in done.stderr


def test_a_binary_of_another_release_is_not_replaced_from_the_net(tmp_path: Path) -> None:
    package = copied(tmp_path, "download.py")
    written = (installed.package() / "download.py").read_text()
    (package / "download.py").write_text(written + '\n__GONEONIZE_VERSION__ = "0.0.0"\n')
    done = loaded(first=tmp_path)
    assert "cannot be loaded: " in done.stderr
    assert "version mismatch" in done.stderr
    assert "asks the net" not in done.stderr
