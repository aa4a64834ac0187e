"""Older documents are upgraded when they are read; newer ones are refused."""

from typing import Any

from flows.diagnostic import Diagnostic
from flows.document import Source, parse
from flows.versions import UPGRADES, newest
from tests.flows.talks import files_of

OLD = "chatloom: flow/v1\nid: f\nsteps:\n  - say: Hi\n"


def says(document: dict[str, Any]) -> dict[str, Any]:
    steps = [{"id": f"s{place}", "text": one["say"]} for place, one in enumerate(document["steps"])]
    return {**document, "steps": steps}


def sends(document: dict[str, Any]) -> dict[str, Any]:
    assert document["chatloom"] == "flow/v2"
    steps = [{"id": one["id"], "action": "send", "with": {"text": one["text"]}} for one in document["steps"]]
    return {**document, "steps": steps}


def read(text: str) -> Source:
    source = parse("flows/f.yaml", text)
    assert isinstance(source, Source)
    return source


def test_an_older_document_is_upgraded_step_by_step() -> None:
    made = newest(read(OLD), {"flow": (says, sends)})
    assert isinstance(made, Source)
    steps = [{"id": "s0", "action": "send", "with": {"text": "Hi"}}]
    assert made.value == {"chatloom": "flow/v3", "id": "f", "steps": steps}
    assert made.place("/steps/0/with/text").line == 4
    second = read(OLD.replace("v1", "v2").replace("say: Hi", "{id: a, text: Hi}"))
    upgraded = newest(second, {"flow": (says, sends)})
    assert isinstance(upgraded, Source)
    assert upgraded.value["steps"][0]["id"] == "a"


def test_the_newest_is_left_as_it_is_and_a_newer_one_is_refused() -> None:
    for text in (*map(str, files_of({"f": {"steps": []}}).values()), OLD, "chatloom: nothing/v4\n", "a: 1\n"):
        source = read(text)
        assert newest(source) is source
    refused = newest(read(OLD.replace("v1", "v4")), {"flow": (says, sends)})
    assert isinstance(refused, Diagnostic)
    assert "reads flow/v3 and older, not flow/v4" in refused.message
    assert "update Chatloom" in refused.hint
    assert isinstance(newest(read(OLD.replace("v1", f"v{len(UPGRADES['flow']) + 2}"))), Diagnostic)
