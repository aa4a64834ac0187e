"""Commands in one's own name: sign in, be known, stay signed in, sign out."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cli import everything, samples
from cli.settings import Settings
from store import migrate
from tests.cli.calling import call, printed, process
from tests.live import KEY, Live, live

WORD = "unrelated words in a row"


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[Live]:
    migrate.upgrade(database_url)
    with live(database_url) as running:
        yield running


@pytest.fixture
def email(server: Live, request: pytest.FixtureRequest) -> str:
    """An editor's address."""
    email = f"{request.node.name.replace('_', '-')}@example.com"
    with server.client() as api:
        body = {"email": email, "name": "Ana", "role": "editor", "password": WORD}
        assert api.post("/api/v1/users", json=body).status_code == 201
    return email


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Calls a command on a laptop: with no home, no operator's key, and a config folder of its own."""

    return partial(call, **laptop(tmp_path))


def laptop(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path / "config"), "CHATLOOM_HOME": str(tmp_path / "home")}


def sign_in(run: Any, server: Live, email: str, *words: str) -> Any:
    login = ("login", server.url, "--email", email, "--password-env", "WORD", "--json", *words)
    return printed(run(*login, WORD=WORD))


def file_of(tmp_path: Path) -> Path:
    return tmp_path / "config" / "chatloom" / "servers.json"


def test_a_bot_is_pushed_in_ones_own_name(run: Any, server: Live, email: str, tmp_path: Path) -> None:
    assert sign_in(run, server, email, "--name", "prod")["profile"] == "prod"
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600
    assert WORD not in file_of(tmp_path).read_text()
    assert printed(run("health", "--server", "prod"))["status"] == "ok"
    assert run("health", CHATLOOM_SERVER="prod").returncode == 0
    assert run("health", "--server", "staging").returncode == 4
    who = printed(run("whoami", "--server", "prod", "--json"))
    assert (who["kind"], who["name"], who["server"]) == ("person", "Ana", server.url)
    assert printed(run("bots", "push", "bots/hello", "--json"))["bot"] == "hello"  # the last one signed in at
    assert run("users", "list").returncode == 3  # an editor


def test_the_password_is_asked_for(run: Any, server: Live, email: str) -> None:
    done = run("login", server.url, stdin=f"{email}\n{WORD}\n")
    assert done.returncode == 0, done.stderr
    wrong = run("login", server.url, stdin=f"{email}\nanother word\n")
    assert wrong.returncode == 3
    assert WORD not in done.stdout


def test_one_stays_signed_in_also_where_commands_run_at_once(
    run: Any, server: Live, email: str, tmp_path: Path
) -> None:
    sign_in(run, server, email)
    kept = json.loads(file_of(tmp_path).read_text())
    kept[server.url]["until"] = 0
    file_of(tmp_path).write_text(json.dumps(kept))
    with ThreadPoolExecutor() as pool:
        codes = list(pool.map(lambda _: process("whoami", **laptop(tmp_path)).returncode, range(4)))
    assert codes == [0] * 4
    turned = json.loads(file_of(tmp_path).read_text())[server.url]
    assert turned["refresh"] != kept[server.url]["refresh"]
    assert turned["until"] > 0


def test_who_signed_out_is_out(run: Any, server: Live, email: str, tmp_path: Path) -> None:
    sign_in(run, server, email, "--name", "prod")
    kept = file_of(tmp_path).read_text()
    assert printed(run("logout", "--server", "prod", "--json")) == {"signed_out": server.url}
    assert run("logout", "--server", server.url).returncode == 5
    assert run("whoami", "--server", server.url).returncode == 5
    file_of(tmp_path).write_text(kept)  # somebody's copy
    assert run("whoami", "--server", "prod").returncode == 3


def test_who_was_signed_out_elsewhere_is_told_what_to_do(
    run: Any, server: Live, email: str, tmp_path: Path
) -> None:
    sign_in(run, server, email)
    with server.client() as api:
        assert api.delete(f"/api/v1/users/{email}/sign-ins").status_code == 204
    kept = json.loads(file_of(tmp_path).read_text())
    kept[server.url]["until"] = 0
    file_of(tmp_path).write_text(json.dumps(kept))
    done = run("whoami")
    assert done.returncode == 5
    assert f"chatloom login {server.url}" in done.stderr


def test_what_others_can_read_is_refused(run: Any, server: Live, email: str, tmp_path: Path) -> None:
    sign_in(run, server, email)
    os.chmod(file_of(tmp_path), 0o644)
    done = run("whoami", "--server", server.url)
    assert done.returncode == 5
    assert "Delete it" in done.stderr


def test_a_program_has_its_key_in_the_environment(run: Any, server: Live) -> None:
    with server.client() as api:
        made = api.post("/api/v1/api-keys", json={"name": "ci of commands", "role": "editor"}).json()
    who = printed(run("whoami", "--json", CHATLOOM_KEY=made["key"], CHATLOOM_SERVER=server.url))
    assert (who["kind"], who["name"]) == ("api_key", "ci of commands")


def test_up_calls_as_the_operator_whoever_is_signed_in_there(
    run: Any, server: Live, email: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(run, server, email)
    kept = json.loads(file_of(tmp_path).read_text())
    kept[server.url]["access"] = "of another server that was at this address"
    file_of(tmp_path).write_text(json.dumps(kept))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(samples, "BOTS", tmp_path / "none")
    for key in ("", "clk_of-another-server"):
        settings = Settings(home=tmp_path / "home", key=key, operator_key=KEY, server="http://127.0.0.1:9")
        assert everything.SAMPLES.prepare(settings, server.url) == ""
