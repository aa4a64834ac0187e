"""The command line, as a person or a script calls it: what it says, its exit code."""

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import kind
from flows import kinds
from sessions import registry
from store import migrate
from tests.cli.calling import Called, call, printed, process
from tests.live import KEY, MASTER, live
from tests.servers import create_database, embedded_server

ANYTHING = {"json"}
Run = Any


@pytest.fixture(scope="module")
def run(database_url: str) -> Iterator[Run]:
    """Calls a command against a server of the test's own."""
    migrate.upgrade(database_url)
    with live(database_url) as server:

        def run(*words: str, stdin: str = "", **environment: str) -> Called:
            known = {"CHATLOOM_SERVER": server.url, "CHATLOOM_OPERATOR_KEY": KEY}
            return call(*words, stdin=stdin, **{**known, **environment})

        yield run


def test_a_number_is_set_up_by_commands(run: Run) -> None:
    pushed = printed(run("bots", "push", "bots/hello", "--publish", "--json"))
    assert (pushed["bot"], pushed["current"]) == ("hello", True)
    secrets = {"META_SECRET": "hush-1", "META_VERIFY": "hush-2", "TOKEN": "hush-3"}
    words = ["apps", "add", "meta", "--secret-env", "META_SECRET", "--verify-token-env", "META_VERIFY"]
    added = run(*words, **secrets)
    assert added.returncode == 0, added.stderr
    assert "/hooks/cloud_api/meta" in added.stdout
    words = (
        "numbers add --channel cloud_api --app meta --phone-number-id 123 --access-token-env TOKEN "
        "--base-url http://127.0.0.1:9 --bot hello --throttle off --max-sends off --pair-limit off --json"
    )
    number = printed(run(*words.split(), **secrets))
    said = run(*words.replace("--json", "--name other").replace("123", "124").split(), **secrets).stdout
    assert "/hooks/cloud_api/meta" in said
    assert "Verify token" in said
    assert number["settings"] == {
        "base_url": "http://127.0.0.1:9",
        "throttle": "off",
        "max_sends": "off",
        "pair_limit": "off",
    }
    shown = run("numbers", "list")
    assert "123" in shown.stdout
    assert "hush" not in shown.stdout + added.stdout
    assert printed(run("numbers", "pause", "123", "--json"))["desired"] == "paused"
    assert run("numbers", "remove", "123", "--yes").returncode == 0


def test_secrets_come_from_elsewhere_than_the_command_line(run: Run) -> None:
    assert printed(run("secrets", "set", "crm", "--env", "CRM", "--json", CRM="hush"))["name"] == "crm"
    assert run("secrets", "set", "crm", "--env", "NOTHING").returncode == 2
    assert run("secrets", "set", "crm").returncode == 2
    assert [row["name"] for row in printed(run("secrets", "list", "--json"))] == ["crm"]


def test_people_are_added_invited_and_removed(run: Run) -> None:
    words = ("users", "create", "ana@example.com", "--role", "admin", "--password-env", "WORD", "--json")
    assert printed(run(*words, WORD="unrelated words in a row"))["role"] == "admin"
    assert run(*words, WORD="short").returncode == 3
    assert run(*words, WORD="").returncode == 2
    asked = run(*words[:-3], stdin="unrelated words in a row\nunrelated words in a row\n")
    assert "'ana@example.com' already" in asked.stderr
    invited = printed(run("users", "invite", "nino@example.com", "--role", "agent", "--json"))
    said = run("users", "invite", "nino@example.com", "--role", "agent").stdout
    assert "chatloom users accept --server http://127.0.0.1" in said
    secrets = {"TOKEN": invited["token"], "WORD": "unrelated words in a row", "CHATLOOM_OPERATOR_KEY": ""}
    accept = ("users", "accept", "--token-env", "TOKEN", "--password-env", "WORD")
    assert run(*accept, **secrets).returncode == 0
    again = run(*accept, **secrets)
    assert again.returncode == 3
    assert "Ask for a new one" in again.stderr
    assert printed(run("users", "role", "nino@example.com", "editor", "--json"))["role"] == "editor"
    listed = {row["email"] for row in printed(run("users", "list", "--json"))}
    assert listed >= {"ana@example.com", "nino@example.com"}
    for sort in ("email", "-email"):
        rows = [row["email"] for row in printed(run("users", "list", "--sort", sort, "--json"))]
        assert rows == sorted(listed, reverse=sort == "-email")
    assert "email, -email" in run("users", "list", "--sort", "hair").stderr
    assert "cli_" in run("users", "reset", "nino@example.com").stdout
    assert run("users", "sign-out", "nino@example.com").returncode == 0
    assert run("users", "remove", "nino@example.com").returncode == 0
    assert run("users", "remove", "nino@example.com").returncode == 3


