"""Typebot exports (version 6): groups of blocks and edges between them, as one flow.

Text that stands before a question becomes the question. A variable is a field of the flow's data, whose type follows
from what writes it. Source of the shapes: packages/schemas and packages/templates of baptisteArno/typebot.io.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from importers import assembly
from importers.assembly import Draft
from importers.expression import (
    is_numeric,
    number,
    numeric,
    quoted,
    text_of,
    value_of,
)
from importers.imported import ExportUnfit, Imported, Names, Notes, clean, read, slug
from importers.typebot_request import request
from importers.typebot_shapes import Block, Export, Group
from importers.typebot_types import MOST_CHOICES, TEXT, VARIABLE, arithmetic, input_schema, labels_of, settle
from importers.typebot_work import Import, plain, template, text_expression, variable_id

VENDOR = "Typebot"


def imported(exported: Any, name: str) -> Imported:
    """The bot, called `name`. Raises `ExportUnfit`."""
    if isinstance(exported, dict):
        whole = cast("dict[str, Any]", exported)
        exported = (
            whole["typebot"] if isinstance(whole.get("typebot"), dict) else whole
        )  # as the API gives it
    export = read(VENDOR, Export, exported)
    notes = Notes()
    draft = Draft("main", clean(export.name), notes)
    work = Import(export, draft, notes)
    work.edges = {edge.id: edge.to.blockId or edge.to.groupId for edge in export.edges}
    work.schemas, work.own = settle(export, work.names)
    draft.jump(_beginning(work))
    for group in _ordered(work):
        work.group = clean(group.title)
        draft.label(group.id)
        for block in group.blocks:
            _block(work, block)
        _flush(work)
        draft.jump(None)
    draft.fields = {
        **{work.names.of(key, ""): dict(schema) for key, schema in work.schemas.items()},
        **draft.fields,
    }
    bot = {"id": name, "title": clean(export.name) or name, "fallback": "main", "expire_after": "24h"}
    return assembly.folder(bot, [draft], VENDOR, notes)


def _beginning(work: Import) -> str | None:
    for event in work.export.events or []:
        if event.type == "start":
            return work.target(event.outgoingEdgeId)
    for group in work.export.groups:  # before version 6 the start is a block
        for block in group.blocks:
            if block.type == "start":
                return work.target(block.outgoingEdgeId)
    raise ExportUnfit(vendor=VENDOR, at="events", why="there is no start")


def _ordered(work: Import) -> list[Group]:
    """The groups, that with the beginning first."""
    begins = _beginning(work)
    return sorted(
        work.export.groups,
        key=lambda group: begins != group.id and begins not in [block.id for block in group.blocks],
    )


def _block(work: Import, block: Block) -> None:
    if block.type == "start":
        return
    translate = BLOCKS.get(block.type)
    if translate is not text and not _asks(block):
        _flush(work)
    work.draft.label(block.id)
    if translate is not None:
        translate(work, block)
    else:
        work.draft.missing(block.type, work.place(block), f"there is no equivalent of “{block.type}”")
    if translate is not text:
        work.draft.label(f"{block.id} done")
    if block.outgoingEdgeId:
        _flush(work)
        work.draft.jump(work.target(block.outgoingEdgeId))


def _asks(block: Block) -> bool:
    return block.type.endswith(" input")


def _flush(work: Import) -> None:
    """Say the text that was kept for a question."""
    if work.asked is not None:
        work.draft.step("say", "send", {"text": work.asked})
        work.asked = None


def text(work: Import, block: Block) -> None:
    """`send`; directly before an input, the question of it"""
    _flush(work)
    said = template(work, plain(block), work.place(block)).strip()
    if said:
        work.asked = said


def _question(work: Import, block: Block, otherwise: str) -> str:
    asked, work.asked = work.asked, None
    if asked:
        return asked
    labels = block.options.get("labels")
    hint = cast("dict[str, Any]", labels).get("placeholder") if isinstance(labels, dict) else None
    return template(work, hint, work.place(block)) if isinstance(hint, str) and hint.strip() else otherwise


def ask(work: Import, block: Block) -> None:
    """`collect`, with the format and the bounds of the input"""
    schema = input_schema(block)
    if schema is None:
        _open(work, block, "what was answered is taken as text")
        return
    question = _question(work, block, "Please answer:")
    variable = block.options.get("variableId")
    if isinstance(variable, str) and variable in work.own:
        name = work.names.of(variable, "")
    else:
        name = work.names.of(f"answer of {block.id}", f"{slug(work.group)}_answer", "answer")
        work.draft.fields[name] = {**schema, "title": work.group or "?"}
    work.draft.prompts[name] = question
    work.draft.step(f"ask_{name}", "collect", {"fields": [name], "fresh": True, "tries": 20})
    if isinstance(variable, str) and variable in work.schemas and variable not in work.own:
        _keep(work, variable, name, schema)


def _keep(work: Import, variable: str, name: str, schema: Mapping[str, Any]) -> None:
    """Write an answer to the variable that others write too."""
    same = schema["type"] == work.schemas[variable]["type"]
    value = value_of(name, schema) if same else text_of(name, schema)
    work.draft.step("keep", "set", {"data": {work.names.of(variable, ""): value}})


def _open(work: Import, block: Block, what: str) -> None:
    """Any answer, kept as text."""
    work.notes.add(work.place(block), what)
    work.draft.step("say", "send", {"text": _question(work, block, "…")})
    work.draft.step("wait", "wait", {"message": True})
    variable = block.options.get("variableId")
    if isinstance(variable, str) and work.schemas.get(variable, {}).get("type") == "string":
        work.draft.step("keep", "set", {"data": {work.names.of(variable, ""): "message.text"}})


def choose(work: Import, block: Block) -> None:
    """`menu`; with a variable, or several answers, `collect` and, where the ways part, `branch`"""
    if block.options.get("dynamicVariableId"):
        _open(work, block, "choices that a variable holds: any answer is taken")
        return
    if block.type == "picture choice input":
        work.notes.add(work.place(block), "the pictures of the choices are left out")
    if len(block.items) > MOST_CHOICES:
        work.notes.add(work.place(block), f"only the first {MOST_CHOICES} choices are kept")
    schema, several = input_schema(block), bool(block.options.get("isMultipleChoice"))
    if schema is not None and (several or block.options.get("variableId")):
        ask(work, block)
        if not several:
            _part(work, block, schema)
        return
    labels = labels_of(block)
    if not labels:
        _open(work, block, "a choice of nothing: any answer is taken")
        return
    keys = Names()
    choices = {
        keys.of(str(place), label, "choice"): template(work, label, work.place(block))
        for place, label in enumerate(labels)
    }
    ways = {
        keys.of(str(place), ""): work.target(item.outgoingEdgeId)
        for place, item in enumerate(block.items[: len(labels)])
        if item.outgoingEdgeId
    }
    question = _question(work, block, "Please choose:")
    again = f"{block.id} asked"
    work.draft.label(again)
    work.draft.step("choose", "menu", {"text": question, "choices": choices}, {**ways, "other": again})


def _part(work: Import, block: Block, schema: Mapping[str, Any]) -> None:
    """Go where the choice that was made leads."""
    ways = [
        (label, work.target(item.outgoingEdgeId))
        for label, item in zip(labels_of(block), block.items, strict=False)
        if item.outgoingEdgeId
    ]
    if not ways:
        return
    variable = str(block.options.get("variableId"))
    value = value_of(work.names.of(variable, ""), TEXT)
    if variable not in work.schemas:
        value = value_of(work.names.of(f"answer of {block.id}", ""), schema)
    elif work.schemas[variable]["type"] != "string":
        value = text_of(work.names.of(variable, ""), work.schemas[variable])
    cases = {f"case_{place}": f"{value} == {quoted(label)}" for place, (label, _) in enumerate(ways, 1)}
    then = {f"case_{place}": way for place, (_, way) in enumerate(ways, 1)}
    work.draft.step("which", "branch", {"cases": cases}, then)


def upload(work: Import, block: Block) -> None:
    """`wait` for a message; the file is not kept"""
    _open(work, block, "a file is waited for, and not kept in the variable")


def pay(work: Import, block: Block) -> None:
    """`wait` for a message: let your shop post an event and wait for that"""
    work.notes.add(work.place(block), "no payment is taken: send a link, and wait for an event of your shop")
    work.draft.step("say", "send", {"text": _question(work, block, "…")})
    work.draft.step("wait", "wait", {"message": True})


def media(work: Import, block: Block) -> None:
    """`send` with a file; a video of YouTube or Vimeo, and an embedded page, as its address"""
    url = template(work, str(block.content.get("url") or ""), work.place(block)).strip()
    if not url:
        work.draft.missing(block.type, work.place(block), "it has no address")
    elif block.type == "embed" or block.content.get("type") in ("youtube", "vimeo"):
        work.draft.step("link", "send", {"text": url})
    else:
        work.draft.step(block.type, "send", {"file": {"kind": block.type, "link": url}})


def condition(work: Import, block: Block) -> None:
    """`branch`"""
    cases: dict[str, str] = {}
    then: dict[str, str | None] = {}
    for place, item in enumerate(block.items, 1):
        content = cast("dict[str, Any]", item.content) if isinstance(item.content, dict) else {}
        listed = content.get("comparisons")
        comparisons = cast("list[Any]", listed) if isinstance(listed, list) else []
        parts = [_comparison(work, block, one) for one in comparisons]
        sign = " || " if content.get("logicalOperator") == "OR" else " && "
        cases[f"case_{place}"] = sign.join(parts) or "false"
        then[f"case_{place}"] = (
            work.target(item.outgoingEdgeId) if item.outgoingEdgeId else f"{block.id} done"
        )
    if cases:
        work.draft.step("which", "branch", {"cases": cases}, then)


def _comparison(work: Import, block: Block, given: Any) -> str:
    one = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    variable, sign = one.get("variableId"), one.get("comparisonOperator")
    schema = work.schemas.get(variable) if isinstance(variable, str) else None
    if schema is None or not isinstance(variable, str):
        work.notes.add(work.place(block), "a comparison of nothing never holds")
        return "false"
    name = work.names.of(variable, "")
    written = str(one.get("value") or "")
    said, wanted = text_of(name, schema), text_expression(work, written, work.place(block))
    is_list = schema["type"] == "array"
    contains = (
        f"{quoted(clean(written))} in {value_of(name, schema)}" if is_list else f"{said}.contains({wanted})"
    )
    match sign:
        case "Equal to":
            return f"({said} == {wanted})"
        case "Not equal":
            return f"({said} != {wanted})"
        case "Contains":
            return f"({contains})"
        case "Does not contain":
            return f"!({contains})"
        case "Is set":
            return f'({said} != "")'
        case "Is empty":
            return f'({said} == "")'
        case "Starts with":
            return f"{said}.startsWith({wanted})"
        case "Ends with":
            return f"{said}.endsWith({wanted})"
        case "Greater than" | "Greater or equal to" | "Less than" | "Less or equal to":
            operator = {"G": ">", "L": "<"}[str(sign)[0]] + ("=" if "equal" in str(sign) else "")
            return _compared(work, block, name, schema, operator, written)
        case _:
            work.notes.add(work.place(block), f"the comparison “{sign}” has no equivalent: it never holds")
            return "false"


def _compared(
    work: Import, block: Block, name: str, schema: Mapping[str, Any], operator: str, written: str
) -> str:
    than = number(written)
    if schema["type"] == "array" and than is not None:
        return f"double(size({value_of(name, schema)})) {operator} {than}"
    if than is None:
        work.notes.add(work.place(block), f"a comparison with “{written}”, which is no number, never holds")
        return "false"
    if schema["type"] == "number":
        return f"(has(data.{name}) && {value_of(name, schema)} {operator} {than})"
    said = text_of(name, schema)
    return f"({is_numeric(said)} && {numeric(said)} {operator} {than})"


def assign(work: Import, block: Block) -> None:
    """`set`: a sum, a text, an empty value, the contact's name or phone, the time"""
    variable, kind = block.options.get("variableId"), block.options.get("type")
    if not isinstance(variable, str) or variable not in work.schemas:
        return
    name, schema = work.names.of(variable, ""), work.schemas[variable]
    written = str(block.options.get("expressionToEvaluate") or "")
    ready = {
        "Empty": "null",
        "Contact name": 'contact.?name.orValue("")',
        "Phone number": 'contact.?phone.orValue("")',
        "Now": "string(now)",
        "Today": "string(now)",
    }
    value = ready.get(str(kind)) if kind not in (None, "Custom") else _assigned(work, block, schema, written)
    if value is None or (value != "null" and kind in ready and schema["type"] != "string"):
        what = f"“{kind}”" if kind not in (None, "Custom") else "this expression"
        work.draft.missing("set", work.place(block), f"{what} has no equivalent: {name} is not set")
        return
    work.draft.step(f"set_{name}", "set", {"data": {name: value}})


