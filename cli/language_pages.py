"""`docs/language/`: the pages that are made from the code, whole; `cli.reference` writes and checks them.

A page for each action and trigger (docstring, example, what the example does when it is run, parameters, outcomes,
and the sentences of its cases), one for the documents of a bot folder, one for the names that expressions see, and
the cookbook, which is the bots in `bots/cookbook/` and what is said in their first tests.
"""

import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

import flows
from cli import example, folder, kind
from cli.export_schemas import outcomes_of
from flows import bot, cel, compiler, formats, kinds, scopes
from flows.action import Action
from flows.bot import Bot
from flows.document import Source, parse
from flows.place import Place
from flows.testing import run_test
from schemas import flow as documents
from sessions.registry import driver

COOKBOOK = Path(__file__).parent.parent / "bots" / "cookbook"
MADE = "<!-- Made from the code by `make schemas`: edit the code. -->\n"
READ_FIRST = {
    "tutorial.md": "From twelve lines to a bot that books tables",
    "cookbook.md": "Fifteen tasks, each a bot with its tests",
    "coming-from.md": "Coming from Typebot, Twilio Studio, TextIt or goflow",
    "editors.md": "Your editor checks and completes a bot folder",
}
DOCUMENTS: Mapping[str, type[BaseModel]] = {
    "bot.yaml": documents.BotDocument,
    "A flow": documents.FlowDocument,
    "A step": documents.StepDocument,
    "A flow's data": documents.DataDocument,
    "A conversation test": documents.ConversationTest,
}


def pages() -> dict[str, str]:
    """Every page by its path below `docs/language/`."""
    return {
        "README.md": _index(),
        "documents.md": _documents(),
        "expressions.md": _expressions(),
        "cookbook.md": _cookbook(),
        **{f"actions/{name}.md": _action(name) for name in kinds.actions()},
        **{f"triggers/{name}.md": _trigger(name) for name in kinds.triggers()},
    }


def _index() -> str:
    parts = [
        MADE,
        "# The flow language\n",
        "A bot is a folder of YAML files. [Writing bots](../authoring.md) tells how they hang together; here is "
        "what each part takes.\n",
        _bullets(f"[{title}]({page})" for page, title in READ_FIRST.items()),
        "## Reference\n",
        "[The documents of a bot folder](documents.md), [names in expressions](expressions.md), "
        "[forms](../authoring/forms.md), [what is checked](../authoring/checks.md).\n",
        "| action | does | outcomes |\n|---|---|---|\n"
        + "\n".join(
            f"| [`{name}`](actions/{name}.md) | {_cell(kind.summary(cls))} | {', '.join(_outcomes(cls)) or '–'} |"
            for name, cls in kinds.actions().items()
        )
        + "\n",
        "| trigger | fires |\n|---|---|\n"
        + "\n".join(
            f"| [`{name}`](triggers/{name}.md) | {_cell(kind.summary(cls))} |"
            for name, cls in kinds.triggers().items()
        )
        + "\n",
    ]
    return "\n".join(parts)


def _action(name: str) -> str:
    cls = kinds.actions()[name]
    parts = [
        _head(name, cls),
        f"```yml\n{example.text(cls)}\n```\n",
        "Ana says hello, and the example does:\n",
        "```\n" + "\n".join(example.played(cls)) + "\n```\n",
        _parameters(cls),
        "## Outcomes\n",
        (", ".join(_outcomes(cls)) + ".\n") if _outcomes(cls) else _no_outcomes(cls.ends),
        _cases(f"actions/{name}"),
    ]
    return "\n".join(parts)


def _trigger(name: str) -> str:
    cls = kinds.triggers()[name]
    parts = [
        _head(name, cls),
        f"```yml\ntriggers:\n  - {example.text(cls)}\n```\n",
        "Any trigger may have `interrupt: true`: then it fires also while another run waits, which goes on after.\n",
        _parameters(cls),
        _cases(f"triggers/{name}"),
    ]
    return "\n".join(parts)


def _head(name: str, cls: type) -> str:
    said = inspect.cleandoc(cls.__doc__ or "").partition("Example:\n")[0].strip()
    return f"{MADE}\n# {name}\n\n{said}\n"


def _outcomes(cls: type[Action]) -> list[str]:
    known = outcomes_of(cls)
    return [
        *([f"one for each of `{known['keys_of']}`"] if known["keys_of"] else []),
        *(["`done`", "what the flow stops with"] if known["results_of"] else []),
        *(f"`{name}`" for name in known["names"]),
    ]


def _no_outcomes(ends: bool) -> str:
    return "None: it ends the flow.\n" if ends else "None: the next step follows.\n"


def _parameters(model: type[BaseModel]) -> str:
    parts = ["## What it takes\n", _table(kind.parameters(model))]
    for name, inner in kind.inner_models(model).items():
        parts.append(f"`{name}`: {kind.summary(inner)}\n")
        parts.append(_table(kind.parameters(inner)))
    return "\n".join(parts)


def _table(parameters: Iterable[kind.Parameter]) -> str:
    rows = ["| key | type | default | what |", "|---|---|---|---|"]
    for one in parameters:
        default = "must be given" if one.default is None else _default(one.default)
        rows.append(f"| `{one.name}` | {_cell(one.type)} | {default} | {_cell(one.what)} |")
    return "\n".join(rows) + "\n"


def _default(written: str) -> str:
    return written if written in ("none", "empty") else f"`{_cell(written)}`"


