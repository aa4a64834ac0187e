"""`chatloom sandbox` where it cannot be, and what it takes from the environment."""

import os
from dataclasses import replace
from pathlib import Path
from typing import ClassVar
from unittest.mock import MagicMock

import pytest

from cli import everything, sandbox
from cli.settings import Settings, load


def test_without_the_development_packages_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "NEEDED", ("neonize", "no_such_package"))
    with pytest.raises(sandbox.SandboxNotHere, match=r"no_such_package.*make setup"):
        sandbox.run(load())


def test_in_an_image_without_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sandbox, "ROOT", tmp_path)
    with pytest.raises(sandbox.SandboxNotHere, match=r"serve\.py"):
        sandbox.run(load())


def test_it_stands_on_nothing_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Phones:
        environment: ClassVar[dict[str, str]] = {"HTTPS_PROXY": "http://127.0.0.1:9"}
        welcome = end = MagicMock()

    began: list[Settings] = []
    elsewhere = {
        "DATABASE_URL": "postgresql://prod/x",
        "CHATLOOM_KEY": "clk_prod",
        "CHATLOOM_MASTER_KEY": "prod",
    }
    for name, value in (
        elsewhere | {"HTTPS_PROXY": "", "CHATLOOM_HOME": str(tmp_path), "CHATLOOM_PORT": "9"}
    ).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sandbox, "_Phones", Phones)
    monkeypatch.setattr(everything, "run", lambda settings, _: began.append(settings))
    sandbox.run(replace(load(), log_level="error"))
    assert not elsewhere.keys() & os.environ.keys()
    assert (began[0].key, began[0].database_url, began[0].port, began[0].log_level) == ("", "", 9, "error")
    assert began[0].home != tmp_path
