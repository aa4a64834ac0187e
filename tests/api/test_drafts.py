"""Drafts, through HTTP: saved whole, file by file and as archives; and two people at once."""

import io
import itertools
import zipfile
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.live import Live

HELLO = {
    path.relative_to("bots/hello").as_posix(): path.read_text()
    for path in sorted(Path("bots/hello").rglob("*.yaml"))
}
NEW = {"If-None-Match": "*"}
_count = itertools.count()


def fresh() -> str:
    return f"draft-{next(_count)}"


def at(name: str, rest: str = "") -> str:
    return f"/api/v1/bots/{name}/draft{rest}"


@pytest.fixture
def bot(api: httpx.Client) -> str:
    """A bot with a draft and no version."""
    name = fresh()
    assert api.put(at(name), json={"files": HELLO}, headers=NEW).status_code == 201
    return name


def test_a_draft_is_what_was_saved(api: httpx.Client, bot: str) -> None:
    shown = api.get(at(bot))
    assert shown.json()["files"] == HELLO
    assert shown.headers["etag"] == f'"{shown.json()["etag"]}"'
    assert set(shown.json()["etags"]) == set(HELLO)
    saved = api.put(at(bot), json={"files": {"a.md": "x"}}, headers={"If-Match": shown.headers["etag"]})
    assert (saved.status_code, saved.json()["files"]) == (200, {"a.md": "x"})
    assert saved.headers["etag"] == api.get(at(bot)).headers["etag"] != shown.headers["etag"]
    assert saved.json()["changed_by"] == "operator"


def test_a_bot_that_nobody_works_on_has_its_newest_version_as_draft(api: httpx.Client) -> None:
    name = fresh()
    api.put(f"/api/v1/bots/{name}", json={"files": {**HELLO, "a.md": name}})
    draft = api.get(at(name)).json()
    assert (draft["files"], draft["base_version"]) == ({**HELLO, "a.md": name}, 1)
    tag = draft["etags"]["a.md"]
    mine = {"If-Match": f'"{tag}"'}
    assert api.put(at(name, "/files/a.md"), json={"text": "one"}, headers=mine).status_code == 200
    late = api.put(at(name, "/files/a.md"), json={"text": "two"}, headers=mine)
    assert (late.status_code, late.json()["base"], late.json()["theirs"]) == (412, name, "one")


def test_two_people_on_one_file_get_what_a_merge_needs(api: httpx.Client, bot: str) -> None:
    path = at(bot, "/files/flows/notes.md")
    first = api.put(path, json={"text": "base\n"}, headers=NEW)
    mine = {"If-Match": first.headers["etag"]}
    assert api.put(path, json={"text": "base\ntheirs\n"}, headers=mine).status_code == 200
    late = api.put(path, json={"text": "mine\nbase\n"}, headers=mine)
    said = late.json()
    assert (late.status_code, said["code"]) == (412, "precondition.failed")
    assert (said["base"], said["theirs"]) == ("base\n", "base\ntheirs\n")
    merged = api.put(path, json={"text": "mine\nbase\ntheirs\n"}, headers={"If-Match": said["etag"]})
    assert merged.status_code == 200
    assert api.get(path).json()["text"] == "mine\nbase\ntheirs\n"


def test_two_people_on_two_files_do_not_meet(api: httpx.Client, bot: str) -> None:
    tags = api.get(at(bot)).json()["etags"]
    for path in tags:
        saved = api.put(
            at(bot, f"/files/{path}"), json={"text": "x"}, headers={"If-Match": f'"{tags[path]}"'}
        )
        assert saved.status_code == 200, path


def test_two_people_on_the_whole_get_what_a_merge_needs(api: httpx.Client, bot: str) -> None:
    mine = {"If-Match": api.get(at(bot)).headers["etag"]}
    assert api.put(at(bot), json={"files": {"a.md": "theirs"}}, headers=mine).status_code == 200
    late = api.put(at(bot), json={"files": {"a.md": "mine"}}, headers=mine)
    assert late.status_code == 412
    assert (late.json()["base"], late.json()["theirs"]) == (HELLO, {"a.md": "theirs"})


def test_nobody_saves_unawares(api: httpx.Client, bot: str) -> None:
    for answer in (
        api.put(at(bot), json={"files": {}}),
        api.put(at(fresh()), json={"files": {}}),
        api.put(at(bot, "/files/bot.yaml"), json={"text": ""}),
        api.delete(at(bot, "/files/bot.yaml")),
    ):
        assert (answer.status_code, answer.json()["code"]) == (428, "precondition.missing")
    weak = {"If-Match": f"W/{api.get(at(bot)).headers['etag']}"}
    assert api.put(at(bot), json={"files": {}}, headers=weak).status_code == 428
    assert api.put(at(bot), json={"files": {}}, headers=NEW).status_code == 412
    assert api.get(at(bot)).json()["files"] == HELLO


