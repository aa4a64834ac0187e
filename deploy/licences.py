"""docs/licences.md: what an image holds, and under which licences, read off installed packages and the UI's lock file.

    python -m deploy.licences            write the tables anew
    python -m deploy.licences --check    end with 1 if they are out of date

A table stands between `<!-- listed: NAME -->` and `<!-- end -->`. Nothing is asked of a registry.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from packaging.markers import default_environment
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "licences.md"
PART = re.compile(r"(<!-- listed: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
LEFT_OUT = re.compile(r"--no-install-package (\S+)")
IMAGE = {**default_environment(), "python_version": "3.12", "python_full_version": "3.12.0",
         "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"}  # fmt: skip

# Packages whose metadata names no licence, from the file that they install.
UNNAMED = {"neonize": "Apache-2.0"}

# The Go modules in neonize's library, from the LICENSE file of each.
GO = {
    "filippo.io/edwards25519": "BSD-3-Clause",
    "github.com/beeper/argo-go": "MIT",
    "github.com/coder/websocket": "ISC",
    "github.com/elliotchance/orderedmap/v3": "MIT",
    "github.com/google/uuid": "BSD-3-Clause",
    "github.com/lib/pq": "MIT",
    "github.com/mattn/go-colorable": "MIT",
    "github.com/mattn/go-isatty": "MIT",
    "github.com/mattn/go-sqlite3": "MIT; SQLite itself is in the public domain",
    "github.com/petermattis/goid": "Apache-2.0",
    "github.com/rs/zerolog": "MIT",
    "github.com/vektah/gqlparser/v2": "MIT",
    "go.mau.fi/libsignal": "GPL-3.0",
    "go.mau.fi/util": "MPL-2.0",
    "go.mau.fi/whatsmeow": "MPL-2.0",
    "golang.org/x/crypto": "BSD-3-Clause",
    "golang.org/x/exp": "BSD-3-Clause",
    "golang.org/x/net": "BSD-3-Clause",
    "golang.org/x/sync": "BSD-3-Clause",
    "golang.org/x/sys": "BSD-3-Clause",
    "golang.org/x/text": "BSD-3-Clause",
    "google.golang.org/protobuf": "BSD-3-Clause",
}


def packages() -> dict[str, str]:
    """The Python packages of an image, by name, with their licences: the lock file's, less those left out."""
    left_out = sorted(set(LEFT_OUT.findall((ROOT / "Dockerfile").read_text())))
    command = [str(Path(sys.executable).with_name("uv")), "export", "--quiet", "--frozen", "--no-default-groups",
               "--no-emit-project", "--no-hashes", "--no-annotate", "--no-header",
               *(word for name in left_out for word in ("--no-emit-package", name))]  # fmt: skip
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603
    found: dict[str, str] = {}
    for wanted in map(Requirement, told.splitlines()):
        if wanted.marker is None or wanted.marker.evaluate(IMAGE):
            try:
                found[wanted.name] = licence(distribution(wanted.name))
            except PackageNotFoundError:
                sys.exit(f"{wanted.name} is not installed: run make setup")
    return dict(sorted(found.items()))


def licence(one: Distribution) -> str:
    """What a package says of its licence, in a few words."""
    told = cast("str | None", one.metadata.get("License-Expression"))
    if told:
        return told
    kinds = [line for line in one.metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    short = [line.split(" :: ")[-1] for line in kinds if not line.endswith("OSI Approved")]
    if short:
        return "; ".join(short)
    named = UNNAMED.get(one.name)
    text = cast("str | None", one.metadata.get("License")) or ""
    if named is None and (not text or "\n" in text.strip()):
        sys.exit(f"{one.metadata['Name']} names no licence: look it up, and add it to UNNAMED in {__file__}")
    return named or text.strip()


def go_modules() -> Iterator[tuple[str, str]]:
    """The Go modules in neonize's library, from the build information that Go leaves in it."""
    spec = find_spec("neonize")  # not imported: that starts the Go runtime
    folder = Path((spec.submodule_search_locations or [""])[0]) if spec else Path()
    library = next(folder.glob("neonize-*.so"), None)
    if library is None:
        sys.exit("neonize's library is not there: run make setup")
    for module in sorted(set(re.findall(rb"\ndep\t(\S+)\t", library.read_bytes()))):
        name = module.decode()
        if name not in GO:
            sys.exit(
                f"{name} is new in neonize's library: look its licence up, and add it to GO in {__file__}"
            )
        yield name, GO[name]


def npm() -> dict[str, str]:
    """The packages of which the web UI is built, by name: the lock file's, less what only builds and tests it."""
    lock = json.loads((ROOT / "admin_ui" / "package-lock.json").read_text())
    found: dict[str, str] = {}
    for path, one in lock["packages"].items():
        name = path.rpartition("node_modules/")[2]
        if not name or one.get("dev") or one.get("devOptional"):
            continue
        if "license" not in one:
            sys.exit(f"{name} names no licence in the lock file")
        found[name] = one["license"]
    return dict(sorted(found.items()))


def table(head: str, rows: dict[str, str]) -> str:
    lines = [f"| {head} | licence |", "|---|---|", *(f"| {name} | {what} |" for name, what in rows.items())]
    return "\n".join(lines) + "\n"


def main(check: bool) -> int:
    parts = {
        "python": table("package", packages()),
        "go": table("module", dict(go_modules())),
        "npm": table("package", npm()),
    }
    text = PAGE.read_text()
    anew = PART.sub(lambda hit: f"{hit[1]}\n{parts[hit[2]]}\n{hit[3]}", text)
    if check:
        if anew != text:
            print("docs/licences.md is out of date: run make schemas", file=sys.stderr)
        return int(anew != text)
    PAGE.write_text(anew)
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