def test_an_api_key_is_made_used_and_revoked(run: Run) -> None:
    words = "api-keys create ci --role editor --scope bots --days 90 --json"
    made = printed(run(*words.split()))
    assert run("bots", "list", "--key", made["key"]).returncode == 0
    assert run("numbers", "list", "--key", made["key"]).returncode == 3
    assert made["key"] not in run("api-keys", "list").stdout
    assert run("api-keys", "revoke", made["id"]).returncode == 0
    assert run("bots", "list", "--key", made["key"]).returncode == 3


def test_lists_may_be_empty(run: Run) -> None:
    assert run("numbers", "add", "--name", "quiet", "--channel", "simulator").returncode == 0
    assert printed(run("dead-letters", "list", "--number", "quiet", "--json")) == []
    assert run("quarantine", "list").returncode == 0


def test_conversations_are_searched_where_that_is_allowed(run: Run) -> None:
    refused = run("conversations", "search", "blue", "sky")
    assert refused.returncode == 3
    assert "PUT /message-search" in refused.stderr
    assert printed(run("conversations", "searchable", "--json"))["state"] == "off"
    assert printed(run("conversations", "searchable", "--on", "--json"))["state"] == "indexing"
    assert printed(run("conversations", "search", "blue", "sky", "--json")) == []
    assert run("conversations", "search", "blue", "--number", "nowhere").returncode == 3
    assert run("conversations", "search").returncode == 2
    assert "clearing" in run("conversations", "searchable", "--off").stdout


def test_health_says_whether_somebody_answers(run: Run) -> None:
    assert printed(run("health"))["status"] == "ok"
    assert printed(run("health", "--ready"))["status"] == "ok"
    nobody = run("health", "--server", "http://127.0.0.1:9")
    assert nobody.returncode == 4
    assert "http://127.0.0.1:9" in nobody.stderr


def test_what_the_server_refuses_ends_with_3(run: Run) -> None:
    refused = run("numbers", "show", "nobody")
    assert refused.returncode == 3
    assert "nobody" in refused.stderr
    as_json = run("numbers", "show", "nobody", "--json")
    assert json.loads(as_json.stderr)["code"] == "not_found"
    assert run("bots", "list", CHATLOOM_OPERATOR_KEY="clk_wrong").returncode == 3


def test_a_bot_with_errors_is_not_published(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "bot.yaml").write_text("chatloom: flow/v1\nnonsense: 1\n")
    refused = run("bots", "push", str(broken), "--publish")
    assert refused.returncode == 3
    assert "bot.yaml" in refused.stderr


def folder_of(tmp_path: Path, name: str) -> Path:
    made = tmp_path / name
    shutil.copytree("bots/hello", made)
    (made / "README.md").write_text(f"{name}\n")
    return made


def test_versions_are_compared_published_and_rolled_back(run: Run, tmp_path: Path) -> None:
    path = folder_of(tmp_path, "rolled")
    words = ("bots", "publish", "rolled")
    printed(run("bots", "push", str(path), "--publish", "--json"))
    flow = next((path / "flows").glob("*.yaml"))
    flow.write_text(flow.read_text() + "  - {id: bye, action: send, with: {text: Bye}}\n")
    assert printed(run("bots", "push", str(path), "--json"))["version"] == 2
    compared = run("bots", "diff", "rolled", "1", "2")
    assert "added bye" in compared.stdout
    assert "+  - {id: bye" in compared.stdout
    tried = printed(run(*words, "--in-flight", "restart", "--dry-run", "--json"))
    assert (tried["version"], tried["dry_run"], tried["current"]) == (2, True, False)
    done = run(*words, "2", "--in-flight", "restart")
    assert "rolled version 2, published" in done.stdout
    assert "0 open runs go on with it, 0 stay" in run(*words, "2", "--in-flight", "migrate").stdout
    back = printed(run("bots", "rollback", "rolled", "--json"))
    assert (back["version"], back["before"], back["current"]) == (1, 2, True)
    assert run("bots", "rollback", "rolled").returncode == 3
    assert run("bots", "publish", "nothing-here").returncode == 3