def _cases(path: str) -> str:
    """The sentences of the cases beside an action or a trigger, each of which a test holds."""
    file = Path(flows.__file__).parent / f"{path}.cases.yaml"
    source = parse(file.name, file.read_text())
    if not isinstance(source, Source):
        raise ValueError(f"{file} cannot be read: {source[0]}")
    told = cast("list[dict[str, Any]]", source.value)
    return f"## What is sure of it\n\nEach line is a test.\n\n{_bullets('It ' + case['it'] for case in told)}"


def _documents() -> str:
    parts = [
        MADE,
        "# The documents of a bot folder\n",
        "What each file may hold. `schemas/json/` has the same as JSON Schema.\n",
    ]
    for title, model in DOCUMENTS.items():
        parts.append(f"## {title}\n")
        parts.append(f"{inspect.cleandoc(model.__doc__ or '')}\n")
        parts.append(_table(kind.parameters(model)))
        for name, inner in kind.inner_models(model).items():
            if inner not in DOCUMENTS.values() and "." not in name:
                parts.append(f"`{name}`: {kind.summary(inner)}\n")
                parts.append(_table(kind.parameters(inner)))
    return "\n".join(parts)


def _expressions() -> str:
    """The names in scope, with their types."""
    parts = [
        MADE,
        "# Expressions\n",
        "Expressions are [CEL](https://cel.dev). They see `data`, typed by the flow's schema; `result`, typed by "
        "what the last action declares; `event`, typed by its registered schema; `texts`, the snippets of "
        "`bot.yaml`; `now`, a timestamp; and:\n",
    ]
    known = {
        "contact": {"properties": scopes.CONTACT_FIELDS},
        "message": scopes.MESSAGE,
        "number": scopes.NUMBER,
        "bot": scopes.BOT,
    }
    rows = ["| name | type |", "|---|---|"]
    for name, schema in known.items():
        properties = cast("dict[str, dict[str, Any]]", schema["properties"])
        rows.extend(f"| `{name}.{field}` | {_json_type(one)} |" for field, one in properties.items())
    parts.extend(["\n".join(rows) + "\n", "`contact` also has the fields that `bot.yaml` declares.\n"])
    return "\n".join([*parts, *_functions()])


def _functions() -> list[str]:
    """The functions of our own, with what each example gives in two languages."""
    rows = ["| function | does | example | in English | in Italian |", "|---|---|---|---|---|"]
    for one in formats.FUNCTIONS.values():
        said = [_said(one.example, language) for language in ("en", "it")]
        rows.append(f"| `{one.signature}` | {_cell(one.says)} | `{one.example}` | {said[0]} | {said[1]} |")
    return [
        "## Functions\n",
        "Beside [CEL's own](https://github.com/google/cel-spec/blob/master/doc/langdef.md#standard-definitions) "
        "and those for [texts](https://pkg.go.dev/github.com/google/cel-go/ext#Strings) and "
        "[optional values](https://github.com/google/cel-spec/wiki/proposal-246), these write a value as the "
        "contact reads it: in his language, else the bot's, and in his time zone, else the bot's.\n",
        "\n".join(rows) + "\n",
        "What is written out is checked with the bot: a style, a currency, the forms of a plural. A text that is "
        "no date is shown as it stands.\n",
    ]


def _said(expression: str, language: str) -> str:
    compiled = cel.compile(expression, scopes.scope_of(None, {}), Place())
    assert isinstance(compiled, cel.Compiled), compiled
    return " ".join(str(cel.evaluate(compiled, {"contact": {"language": language}})).split())


def _json_type(schema: Mapping[str, Any]) -> str:
    written = schema.get("type", "anything")
    return " or ".join(written) if isinstance(written, list) else str(written)


def _cookbook() -> str:
    parts = [
        MADE,
        "# Cookbook\n",
        "Each recipe is a bot in `bots/cookbook/`, with its tests: copy the folder, try it with "
        "`chatloom chat bots/cookbook/opening-hours`, change it.\n",
    ]
    recipes = sorted(path.parent for path in COOKBOOK.glob("*/bot.yaml"))
    rows: list[str] = []
    bodies: list[str] = []
    for path in recipes:
        read = bot.load(folder.read(path))
        title = bot.title(read.files)
        rows.append(f"- [{title}](#{path.name})")
        bodies.append(_recipe(path.name, title, read))
    return "\n".join([*parts, "\n".join(rows) + "\n", *bodies])


def _recipe(name: str, title: str, read: Bot) -> str:
    main = read.files["bot.yaml"]
    why = " ".join(line.removeprefix("#").strip() for line in main.splitlines() if line.startswith("#"))
    parts = [f'<a id="{name}"></a>\n', f"## {title}\n", f"{why}\n"]
    for path in sorted(path for path in read.files if path.startswith("flows/")):
        parts.append(f"`bots/cookbook/{name}/{path}`:\n")
        parts.append(f"```yml\n{read.files[path].rstrip()}\n```\n")
    parts.append(f"```\n{_transcript(read)}\n```\n")
    return "\n".join(parts)


def _transcript(read: Bot) -> str:
    """What is said in a bot's first test."""
    path, test = read.tests[0]
    channel = test.document.channel
    result = run_test(compiler.compile(read), path, test.document, {channel: driver(channel).capabilities})
    return "\n".join(
        f"{one.who:>8}  {one.text.replace(chr(10), chr(10) + ' ' * 10)}" for one in result.transcript
    )


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