def test_a_file_is_removed(api: httpx.Client, bot: str) -> None:
    path = at(bot, "/files/bot.yaml")
    assert api.delete(path, headers={"If-Match": "*"}).status_code == 204
    assert api.get(path).status_code == 404
    assert api.delete(path, headers={"If-Match": "*"}).status_code == 404
    assert api.post(at(bot, "/check")).json()["diagnostics"][0]["code"] == "F001"


def test_old_states_go(api: httpx.Client, bot: str) -> None:
    path = at(bot, "/files/a.md")
    tags = [api.put(path, json={"text": "0"}, headers=NEW).headers["etag"]]
    for count in range(1, 60):
        saved = api.put(path, json={"text": str(count)}, headers={"If-Match": tags[-1]})
        tags.append(saved.headers["etag"])
    assert api.put(path, json={"text": "x"}, headers={"If-Match": tags[55]}).json()["base"] == "55"
    first = [api.put(path, json={"text": "x"}, headers={"If-Match": tag}).json()["base"] for tag in tags[:2]]
    assert None in first  # but for the last of ten minutes
    assert api.get(at(bot)).json()["files"] == {**HELLO, "a.md": "59"}


def test_savings_are_listed_compared_and_taken_back(api: httpx.Client, bot: str) -> None:
    path = at(bot, "/files/bot.yaml")
    longer = f"{HELLO['bot.yaml']}# more\n"
    assert api.put(path, json={"text": longer}, headers={"If-Match": "*"}).status_code == 200
    newest = api.get(at(bot, "/savings?limit=1")).json()
    assert newest["items"][0]["etag"] == api.get(at(bot)).json()["etag"]
    (first,) = api.get(at(bot, "/savings"), params={"after": newest["next"]}).json()["items"]
    assert (first["number"], first["by"]) == (1, "operator")
    assert api.get(at(bot, "/savings/1/files")).json() == HELLO
    (changed,) = api.get(at(bot, "/savings/1/diff")).json()["files"]
    assert (changed["path"], changed["how"]) == ("bot.yaml", "changed")
    assert "+# more" in changed["diff"]
    assert api.get(at(bot, "/savings/9/files")).json()["code"] == "not_found"
    unfit = api.get(at(bot, "/savings"), params={"after": "WyJ4Il0"}).json()
    assert unfit["code"] == "page.cursor_unfit"


def test_old_savings_are_the_last_of_ten_minutes(api: httpx.Client, bot: str, server: Live) -> None:
    path = at(bot, "/files/a.md")
    assert api.put(path, json={"text": "0"}, headers=NEW).status_code == 200
    for count in range(1, 8):  # each a quarter of an hour after the one before
        with psycopg.connect(server.config.database_url) as db:
            db.execute(
                "UPDATE draft_states SET at = at - interval '15 minutes'"
                " WHERE bot_id IN (SELECT id FROM bots WHERE name = %s)",
                [bot],
            )
        assert api.put(path, json={"text": str(count)}, headers={"If-Match": "*"}).status_code == 200
    for count in range(60):
        assert api.put(path, json={"text": f"x{count}"}, headers={"If-Match": "*"}).status_code == 200
    kept = api.get(at(bot, "/savings?limit=200")).json()["items"]
    old = [api.get(at(bot, f"/savings/{one['number']}/files")).json()["a.md"] for one in kept[50:]]
    assert [text for text in old if text[0] not in "x7"] == ["6", "5", "4", "3", "2", "1", "0"]
    assert len(old) <= 9


def test_whose_changes_are_in_a_draft_is_told(api: httpx.Client, bot: str) -> None:
    told = api.get(at(bot, "/diff")).json()
    (author,) = told["authors"]
    assert (author["name"], set(author["files"])) == ("operator", set(HELLO))
    published = api.post(at(bot, "/publish"), json={}, headers={"If-Match": "*"}).json()
    assert api.get(at(bot, "/diff")).json()["authors"] == []
    changed = api.put(at(bot, "/files/a.md"), json={"text": "a"}, headers=NEW)
    assert changed.status_code == 200
    told = api.get(at(bot, "/diff"), params={"version": published["version"]}).json()
    assert [(one["name"], one["files"]) for one in told["authors"]] == [("operator", ["a.md"])]
    assert api.get(at(bot, "/diff"), params={"version": 9}).status_code == 404