def test_a_version_is_tried_with_a_share_of_the_contacts(run: Run, tmp_path: Path) -> None:
    path = folder_of(tmp_path, "tried")
    printed(run("bots", "push", str(path), "--publish", "--json"))
    (path / "README.md").write_text("two\n")
    printed(run("bots", "push", str(path), "--json"))
    canary = ("bots", "canary")
    assert "no version was ever tried" in run(*canary, "show", "tried").stdout
    assert printed(run(*canary, "show", "tried", "--json")) is None
    assert (
        "5 % of new runs get version 2 (open)" in run(*canary, "start", "tried", "2", "--percent", "5").stdout
    )
    assert run(*canary, "start", "tried", "2").returncode == 3
    assert "ended: aborted" in run(*canary, "abort", "tried").stdout
    assert printed(run(*canary, "start", "tried", "2", "--json"))["percent"] == 10
    assert "tried version 2, published" in run(*canary, "promote", "tried").stdout
    assert printed(run(*canary, "show", "tried", "--json"))["how"] == "promoted"


def test_a_draft_is_pulled_changed_and_pushed(run: Run, tmp_path: Path) -> None:
    mine = folder_of(tmp_path, "shared")
    theirs = tmp_path / "theirs"
    printed(run("bots", "draft", "push", str(mine), "--json"))
    taken = printed(run("bots", "draft", "pull", "shared", str(theirs), "--json"))
    assert "README.md" in taken["taken"]
    assert (theirs / "README.md").read_text() == "shared\n"
    (mine / "README.md").write_text("one\n")
    assert run("bots", "draft", "push", str(mine)).returncode == 0
    (theirs / "note.md").write_text("two\n")
    refused = run("bots", "draft", "push", str(theirs))
    assert refused.returncode == 1
    assert "conflict: README.md" in refused.stdout
    assert "Pull first" in refused.stdout
    pulled = printed(run("bots", "draft", "pull", "shared", str(theirs), "--json"))
    assert (pulled["taken"], pulled["kept"]) == (["README.md"], ["note.md"])
    assert (theirs / "README.md").read_text() == "one\n"
    assert run("bots", "draft", "push", str(theirs)).returncode == 0


def test_a_conflict_is_shown_and_a_person_decides(run: Run, tmp_path: Path) -> None:
    mine = folder_of(tmp_path, "torn")
    theirs = tmp_path / "theirs"
    assert run("bots", "draft", "push", str(mine)).returncode == 0
    assert run("bots", "draft", "pull", "torn", str(theirs)).returncode == 0
    (mine / "README.md").write_text("one\n")
    (mine / "gone.md").write_text("new\n")
    assert run("bots", "draft", "push", str(mine)).returncode == 0
    (theirs / "README.md").write_text("two\n")
    pull = ("bots", "draft", "pull", "torn", str(theirs))
    shown = run(*pull)
    assert shown.returncode == 1
    assert "-one" in shown.stdout
    assert "+two" in shown.stdout
    assert not (theirs / "gone.md").exists()
    assert run(*pull, "--keep", "both").returncode == 2
    assert printed(run(*pull, "--keep", "mine", "--json"))["conflicts"] == ["README.md"]
    assert (theirs / "README.md").read_text() == "two\n"
    assert run("bots", "draft", "push", str(theirs)).returncode == 0
    (mine / "README.md").write_text("three\n")
    (mine / "gone.md").unlink()
    assert run("bots", "draft", "pull", "torn", str(mine), "--keep", "theirs").returncode == 0
    assert (mine / "README.md").read_text() == "two\n"
    assert not (mine / "gone.md").exists()
    assert run("bots", "draft", "push", str(mine)).returncode == 0
    assert printed(run("bots", "draft", "pull", "torn", str(theirs), "--json"))["taken"] == ["gone.md"]
    assert not (theirs / "gone.md").exists()


