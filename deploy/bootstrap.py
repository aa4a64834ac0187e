"""Make the project's virtual environment anew and put uv into it. Needs Python 3.11 or later and nothing else.

Debian's Python comes without `ensurepip`: then pip is taken from where it is, or the person is told the one
package that is missing. Usage: bootstrap.py VENV UV_VERSION
"""

import subprocess
import sys
import venv
from pathlib import Path


def main(folder: Path, uv_version: str) -> int:
    python = folder / "bin" / "python"
    requirement = f"uv=={uv_version}"
    quiet = ["--quiet", "--disable-pip-version-check"]
    print("Setting up Chatloom (once)…", file=sys.stderr)
    try:
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", *quiet, requirement]
    except (subprocess.CalledProcessError, ModuleNotFoundError):
        venv.create(folder, with_pip=False, clear=True)
        command = [sys.executable, "-m", "pip", "--python", str(python), "install", *quiet, requirement]
    done = subprocess.run(command)  # noqa: S603
    if done.returncode == 0:
        return 0
    print(
        "Could not install uv into the project's virtual environment. If Python says that pip or ensurepip "
        "is missing, install it (on Debian and Ubuntu: apt install python3-venv) and run make again.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
