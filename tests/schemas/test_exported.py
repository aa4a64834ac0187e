"""What is committed under `schemas/json/` is what the code says, and is JSON Schema."""

import json

import pytest
from jsonschema import Draft202012Validator

from cli import export_schemas
from flows import kinds

FILES = {
    str(path.relative_to(export_schemas.FOLDER)): path.read_bytes()
    for path in export_schemas.FOLDER.rglob("*.json")
}


def test_the_committed_files_are_current() -> None:
    assert export_schemas.outdated() == [], "run `make schemas`"


@pytest.mark.parametrize("name", sorted(FILES.keys() - {"openapi.json"}))
def test_each_is_a_json_schema_with_its_name(name: str) -> None:
    schema = json.loads(FILES[name])
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].endswith(f"/{name}")


def test_the_api_is_described_whole() -> None:
    """What a client is generated from: names, texts, errors; examples of each body, so that it can be tried."""
    document = json.loads(FILES["openapi.json"])
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            place = f"{method} {path}"
            assert operation["summary"], place
            assert operation["description"], place
            assert operation["operationId"].isidentifier(), (place, operation["operationId"])
            if path.startswith("/api/"):
                assert "429" in operation["responses"], place
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and path.startswith("/api/"):
                    assert "application/problem+json" in answer["content"], f"{place}: {status}"


def test_every_action_and_trigger_is_there_with_its_hints() -> None:
    files = FILES
    for name in kinds.actions():
        assert "ui:order" in json.loads(files[f"actions/{name}.json"])["ui_schema"]
    for name in kinds.triggers():
        assert f"triggers/{name}.json" in files
    assert json.loads(files["actions/handoff.json"])["ui_schema"]["team"] == {"ui:widget": "team"}