def test_a_draft_writes_nothing_outside_its_folder(run: Run, tmp_path: Path) -> None:
    path = folder_of(tmp_path, "inner")
    assert run("bots", "draft", "push", str(path)).returncode == 0
    outside = tmp_path / "outside"
    outside.mkdir()
    link = tmp_path / "linked"
    link.mkdir()
    (link / "flows").symlink_to(outside)
    refused = run("bots", "draft", "pull", "inner", str(link))
    assert (refused.returncode, list(outside.iterdir())) == (5, [])


def test_no_server_ends_with_4() -> None:
    gone = call("bots", "list", CHATLOOM_SERVER="http://127.0.0.1:1", CHATLOOM_OPERATOR_KEY="x")
    assert gone.returncode == 4
    assert "http://127.0.0.1:1" in gone.stderr


@pytest.mark.parametrize(
    ("words", "environment", "code"),
    [
        (["bots", "list"], {"CHATLOOM_HOME": "/nowhere"}, 5),
        (["config", "check"], {"CHATLOOM_PORT": "many"}, 5),
        (["db", "status"], {}, 5),
        (["check", "/nowhere"], {}, 5),
        (["bots", "publish", "hello", "x"], {}, 2),
        (["nonsense"], {}, 2),
    ],
)
def test_exit_codes(words: list[str], environment: dict[str, str], code: int) -> None:
    assert call(*words, **environment).returncode == code


