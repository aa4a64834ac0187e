"""The types of a Typebot's variables, which has none: they follow from what writes them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from importers.expression import number
from importers.imported import Names, clean
from importers.typebot_shapes import Block, Export

MOST_CHOICES = 100
TEXT: Mapping[str, Any] = {"type": "string"}
VARIABLE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
ARITHMETIC = re.compile(r"[0-9.+*/() -]*")


def settle(export: Export, names: Names) -> tuple[dict[str, Mapping[str, Any]], set[str]]:
    """What each variable holds: the type of its one input, a number where only numbers are written, else text.

    With it the variables that one input alone writes.
    """
    schemas: dict[str, Mapping[str, Any]] = {}
    own: set[str] = set()
    written: dict[str, list[Mapping[str, Any] | str]] = {}
    for group in export.groups:
        for block in group.blocks:
            variable = block.options.get("variableId")
            if not isinstance(variable, str):
                continue
            if (schema := input_schema(block)) is not None:
                written.setdefault(variable, []).append(schema)
            elif block.type == "Set variable":
                written.setdefault(variable, []).append(str(block.options.get("expressionToEvaluate") or ""))
    known = {variable.name: variable.id for variable in export.variables}
    numbers = {
        variable
        for variable, writers in written.items()
        if all(_gives_number(writer, known) for writer in writers)
    }
    while True:
        wrong = {
            variable
            for variable in numbers
            for writer in written[variable]
            if isinstance(writer, str)
            for used in VARIABLE.findall(writer)
            if known.get(used) not in numbers
        }
        if not wrong:
            break
        numbers -= wrong
    for variable in export.variables:
        writers = written.get(variable.id, [])
        names.of(variable.id, variable.name, "field")
        if len(writers) == 1 and isinstance(writers[0], dict):
            own.add(variable.id)
            schemas[variable.id] = {**writers[0], "title": clean(variable.name) or "?"}
        elif variable.id in numbers:
            schemas[variable.id] = {"type": "number"}
        else:
            schemas[variable.id] = TEXT
    return schemas, own


def _gives_number(writer: Mapping[str, Any] | str, known: Mapping[str, str]) -> bool:
    if not isinstance(writer, str):
        return writer.get("type") == "number"
    return arithmetic(writer, lambda name: "1.0" if name in known else None) is not None


def arithmetic(written: str, value: Callable[[str], str | None]) -> str | None:
    """An expression of numbers, variables and the four operators as CEL; None for anything else."""
    if not written.strip() or not ARITHMETIC.fullmatch(VARIABLE.sub(" ", written)):
        return None
    parts: list[str] = []
    for token in re.findall(r"\{\{[^{}]+\}\}|[0-9]+(?:\.[0-9]+)?|[+*/()-]|[^\s]", written):
        if token.startswith("{{"):
            part = value(VARIABLE.findall(token)[0])
        elif token[0].isdigit():
            part = number(token)
        else:
            part = token if token in "+-*/()" else None
        if part is None:
            return None
        parts.append(part)
    joined = " ".join(parts)
    depth_safe = len(parts) <= 60 and _is_sum([("n" if part[0] not in "+-*/()" else part) for part in parts])
    return joined if depth_safe else None


def _is_sum(tokens: list[str]) -> bool:
    """Whether the tokens are an expression: operands and operators in turn, brackets in pairs."""
    depth, operand_next = 0, True
    for token in tokens:
        if operand_next:
            if token == "n":
                operand_next = False
            elif token == "(":
                depth += 1
            else:
                return False
        elif token == ")":
            depth -= 1
            if depth < 0:
                return False
        elif token in ("+", "-", "*", "/"):
            operand_next = True
        else:
            return False
    return depth == 0 and not operand_next and "(" * 20 not in "".join(tokens)


def input_schema(block: Block) -> dict[str, Any] | None:
    """What an input accepts, None for a block that asks nothing."""
    options = block.options
    match block.type:
        case "text input":
            return {"type": "string"}
        case "number input":
            bounds = {"minimum": options.get("min"), "maximum": options.get("max")}
            return {"type": "number", **_numbers(bounds)}
        case "rating input":
            least = 0 if options.get("startsAt") in (0, "0") else 1
            most = options.get("length")
            return {
                "type": "number",
                "minimum": least,
                "maximum": most if isinstance(most, int) and 0 < most <= 100 else 10,
            }
        case "email input":
            return {"type": "string", "format": "email"}
        case "url input":
            return {"type": "string", "format": "uri"}
        case "phone number input":
            return {"type": "string", "format": "phone"}
        case "date input":
            return {"type": "string", "format": "date-time" if options.get("hasTime") else "date"}
        case "time input":
            return {"type": "string", "format": "time"}
        case "choice input" | "picture choice input":
            labels = labels_of(block)
            if not labels or options.get("dynamicVariableId") or any("{{" in label for label in labels):
                return None
            if options.get("isMultipleChoice"):
                return {"type": "array", "minItems": 1, "items": {"type": "string", "enum": labels}}
            return {"type": "string", "enum": labels}
        case _:
            return None


def _numbers(bounds: Mapping[str, Any]) -> dict[str, float]:
    return {
        key: value for key, value in bounds.items() if isinstance(value, int | float) and abs(value) < 1e15
    }


def labels_of(block: Block) -> list[str]:
    """What the choices say, none twice, as many as a menu takes."""
    labels: list[str] = []
    for item in block.items[:MOST_CHOICES]:
        said = item.content if isinstance(item.content, str) else item.title
        label = base = clean(said or "").strip() or "…"
        count = 1
        while label.casefold() in [known.casefold() for known in labels]:
            count += 1
            label = f"{base} ({count})"
        labels.append(label)
    return labels