def _assigned(work: Import, block: Block, schema: Mapping[str, Any], written: str) -> str | None:
    if not written.strip():
        return "null"
    if schema["type"] == "number":
        return arithmetic(written, lambda name: _number_of(work, name))
    looks_like_code = re.search(r"=>|\breturn\b|[A-Za-z_]\w*\(|[;\[\]`]|\bnew\b", VARIABLE.sub("", written))
    if block.options.get("isCode") or looks_like_code or schema["type"] != "string":
        return None
    return text_expression(work, written, work.place(block))


def _number_of(work: Import, name: str) -> str | None:
    key = variable_id(work, name)
    if key is None or work.schemas[key]["type"] != "number":
        return None
    return value_of(work.names.of(key, ""), work.schemas[key])


def pause(work: Import, block: Block) -> None:
    """`wait` for a time"""
    seconds = number(str(block.options.get("secondsToWaitFor") or ""))
    if seconds is None or not 0.001 <= float(seconds) <= 1e8:
        work.draft.missing("wait", work.place(block), "it waits for no number of seconds")
        return
    work.draft.step(
        "wait", "wait", {"for": f"{float(seconds):g}s" if float(seconds) < 1e5 else f"{int(float(seconds))}s"}
    )


def leave(work: Import, block: Block) -> None:
    """a `next`"""
    to = block.options.get("blockId") or block.options.get("groupId")
    work.draft.jump(to if isinstance(to, str) else None)