def test_the_checker_names_place_and_cure(api: httpx.Client, bot: str) -> None:
    assert api.post(at(bot, "/check")).json()["errors"] == 0
    broken = HELLO["bot.yaml"].replace("fallback: ", "fallback: x")
    api.put(at(bot, "/files/bot.yaml"), json={"text": broken}, headers={"If-Match": "*"})
    said = api.post(at(bot, "/check")).json()
    assert said["etag"] == api.get(at(bot)).json()["etag"]
    assert said["errors"] == 1
    first = said["diagnostics"][0]
    assert (first["file"], first["severity"]) == ("bot.yaml", "error")
    assert first["line"] > 1
    assert "did you mean" in first["hint"]
    for asked, hint in (
        ("it-IT,it;q=0.9,en;q=0.8", "intendevi"),
        ("it;q=0.5, en", "did you"),
        (";;,q=", "did you"),
    ):
        heard = api.post(at(bot, "/check"), headers={"Accept-Language": asked}).json()
        assert heard["diagnostics"][0]["hint"].startswith(hint), asked
    refused = api.get(at(bot, "/inspect"), headers={"Accept-Language": "it"}).json()
    assert "non c'è il flusso" in refused["first"]
    assert "non c'è il flusso" in refused["diagnostics"][0]["message"]


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for path, data in files.items():
            made.writestr(zipfile.ZipInfo(path), data, method)
    return out.getvalue()


def test_an_archive_goes_down_and_up(api: httpx.Client, bot: str) -> None:
    down = api.get(at(bot, "/zip"))
    assert down.headers["content-type"] == "application/zip"
    assert down.content == api.get(at(bot, "/zip")).content
    other = fresh()
    up = api.put(at(other, "/zip"), content=down.content, headers=NEW)
    assert (up.status_code, up.json()["files"]) == (201, HELLO)
    assert up.headers["etag"] == down.headers["etag"]


def test_an_archive_may_have_a_folder_around_it_and_hidden_files(api: httpx.Client) -> None:
    packed = {f"hello/{path}": text.encode() for path, text in HELLO.items()}
    packed |= {"hello/.git/config": b"x", "__MACOSX/hello/x": b"\xff"}
    up = api.put(at(fresh(), "/zip"), content=archive(packed), headers=NEW)
    assert up.json()["files"] == HELLO


def link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        info = zipfile.ZipInfo("bot.yaml")
        info.external_attr = 0o120777 << 16
        made.writestr(info, "/etc/passwd")
    return out.getvalue()


def twice() -> bytes:
    return archive({"a.yaml": b"x", "b.yaml": b"y"}).replace(b"b.yaml", b"a.yaml")


@pytest.mark.parametrize(
    "data",
    [
        b"no archive",
        archive({"../bot.yaml": b"x"}),
        archive({"/etc/bot.yaml": b"x"}),
        archive({"a\\b.yaml": b"x"}),
        archive({"C:/bot.yaml": b"x"}),
        archive({"bot.yaml": b"\xff\xfe"}),
        archive({"bot.yaml": b"a\0b"}),
        archive({"bot.yaml": b"x" * 1000}, zipfile.ZIP_BZIP2),
        archive({"bot.yaml": b"0" * 60_000_000}),
        archive({f"{count}.md": b"0" * 3_000_000 for count in range(3)}),
        archive({f"{count}.md": b"" for count in range(2_001)}),
        archive({"bot.yaml": b"hello world"}, zipfile.ZIP_STORED).replace(b"hello", b"jello"),
        link(),
        twice(),
    ],
    ids=lambda data: f"{len(data)}",
)
def test_an_archive_that_is_no_folder_is_refused(api: httpx.Client, data: bytes) -> None:
    name = fresh()
    answer = api.put(at(name, "/zip"), content=data, headers=NEW)
    assert (answer.status_code, answer.json()["code"]) == (422, "bots.folder_unfit"), answer.text
    assert api.get(at(name)).status_code == 404


def test_an_archive_is_bounded(api: httpx.Client) -> None:
    answer = api.put(at(fresh(), "/zip"), content=b"x" * 4_000_001, headers=NEW)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["../x.yaml", "a//b", "flows\\x", ".hidden", "a/../b"])
def test_a_path_stays_in_the_folder(api: httpx.Client, bot: str, path: str) -> None:
    answer = api.put(at(bot), json={"files": {path: "x"}}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bots.folder_unfit")
    quoted = path.replace("/", "%2F").replace("\\", "%5C")
    answer = api.put(at(bot, f"/files/{quoted}"), json={"text": "x"}, headers=NEW)
    assert answer.status_code == 422
