"""A draft's texts: the table by language, files for translators, and translations back, through HTTP."""

import itertools

import httpx
import pytest

BOT = "chatloom: bot/v1\nid: b\nlanguages: [en, it, ar]\nflows: [f]\nfallback: f\n"
FLOW = (
    "chatloom: flow/v1\nid: f\nsteps:\n"
    "  - {id: hi, action: send, with: {text: {en: Hi, it: Ciao}}}\n"
    "  - {id: bye, action: send, with: {text: Bye}}\n"
)
HI, BYE = "flows/f/steps/hi/with/text", "flows/f/steps/bye/with/text"
_count = itertools.count()


@pytest.fixture
def at(api: httpx.Client) -> str:
    path = f"/api/v1/bots/texts-{next(_count)}"
    assert api.put(path, json={"files": {"bot.yaml": BOT, "flows/f.yaml": FLOW}}).status_code == 201
    assert api.post(f"{path}/versions/1/publish").status_code == 200
    return f"{path}/draft"


def states(api: httpx.Client, at: str) -> dict[str, tuple[str, str]]:
    found = api.get(f"{at}/texts").json()["texts"]
    return {one["key"]: tuple(one["translations"][tag]["state"] for tag in ("it", "ar")) for one in found}


def test_texts_are_shown_and_translated(api: httpx.Client, at: str) -> None:
    shown = api.get(f"{at}/texts")
    said = shown.json()
    assert [(one["language"], one["right_to_left"], one["missing"]) for one in said["languages"]] == [
        ("it", False, 0),
        ("ar", True, 1),
    ]
    assert states(api, at) == {HI: ("translated", "missing"), BYE: ("shared", "shared")}
    body = {"translations": [{"key": BYE, "language": "it", "texts": ["Addio"]}]}
    body["translations"].append({"key": "flows/f/title", "language": "it", "texts": ["x"]})
    done = api.post(f"{at}/texts", json=body, headers={"If-Match": shown.headers["etag"]})
    assert done.json() == {"etag": done.json()["etag"], "changed": 1, "unknown": ["flows/f/title"]}
    assert api.post(f"{at}/texts", json=body, headers={"If-Match": shown.headers["etag"]}).status_code == 412
    assert states(api, at)[BYE] == ("translated", "missing")
    file = api.get(f"{at}/files/texts/it.yaml").json()["text"]
    assert "from: Bye" in file
    bad = {"translations": [{"key": BYE, "language": "de", "texts": ["x"]}]}
    refused = api.post(f"{at}/texts", json=bad, headers={"If-Match": done.headers["etag"]})
    assert refused.json()["code"] == "texts.language_unknown"


def test_a_text_that_changed_since_the_published_version_has_stale_translations(
    api: httpx.Client, at: str
) -> None:
    seen = api.get(f"{at}/files/flows/f.yaml")
    text = FLOW.replace("en: Hi", "en: Welcome")
    put = api.put(f"{at}/files/flows/f.yaml", json={"text": text}, headers={"If-Match": seen.headers["etag"]})
    assert put.status_code == 200
    assert states(api, at)[HI] == ("stale", "missing")


def test_a_draft_and_a_version_are_inspected(api: httpx.Client, at: str) -> None:
    seen = api.get(f"{at}/inspect", params={"graph": "mermaid"}).json()
    assert [flow["id"] for flow in seen["inside"]["flows"]] == ["f"]
    assert seen["inside"]["flows"][0]["edges"][0] == {"step": "hi", "outcome": "", "to": "bye"}
    assert seen["graph"].startswith("flowchart TD")
    version = at.removesuffix("/draft") + "/versions/1/inspect"
    assert api.get(version).json()["inside"] == seen["inside"]
    assert api.get(version, params={"graph": "svg"}).json()["graph"].startswith("<svg")


def test_what_a_draft_names_is_listed_with_its_places(api: httpx.Client, at: str) -> None:
    seen = api.get(f"{at}/names", params={"kind": "step", "of": "f", "called": "hi"}).json()
    assert seen["etag"] == api.get(at).headers["etag"].strip('"')
    assert seen["unread"] == []
    (named,) = seen["names"]
    assert [(one["file"], one["pointer"], one["how"], one["spans"]) for one in named["uses"]] == [
        ("flows/f.yaml", "/steps/0/id", "declares", [[0, 2]])
    ]
    every = api.get(f"{at}/names").json()["names"]
    assert {(one["kind"], one["name"]) for one in every} == {("flow", "f"), ("step", "hi"), ("step", "bye")}
    text = "chatloom: flow/v1\nid: f\ndata: {schema: {type: object, required: [mail], properties: {mail: {type: string, format: email, pii: true}}}}\nsteps:\n  - {id: hi, action: collect, with: {fields: [mail]}}\n"
    tag = api.get(f"{at}/files/flows/f.yaml").headers["etag"]
    assert api.put(f"{at}/files/flows/f.yaml", json={"text": text}, headers={"If-Match": tag}).is_success
    (field,) = api.get(f"{at}/names", params={"kind": "field"}).json()["names"]
    assert (field["type"], field["required"], field["pii"]) == ("string (email)", True, True)
    assert [one["how"] for one in field["uses"]] == ["declares", "declares", "writes"]
    tag = api.get(f"{at}/files/bot.yaml").headers["etag"]
    assert api.delete(f"{at}/files/bot.yaml", headers={"If-Match": tag}).is_success
    assert api.get(f"{at}/names").json()["code"] == "texts.unreadable"


@pytest.mark.parametrize("kind", ["csv", "po", "xliff"])
def test_a_file_goes_to_translators_and_back(api: httpx.Client, at: str, kind: str) -> None:
    asked = {"format": kind, "language": "it"}
    file = api.get(f"{at}/texts/file", params=asked)
    assert file.status_code == 200
    assert "attachment" in file.headers["content-disposition"]
    tag = api.get(at).headers["etag"]
    data = file.content.replace(b"Ciao", b"Salve")
    told = api.post(f"{at}/texts/file", params=asked, content=data).json()
    assert told == {
        "etag": tag.strip('"'),
        "changes": [
            {
                "key": HI,
                "language": "it",
                "source": ["Hi"],
                "made_from": ["Hi"],
                "before": ["Ciao"],
                "after": ["Salve"],
                "outdated": False,
            }
        ],
        "unknown": [],
    }
    assert api.get(at).headers["etag"] == tag
    aged = api.post(f"{at}/texts/file", params=asked, content=data.replace(b"Hi", b"Hey")).json()
    assert [one["outdated"] for one in aged["changes"]] == [True]
    done = api.put(f"{at}/texts/file", params=asked, content=data, headers={"If-Match": tag})
    assert (done.status_code, done.json()["changed"]) == (200, 1)
    table = {one["key"]: one for one in api.get(f"{at}/texts").json()["texts"]}
    assert table[HI]["translations"]["it"] == {"texts": ["Salve"], "state": "translated"}
    broken = api.put(
        f"{at}/texts/file", params=asked, content=b"\xff", headers={"If-Match": done.headers["etag"]}
    )
    assert broken.json()["code"] == "texts.unfit"
    assert "it is not UTF-8" in broken.json()["detail"]
    unasked = api.get(f"{at}/texts/file", params={"format": "po"})
    assert unasked.json()["code"] == "texts.language_unknown"
