"""What an author wrote in an action or a trigger, compiled: its expressions, templates and JSON bodies.

The marks of `flows.action` say how each value is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel

from flows import cel, template
from flows.action import Mark, marked
from flows.diagnostic import Diagnostic, did_you_mean, error
from flows.document import Source
from flows.form import Field
from flows.place import Place, escape
from flows.scopes import CONTACT_FIELDS
from flows.texts import sources
from flows.wording import Wording, worded
from schemas.flow import TextDocument

READ_ONLY = ("id", "phone")


@dataclass(slots=True)
class Parts:
    """The compiled texts of one step or trigger, by what the author wrote (trees by pointer below `with`).

    `own` is the scope in which `result` is what the step brought. `found` is what is wrong with them. `source` and `pointer` say where the model stands in its file.
    """

    scope: cel.Scope
    source: Source
    pointer: str
    fields: Mapping[str, Field]
    contact_fields: Mapping[str, Mapping[str, Any]]
    own: cel.Scope | None = None
    found: list[Diagnostic] = field(default_factory=list[Diagnostic])
    marked: tuple[tuple[str, Mark, Any], ...] = ()
    expressions: dict[str, cel.Compiled] = field(default_factory=dict[str, cel.Compiled])
    of_result: dict[str, cel.Compiled] = field(default_factory=dict[str, cel.Compiled])
    templates: dict[str, template.Template] = field(default_factory=dict[str, template.Template])
    trees: dict[str, template.Tree] = field(default_factory=dict[str, template.Tree])

    def read(self, model: BaseModel) -> None:
        """Compile every marked value of an action or a trigger, and check the names that it holds."""
        self.marked = tuple(marked(model))
        for below, mark, value in self.marked:
            self._take(below, mark, value)
        for name in cast("list[str]", getattr(model, "fields", None) or []):
            if name in self.fields:
                self._prompts(self.fields[name], f"/data/ui_schema/{escape(name)}")

    def read_text(self, text: TextDocument, below: str) -> None:
        """Compile what a text by language inserts; `below` is its pointer under `pointer`."""
        self._take(below, Mark("text"), text)

    def _take(self, below: str, mark: Mark, value: Any) -> None:
        at = self.pointer + below
        match mark.reading:
            case "expression":
                self._expression(value, self.source.place(at), mark)
            case "template":
                self._template(value, self.source.place(at), mark.secrets)
            case "text":
                for further, _, text in sources(value):
                    if "{{" in text:
                        self._template(text, self.source.place(at + further), mark.secrets)
            case "tree":
                tree, faults = template.compile_tree(
                    value, self.scope, lambda inner: self.source.place(at + inner), secrets=mark.secrets
                )
                self.found.extend(faults)
                self.trees[below] = tree
            case "data_field":
                if value not in self.fields:
                    hint = did_you_mean(value, self.fields) or worded(
                        "declare it under data.schema.properties"
                    )
                    self._no("F017", worded("this flow's data has no field {value!r}", value=value), at, hint)
            case "contact_field":
                writable = {*self.contact_fields, *CONTACT_FIELDS}.difference(READ_ONLY)
                if value not in writable:
                    hint = did_you_mean(value, writable) or worded(
                        "declare it under contact.fields in bot.yaml"
                    )
                    self._no("F018", worded("a contact has no field {value!r}", value=value), at, hint)
            case _:
                pass  # a flow: the compiler knows the flows, and asks `Action.reaches`

    def _prompts(self, field: Field, pointer: str) -> None:
        """What a collect step asks with."""
        for further, _, text in sources(field.prompt):
            self._template(text, self.source.place(f"{pointer}/ui:prompt{further}"), False)
        for name, child in field.children.items():
            self._prompts(child, f"{pointer}/{escape(name)}")

    def _no(self, code: str, message: Wording, at: str, hint: Wording) -> None:
        self.found.append(error(code, message, self.source.key_place(at), hint))

    def _expression(self, text: str, place: Place, mark: Mark) -> None:
        scope, kept = self.scope, self.expressions
        if mark.own and self.own is not None:
            scope, kept = self.own, self.of_result
        compiled = cel.compile(text, scope, place, secrets=mark.secrets)
        if isinstance(compiled, Diagnostic):
            self.found.append(compiled)
        else:
            kept[text] = compiled

    def _template(self, text: str, place: Place, secrets: bool) -> None:
        if "{{" not in text or text in self.templates:
            return
        compiled = template.compile_template(text, self.scope, place, secrets=secrets)
        if isinstance(compiled, list):
            self.found.extend(compiled)
        else:
            self.templates[text] = compiled