@pytest.mark.parametrize("words", [["kinds", "menu"], ["check", "/nowhere"], ["bots", "list", "--json"]])
def test_a_process_says_and_ends_as_these_calls_do(words: list[str], tmp_path: Path) -> None:
    own = {"CHATLOOM_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    here, there = call(*words, **own), process(*words, **own)
    assert (here.returncode, here.stdout, here.stderr) == (there.returncode, there.stdout, there.stderr)


def test_check_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text("chatloom: flow/v1\nnonsense: 1\n")
    done = call("check", str(tmp_path))
    assert done.returncode == 1
    assert "bot.yaml:2" in done.stdout
    assert json.loads(call("check", str(tmp_path), "--json").stdout)[0]["severity"] == "error"


def test_samples_pass() -> None:
    assert call("check", "bots/hello").returncode == 0
    assert call("test", "bots/hello").returncode == 0


def test_chat_without_a_server() -> None:
    done = call("chat", "bots/hello", stdin="hi\n/state\n/quit\n")
    assert done.returncode == 0, done.stderr
    assert "[1]" in done.stdout
    done = call("chat", "bots/hello", stdin="hi\n1\n")
    assert "the conversation is over" in done.stdout


def test_a_chat_begins_at_a_step_and_is_kept_as_a_test_that_does(tmp_path: Path) -> None:
    bot = tmp_path / "table-booking"
    shutil.copytree("bots/table-booking", bot)
    kept = bot / "tests" / "confirmed.yaml"
    data = {"day": "2030-05-04", "time": "20:00", "guests": 4, "name": "Ana"}
    begin = ("chat", str(bot), "--begin", "booking.confirm")
    done = call(*begin, "--data", json.dumps(data), "--record", str(kept), stdin="1\n")
    assert done.returncode == 0, done.stderr
    assert "Ana" in done.stdout
    assert "the conversation is over" in done.stdout
    assert "\nbegin: {flow: booking, step: confirm, data: {" in kept.read_text()
    done = call("test", str(bot), "--only", "confirmed")
    assert done.returncode == 0, done.stdout
    for given, why in (
        (("--begin", "booking.confrim"), "did you mean 'confirm'?"),
        ((*begin[2:], "--data", '{"guests": "many"}'), "begin.data.guests"),
        ((*begin[2:], "--data", "[1]"), "write an object"),
        ((*begin[2:], "--data", "{"), "this is not JSON"),
        (("--data", "{}"), "say which with --begin"),
    ):
        done = call("chat", str(bot), *given)
        assert done.returncode == 2
        assert why in " ".join(done.stderr.replace("│", "").split()), done.stderr


def test_a_bot_that_cannot_run_says_where(tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text("chatloom: flow/v1\nnonsense: 1\n")
    for command in ("chat", "test"):
        done = call(command, str(tmp_path))
        assert done.returncode == 1, done.stderr
        assert f"{tmp_path}/bot.yaml:2:" in done.stdout


def test_a_talk_that_differs_names_its_line(tmp_path: Path) -> None:
    shutil.copytree("bots/hello", tmp_path / "hello")
    talk = tmp_path / "hello" / "tests" / "hello.yaml"
    talk.write_text("test: a wish\ntalk:\n  - user: hi\n  - bot: {contains: Wine or beer}\n")
    done = call("test", str(tmp_path / "hello"))
    assert done.returncode == 1
    assert f"{talk}:4: failed: a wish" in done.stdout
    assert "Tea or coffee" in done.stdout
    found = json.loads(call("test", str(tmp_path / "hello"), "--json").stdout)["tests"]
    assert [(each["line"], each["transcript"][0]["who"]) for each in found] == [(4, "user")]


@pytest.mark.parametrize("name", [*kinds.actions(), *kinds.triggers(), *registry.names()])
def test_each_kind_is_shown(name: str) -> None:
    for each in kind.of(name):
        assert each.what
        assert each.kind == "channel" or each.example
        assert all(one.type != "anything" or one.name in ANYTHING for one in each.parameters)
        json.dumps(each.document())


def test_kinds() -> None:
    shown = call("kinds", "menu")
    assert "Outcomes of the example below: book, leave, other, timeout, undelivered" in shown.stdout
    assert printed(call("kinds", "menu", "--json"))[0]["kind"] == "action"
    assert call("kinds", "nonsense").returncode == 5


def test_a_wrong_key_is_told_from_no_server(run: Run) -> None:
    wrong = run("numbers", "list", CHATLOOM_OPERATOR_KEY="wrong")
    assert wrong.returncode == 3
    assert "does not know this key" in wrong.stderr
    missing = call("numbers", "list", CHATLOOM_HOME="/nowhere")
    assert "chatloom up" in missing.stderr
    assert json.loads(call("numbers", "list", "--json", CHATLOOM_HOME="/nowhere").stderr)["code"]


def test_config_masks_secrets() -> None:
    done = call(
        "config", "check", DATABASE_URL="postgresql://me:hush@127.0.0.1/x", CHATLOOM_OPERATOR_KEY="hush"
    )
    assert done.returncode == 0, done.stderr
    assert "hush" not in done.stdout + done.stderr
    assert "postgresql://me:***@127.0.0.1/x" in done.stdout


def test_db_status_and_upgrade(database_url: str) -> None:
    assert call("db", "upgrade", DATABASE_URL=database_url).returncode == 0
    assert printed(call("db", "status", "--json", DATABASE_URL=database_url))["pending"] == []


def test_keys_are_rotated(tmp_path: Path) -> None:
    url = create_database(embedded_server(), "key_rotation")
    migrate.upgrade(url)
    (tmp_path / "master.key").write_text(base64.b64encode(MASTER).decode())
    (tmp_path / "master.key").chmod(0o600)
    with live(url):
        pass  # makes the workspace and its data key
    environment = {"CHATLOOM_HOME": str(tmp_path), "DATABASE_URL": url}
    before = printed(call("keys", "status", "--json", **environment))
    assert list(before["wrapped"].values()) == [before["current"]]
    rotated = printed(call("keys", "rotate", "--json", **environment))
    assert rotated["wrapped_anew"] == 1
    assert call("keys", "rotate", "--retire", before["current"], **environment).returncode == 0
    after = printed(call("keys", "status", "--json", **environment))
    assert after["loaded"] == list(after["wrapped"].values()) == [rotated["current"]]


def commands() -> list[list[str]]:
    import typer.main

    from cli.main import build

    def walk(command: Any, path: list[str]) -> list[list[str]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            return [path]
        return [found for name, each in inner.items() for found in walk(each, [*path, name])]

    return walk(typer.main.get_command(build()), [])


def test_every_command_explains_itself() -> None:
    for path in commands():
        shown = call(*path, "--help").stdout
        assert "Example: " in shown, path
        assert "Exit codes" in shown, path
