"""A Typebot export's HTTP requests, as `webhook`: address, body, and what of the answer is kept."""

import json
import re
from typing import Any, cast

from importers.expression import answered, literal, tree
from importers.imported import clean
from importers.typebot_shapes import Block
from importers.typebot_types import VARIABLE
from importers.typebot_work import Import, template

PATH = re.compile(r"data((\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9]{1,4}\])+)")
WHOLE = {
    "data": 'result.?text.orValue("")',
    "statusCode": "string(result.?status.orValue(0))",
}  # of an answer
STEP = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+")


def request(work: Import, block: Block) -> None:
    """`webhook`, with its answer's fields; the body as JSON"""
    given = block.options.get("webhook")
    called = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    url = template(work, str(called.get("url") or ""), work.place(block)).strip()
    if not url.startswith(("http://", "https://", "{{")):
        work.draft.missing("webhook", work.place(block), "it has no address")
        return
    queries = [
        f"{literal(key)}={template(work, value, work.place(block))}"
        for key, value in _pairs(called.get("queryParams"))
    ]
    if queries:
        url += ("&" if "?" in url else "?") + "&".join(queries)
    method = str(called.get("method") or "POST").upper()
    method = method if method in ("GET", "POST", "PUT", "PATCH", "DELETE") else "POST"
    body = _body(work, block, called.get("body")) if method != "GET" else None
    headers = {
        clean(key): template(work, value, work.place(block)) for key, value in _pairs(called.get("headers"))
    }
    saved = _saved(work, block)
    work.draft.step(
        "request",
        "webhook",
        {
            "url": url,
            "method": method,
            **({"headers": headers} if headers else {}),
            **({"json": body} if body is not None else {}),
            **({"save": saved} if saved else {}),
        },
        {"failed": f"{block.id} done", "timeout": f"{block.id} done"},
        timeout="2m",
    )


def _pairs(listed: Any) -> list[tuple[str, str]]:
    pairs = cast("list[Any]", listed) if isinstance(listed, list) else []
    entries = [cast("dict[str, Any]", one) for one in pairs if isinstance(one, dict)]
    return [(str(one["key"]), str(one.get("value") or "")) for one in entries if one.get("key")]


def _body(work: Import, block: Block, written: Any) -> Any:
    if not isinstance(written, str) or not written.strip():
        return None
    bare = VARIABLE.sub(lambda found: "{{" + found[1] + "}}", written)
    for attempt in (bare, re.sub(r'(?<!["\w])\{\{[^{}]+\}\}(?!["\w])', lambda found: f'"{found[0]}"', bare)):
        try:
            body = json.loads(attempt)
        except (ValueError, RecursionError):
            continue
        return tree(body, lambda text: template(work, text, work.place(block)))
    work.notes.add(work.place(block), "its body is no JSON and is left out")
    return None


def _saved(work: Import, block: Block) -> dict[str, str]:
    saved: dict[str, str] = {}
    listed = block.options.get("responseVariableMapping")
    for given in cast("list[Any]", listed) if isinstance(listed, list) else []:
        one = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        variable, written = one.get("variableId"), str(one.get("bodyPath") or "")
        if not isinstance(variable, str) or variable not in work.schemas:
            continue
        path = PATH.fullmatch(written)
        if (path is None and written not in WHOLE) or work.schemas[variable]["type"] != "string":
            work.notes.add(work.place(block), f"“{one.get('bodyPath')}” of the answer is not kept")
            continue
        steps = [int(step) if step.isdigit() else step for step in STEP.findall(path[1])] if path else []
        saved[work.names.of(variable, "")] = answered(steps) if path else WHOLE[written]
    return saved
