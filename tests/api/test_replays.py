"""Real runs, replayed to a draft through HTTP and by the command."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.api.people import elsewhere, signed_in
from tests.api.talk import BOT, Talk
from tests.api.test_draft_trials import events
from tests.cli.calling import call
from tests.live import KEY, Live

MAIN = BOT["flows/main.yaml"]
PATH = MAIN.replace("id: ask,", "id: asks,")
CHANGED = MAIN.replace("You said {{ message.text }}.", "{{ message.text }}, you said.")
ENDED = MAIN.replace("{{ contact.name }}.'}}", "{{ contact.name }}.'}, next: stop}")
LOOP = MAIN.replace("{{ contact.name }}.'}}", "{{ contact.name }}.'}, next: hi}")


@pytest.fixture(scope="module")
def talk(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    """A number on which Ada and Bob said a word, and Cleo has not yet."""
    with server.client() as api:
        made = Talk(server, api)
        with made.served(tmp_path_factory.mktemp("number")):
            for who in ("Ada", "Bob", "Cleo"):
                made.hear(who, "hello", name=who)
                found = made.until_said(f"Say a word, {who}.")
                if who != "Cleo":
                    made.hear(who, "blue", name=who)
                    made.until_said("You said blue.", found)
            yield made


def replay(talk: Talk, main: str | None = None, **more: Any) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """What became of each run, and the summary."""
    files = {} if main is None else {"files": {**BOT, "flows/main.yaml": main}}
    body = {"number": talk.name, **files, **more}
    answer = talk.api.post(f"/api/v1/bots/{talk.name}/draft/replay", json=body)
    assert answer.status_code == 200, answer.text
    *runs, (name, summary) = events(answer, "replay")
    assert name == "summary"
    return [said for _, said in runs], summary


def test_the_version_that_made_them_makes_them_again(talk: Talk) -> None:
    for more in ({}, {"version": 1}):
        runs, summary = replay(talk, **more)
        assert summary == {"runs": 3, "same": 3, "wording": 0, "path": 0, "failed": 0, "ended": 0, "skipped": 0, "unfaithful": 0}  # fmt: skip
        assert [run["faithful"] for run in runs] == [True] * 3
    assert replay(talk, last=1)[1]["runs"] == 1


@pytest.mark.parametrize(
    ("main", "verdicts"),
    [
        (CHANGED, ["same", "wording", "wording"]),
        (PATH, ["path", "path", "path"]),
        (ENDED, ["ended", "ended", "ended"]),
        (LOOP, ["failed", "failed", "failed"]),
    ],
)
def test_what_a_draft_does_otherwise_is_told(talk: Talk, main: str, verdicts: list[str]) -> None:
    runs, _ = replay(talk, main)
    assert [run["verdict"] for run in runs] == verdicts


def test_transcripts_stand_side_by_side(talk: Talk) -> None:
    rows = replay(talk, CHANGED)[0][1]["rows"]
    assert rows[-1] == {
        "before": {"who": "bot", "text": "You said blue."},
        "after": {"who": "bot", "text": "blue, you said."},
    }
    assert {"who": "user", "text": "hello"} == rows[0]["before"] == rows[0]["after"]


def test_nothing_is_sent_or_kept_and_the_audit_tells(server: Live, talk: Talk) -> None:
    def kept() -> list[int]:
        with psycopg.connect(server.config.database_url) as db:
            tables = ("messages", "events", "outbox", "runs", "inbox")
            counts = (f"SELECT count(*) FROM {table} WHERE number_id = %s" for table in tables)
            return [db.execute(one, (talk.number,)).fetchone()[0] for one in counts]  # type: ignore[index,call-overload]

    before = kept()
    replay(talk, LOOP)
    assert kept() == before
    entry = talk.api.get("/api/v1/audit", params={"action": "bot.replay", "limit": 1}).json()["items"][0]
    assert (entry["target_name"], entry["changes"]) == (talk.name, {"number": talk.name, "runs": 3})


def test_what_cannot_be_replayed_is_refused(server: Live, talk: Talk) -> None:
    place = f"/api/v1/bots/{talk.name}/draft/replay"
    broken = {"number": talk.name, "files": {"bot.yaml": "x"}}
    assert talk.api.post(place, json=broken).json()["code"] == "bots.unfit"
    assert talk.api.post(place, json={"number": talk.name, "files": {"../x": ""}}).status_code == 422
    for body in ({"number": "nobody"}, {"number": talk.name, "version": 99}):
        assert talk.api.post(place, json=body).status_code == 404
    with server.client(None) as client:
        theirs = signed_in(client, elsewhere(server)).client
        assert theirs.post(place, json={"number": talk.name}).status_code == 404


def test_the_command_shows_what_differs(server: Live, talk: Talk, tmp_path: Any) -> None:
    for path, text in {**BOT, "flows/main.yaml": CHANGED}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)

    def run(*words: str) -> Any:
        known = {"CHATLOOM_SERVER": server.url, "CHATLOOM_OPERATOR_KEY": KEY}
        return call("replay", talk.name, "--number", talk.name, *words, **known)

    shown = run("--folder", str(tmp_path))
    assert shown.returncode == 0, shown.stderr
    assert "other words" in shown.stdout
    assert "You said blue." in shown.stdout
    assert "3 runs: 1 the same, 2 other words" in shown.stdout
    few = run("--folder", str(tmp_path), "--only", "path")
    assert few.stdout.splitlines() == ["3 runs: 1 the same, 2 other words"]
    assert json.loads(run("--json").stdout)["summary"]["same"] == 3
    (tmp_path / "flows/main.yaml").write_text(LOOP)
    assert run("--folder", str(tmp_path)).returncode == 1
    assert run("--only", "nothing").returncode == 2
    assert run("--version", "99").returncode == 3


def test_a_run_that_was_moved_is_replayed_as_far_as_its_first_version_went(server: Live, talk: Talk) -> None:
    moved = {**BOT, "flows/main.yaml": CHANGED, "README.md": "moved"}
    assert talk.api.put(f"/api/v1/bots/{talk.name}", json={"files": moved}).json()["version"] == 2
    body = {"in_flight": "migrate"}
    published = talk.api.post(f"/api/v1/bots/{talk.name}/versions/2/publish", json=body)
    assert published.status_code == 200, published.text
    conversation = talk.until_said("Say a word, Cleo.")
    talk.hear("Cleo", "green", name="Cleo")
    talk.until_said("green, you said.", conversation)
    runs, summary = replay(talk, MAIN)
    assert (summary["runs"], summary["same"], summary["unfaithful"]) == (3, 3, 0)
    assert {run["version"] for run in runs} == {1}
    assert replay(talk, version=2)[1]["wording"] == 2


def conversation_of(talk: Talk, name: str) -> str:
    return talk.until_said(f"Say a word, {name}.")


def test_a_conversation_is_saved_as_a_test(server: Live, talk: Talk) -> None:
    place = f"{talk.place}/{conversation_of(talk, 'Ada')}/save-as-test"
    answer = talk.api.post(place, json={"name": "Ada says blue"})
    assert answer.status_code == 200, answer.text
    saved = answer.json()
    assert (saved["bot"], saved["version"], saved["path"]) == (talk.name, 1, "tests/ada-says-blue.yaml")
    assert (saved["same_way"], "Ada" in saved["text"].partition("\n")[2]) == (True, False)
    assert "bot: Say a word, Alex." in saved["text"].replace('"', "")
    files = {**BOT, "README.md": "saved", saved["path"]: saved["text"]}
    pushed = talk.api.put(f"/api/v1/bots/{talk.name}-saved", json={"files": files})
    assert pushed.status_code == 201, pushed.text
    assert talk.api.post(f"/api/v1/bots/{talk.name}-saved/versions/1/publish").status_code == 200
    entry = talk.api.get("/api/v1/audit", params={"action": "conversation.save_as_test"}).json()["items"][0]
    assert entry["changes"] == {"run": saved["run"]}
    again = talk.api.post(place, json={"run": saved["run"]}).json()
    assert again["path"] == "tests/a-real-talk.yaml"
    nobodys = "0192f0c1-2222-7333-8444-555566667777"
    assert talk.api.post(place, json={"run": nobodys}).status_code == 404
    assert talk.api.post(f"{talk.place}/{nobodys}/save-as-test", json={}).status_code == 404
    with server.client(None) as client:
        theirs = signed_in(client, elsewhere(server)).client
        assert theirs.post(place, json={}).status_code == 404


def test_a_run_whose_beginning_is_gone_is_no_test(server: Live, talk: Talk) -> None:
    talk.hear("Dora", "hello", name="Dora")
    conversation = conversation_of(talk, "Dora")
    talk.hear("Dora", "red", name="Dora")
    talk.until_said("red, you said.", conversation)
    first = "SELECT id FROM events WHERE conversation_id = %s ORDER BY id LIMIT 1"
    with psycopg.connect(server.config.database_url) as db:
        db.execute(f"DELETE FROM events WHERE id = ({first})", (conversation,))
    refused = talk.api.post(f"{talk.place}/{conversation}/save-as-test", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "conversations.not_saved"), refused.text
    runs, summary = replay(talk, last=1)
    assert (summary["skipped"], runs[0]["why"]) == (1, "how it began is not kept any more")


def test_the_command_saves_a_test_into_a_folder(server: Live, talk: Talk, tmp_path: Any) -> None:
    def run(*words: str) -> Any:
        known = {"CHATLOOM_SERVER": server.url, "CHATLOOM_OPERATOR_KEY": KEY}
        return call("save-test", talk.name, conversation_of(talk, "Bob"), *words, **known)

    assert "test: a real talk" in run().stdout
    for path, text in BOT.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    done = run("--folder", str(tmp_path), "--name", "Bob")
    assert done.returncode == 0, done.stderr
    assert f"Written: {tmp_path}/tests/bob.yaml" in done.stdout
    assert run("--folder", str(tmp_path), "--name", "Bob").returncode == 2
    assert json.loads(run("--json").stdout)["same_way"] is True
    assert call("test", str(tmp_path)).returncode == 0
