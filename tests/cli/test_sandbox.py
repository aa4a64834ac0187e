"""`chatloom sandbox` where it cannot be."""

from pathlib import Path

import pytest

from cli import sandbox
from cli.settings import load


def test_without_the_development_packages_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "NEEDED", ("neonize", "no_such_package"))
    with pytest.raises(sandbox.SandboxNotHere, match=r"no_such_package.*make setup"):
        sandbox.run(load())


def test_in_an_image_without_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sandbox, "ROOT", tmp_path)
    with pytest.raises(sandbox.SandboxNotHere, match=r"serve\.py"):
        sandbox.run(load())
