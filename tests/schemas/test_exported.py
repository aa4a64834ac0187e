"""What is committed under `schemas/json/` is what the code says, and is JSON Schema."""

import json

import pytest
from jsonschema import Draft202012Validator

from cli import export_schemas
from flows import kinds


def test_the_committed_files_are_current() -> None:
    assert export_schemas.outdated() == [], "run `make schemas`"


@pytest.mark.parametrize("name", export_schemas.exported())
def test_each_is_a_json_schema_with_its_name(name: str) -> None:
    schema = json.loads(export_schemas.exported()[name])
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].endswith(f"/{name}")


def test_every_action_and_trigger_is_there_with_its_hints() -> None:
    files = export_schemas.exported()
    for name in kinds.actions():
        assert "ui:order" in json.loads(files[f"actions/{name}.json"])["ui_schema"]
    for name in kinds.triggers():
        assert f"triggers/{name}.json" in files
    assert json.loads(files["actions/handoff.json"])["ui_schema"]["team"] == {"ui:widget": "team"}