def link(work: Import, block: Block) -> None:
    """a `next` within the same bot; another bot has to be imported and called"""
    to = block.options.get("groupId")
    if block.options.get("typebotId") == "current" and isinstance(to, str):
        work.draft.jump(to)
        return
    work.draft.missing(
        "call", work.place(block), "another bot: import it, put its flow beside this one, and `call` it"
    )


def redirect(work: Import, block: Block) -> None:
    """`send` with the address"""
    url = template(work, str(block.options.get("url") or ""), work.place(block)).strip()
    if url:
        work.notes.add(work.place(block), "a chat opens no page: the address is sent")
        work.draft.step("link", "send", {"text": url})


def split(work: Import, block: Block) -> None:
    """`split`"""
    percent = block.options.get("aPercent")
    share = percent if isinstance(percent, int) and 0 < percent < 100 else 50
    ways = {
        (item.path or "a"): work.target(item.outgoingEdgeId) for item in block.items if item.outgoingEdgeId
    }
    work.draft.step(
        "split",
        "split",
        {"shares": {"a": share, "b": 100 - share}},
        {key: way for key, way in ways.items() if key in ("a", "b")},
    )


BLOCKS: Mapping[str, Callable[[Import, Block], None]] = {
    "text": text,
    "image": media,
    "video": media,
    "audio": media,
    "embed": media,
    "text input": ask,
    "number input": ask,
    "email input": ask,
    "url input": ask,
    "phone number input": ask,
    "date input": ask,
    "time input": ask,
    "rating input": ask,
    "file input": upload,
    "payment input": pay,
    "choice input": choose,
    "picture choice input": choose,
    "Condition": condition,
    "Set variable": assign,
    "Wait": pause,
    "Jump": leave,
    "Typebot link": link,
    "Redirect": redirect,
    "AB test": split,
    "Webhook": request,
}
