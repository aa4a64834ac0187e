"""Values as YAML text that an author would write: on one line, quoted only where it is needed."""

import json
import re
from typing import Any, cast

# Plain where no reader could take it for anything else, also between commas and brackets.
_PLAIN = re.compile(r"[A-Za-zÀ-ÿ]([\w .!?'’“”…()/+@-]*[\w.!?'’“”…)])?|\d+(ms|[smhd])")
_TAKEN = re.compile(r"true|false|null|yes|no|on|off|y|n", re.IGNORECASE)


def inline(value: Any, as_json: bool = False) -> str:
    """A JSON value on one line; as JSON, every text in it is quoted."""
    if isinstance(value, str):
        plain = not as_json and _PLAIN.fullmatch(value) and not _TAKEN.fullmatch(value)
        return value if plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        items = cast("dict[Any, Any]", value).items()
        return "{" + ", ".join(f"{inline(str(k), as_json)}: {inline(v, as_json)}" for k, v in items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(one, as_json) for one in cast("list[Any]", value)) + "]"
    return json.dumps(value)
