"""What an editor checks a bot folder with: the sample bots fit, and what is misspelt in a step does not."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from cli.editor_schemas import editor_schemas
from flows import kinds

ROOT = Path(__file__).parents[2]
FLOW = "{chatloom: flow/v1, id: f, triggers: [%s], steps: [%s]}"


@pytest.mark.parametrize(("name", "files"), [("bot", "bot.yaml"), ("flow", "flows/*"), ("test", "tests/*")])
def test_the_sample_bots_fit(name: str, files: str) -> None:
    """With the program that editors and continuous integration use."""
    found = [path for main in (ROOT / "bots").rglob("bot.yaml") for path in main.parent.glob(files)]
    assert len(found) >= 3
    schema = ROOT / "schemas" / "json" / "editor" / f"{name}.json"
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema), *map(str, found)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def faults(schema: str, text: str) -> list[str]:
    document = yaml.safe_load(text)
    return [one.message for one in Draft202012Validator(editor_schemas()[schema]).iter_errors(document)]


@pytest.mark.parametrize(
    ("trigger", "step"),
    [
        ("", "{id: a, action: menu, with: {text: Hi, choces: {a: A}}}"),
        ("", "{id: a, action: menu, with: {text: Hi}}"),
        ("", "{id: a, action: menu}"),
        ("", "{id: a, action: send, with: {text: Hi, file: {kind: picture, link: x}}}"),
        ("", "{id: a, action: webhook, with: {url: x, method: FETCH}}"),
        ("", "{id: a, action: send, with: {text: Hi}, goto: b}"),
        ("", "{id: Not a name, action: stop}"),
        ("mesage: {words: [a]}", "{id: a, action: stop}"),
        ("message: {word: a}", "{id: a, action: stop}"),
        ("{message: {words: [a]}, event: {name: b}}", "{id: a, action: stop}"),
    ],
)
def test_a_fault_is_seen(trigger: str, step: str) -> None:
    assert faults("flow", FLOW % (trigger, step))


def test_what_may_be_is_not_a_fault() -> None:
    """Steps of custom actions, and triggers that interrupt."""
    assert (
        faults("flow", FLOW % ("{message: {words: [a]}, interrupt: true}", "{id: a, action: crm_find}")) == []
    )


def test_a_line_of_a_talk_is_one_that_there_is() -> None:
    assert faults("test", "{test: a, talk: [{user: hi}, {bot: nothing}, {after: 5m}]}") == []
    assert faults("test", "{test: a, talk: [{usr: hi}]}")
    assert faults("test", "{test: a, talk: [{user: hi, bot: hi}]}")


def test_every_action_is_completed_with_its_parameters_and_outcomes() -> None:
    flow: dict[str, Any] = editor_schemas()["flow"]
    offered = flow["$defs"]["StepDocument"]
    by_action = {each["if"]["properties"]["action"]["const"]: each["then"] for each in offered["allOf"]}
    assert list(by_action) == list(kinds.actions()) == offered["properties"]["action"]["anyOf"][0]["enum"]
    for name, action in kinds.actions().items():
        assert flow["$defs"][f"action.{name}"]["properties"].keys() == {
            info.alias or field for field, info in action.model_fields.items()
        }
    assert "returned" in by_action["handoff"]["properties"]["then"]["properties"]
    assert "ui_schema" not in json.dumps(flow).replace('"ui_schema": {"additionalProperties"', "")


def test_stubs_and_declared_actions_are_checked_too() -> None:
    assert faults("stubs", "{chatloom: stubs/v1, stubs: {crm: {returns: {status: 200}}}}") == []
    assert faults("stubs", "{chatloom: stubs/v1, stubs: {crm: {return: {}}}}")
    action = "{chatloom: action/v1, name: find, input_schema: {type: object}, outcomes: [found]}"
    assert faults("action", action) == []
    assert faults("action", action.replace("outcomes", "outcome"))
