"""Expressions: a scope that knows the types of its variables, and what is compiled in it.

`data.sise` and `data.size > 3` are refused when a bot is checked. While a bot runs, an expression gives a
plain JSON value or raises `EvaluationFailed`; nothing else comes out, whatever the contact has written.
CEL's own limits bound it: nesting of 32, a budget of iterations, RE2, no side effects.

Source: cel-spec, doc/langdef.md; cel-expr-python 0.1.3.
"""

import datetime as dt
import json
import math
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, cast

from cel_expr_python import cel  # pyright: ignore[reportMissingTypeStubs]
from google.protobuf import descriptor_pool, message_factory, struct_pb2, timestamp_pb2, wrappers_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

from flows import cel_ast, direct, formats
from flows.cel_faults import FAULT, OVERLOAD, explained, mixes_numbers, offset_of
from flows.cel_literals import Rewritten, widen
from flows.diagnostic import Diagnostic, error
from flows.place import Place
from flows.types import Loose, Many, Note, Scalar, Shape, Structure, Types, type_name
from flows.values import EVERYTHING, EvaluationFailed, Paths, Unfit, Values, fill, loose, scalar
from flows.wording import NO_WORDS, Wording, worded
from schemas.effects import SecretRef

VARIABLES: Final = ("data", "contact", "message", "result", "event", "number", "bot", "texts", "now")
MAX_TEXT: Final = 10_000

_SCOPES_KEPT: Final = 256
_REFERENCE: Final = "chatloom.Secret"
_EXACT: Final = 1 << 53
_NOT_JSON: Final = "it has no value that JSON can hold"
_REASONS: Final = (
    ("No matching overloads", "a value in it is unset or of another kind"),
    ("Applying SELECT", "a value in it is unset or of another kind"),
    ("Invalid container", "a value in it is unset or of another kind"),
    ("Invalid map key", "a key is unset or of another kind"),
    ("Key not found", "there is no such key"),
    ("Index error", "the list is shorter"),
    ("divide by zero", "it divides by zero"),
    ("modulus by zero", "it divides by zero"),
    ("overflow", "a number is out of range"),
    ("range", "a value is out of range"),
    ("regular expression", "the pattern is not a regular expression"),
    ("budget", "it takes too many steps"),
)
_SCALAR_TYPES: Final = {
    "string": cel.Type.STRING,
    "integer": cel.Type.INT,
    "number": cel.Type.DOUBLE,
    "boolean": cel.Type.BOOL,
}


class Scope:
    """The variables that expressions see, with their types. Make it with `scope_of`, which keeps the last ones."""

    def __init__(self, schemas: Mapping[str, Mapping[str, Any] | None]) -> None:
        types = Types()
        self.shapes: dict[str, Shape] = {name: Loose() for name in VARIABLES if name != "now"}
        self.notes: dict[str, list[Note]] = {}
        for name, schema in schemas.items():
            if schema is not None:
                self.shapes[name], self.notes[name] = types.shape(name, schema)
            else:
                self.shapes[name] = Loose()
        self.structures, self.paths = types.structures, types.paths
        pool = descriptor_pool.DescriptorPool()
        for known in (wrappers_pb2, struct_pb2, timestamp_pb2):
            pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
        for file in (types.file, _secret_file()):
            pool.AddSerializedFile(file.SerializeToString())
        self._classes: dict[str, Any] = {
            name: message_factory.GetMessageClass(pool.FindMessageTypeByName(type_name(structure)))
            for name, structure in types.structures.items()
        }
        secret = message_factory.GetMessageClass(pool.FindMessageTypeByName(_REFERENCE))
        self.variables = frozenset(self.shapes) | {"now"}
        self._parts: dict[str, Any] = {
            "descriptor_pool": pool,
            "variables": {
                **{name: _declared(shape) for name, shape in self.shapes.items()},
                "now": cel.Type.TIMESTAMP,
            },
            "functions": [_secret_function(secret), *formats.declarations()],
        }
        self.env = cel.NewEnv(**self._parts)

    @cached_property
    def extended(self) -> cel.Env:
        """`env` with CEL's optional values and text functions too: 5 MB of a process, so for those who use them."""
        from cel_expr_python.ext import (  # pyright: ignore[reportMissingTypeStubs]
            ext_optional,
            ext_strings,
        )

        return cel.NewEnv(**self._parts, extensions=[ext_optional.ExtOptional(), ext_strings.ExtStrings()])

    def convert(self, name: str, value: Any, only: Paths = EVERYTHING) -> Any:
        """The value of a variable as CEL takes it, with `only` these fields of a declared object."""
        if name == "now":
            if not isinstance(value, dt.datetime):
                raise Unfit("now is not a moment")
            return value
        return self._converted(self.shapes[name], value, name, only)

    def _converted(self, shape: Shape, value: Any, path: str, only: Paths = EVERYTHING) -> Any:
        match shape:
            case Structure(message):
                made = self._classes[message]()
                if value is not None:
                    fill(made, shape, value, path, only)
                return made
            case Many(item):
                if not isinstance(value, list | tuple | None):
                    raise Unfit(f"{path} is not a list")
                return [self._converted(item, one, path) for one in cast("list[Any]", value or [])]
            case Scalar(kind):
                return loose(scalar(kind, value, path), path)
            case _:
                return loose(value, path)


_scopes: "OrderedDict[str, Scope]" = OrderedDict()


def scope_of(schemas: Mapping[str, Mapping[str, Any] | None]) -> Scope:
    """The scope with these schemas; the standard variables that are not named are dynamic. Same content, same scope."""
    key = json.dumps(schemas, sort_keys=False, default=str)
    scope = _scopes.pop(key, None) or Scope(schemas)
    _scopes[key] = scope
    if len(_scopes) > _SCOPES_KEPT:
        _scopes.popitem(last=False)
    return scope


@dataclass(frozen=True, eq=False)
class Compiled:
    """An expression that passed the checker. `returns` is CEL's name of its type."""

    text: str
    scope: Scope
    place: Place
    returns: str
    program: cel.Expression
    written: Rewritten

    @cached_property
    def tree(self) -> cel_ast.Tree:
        """The checked tree."""
        return cel_ast.read(self.program.serialize())

    @cached_property
    def references(self) -> frozenset[str]:
        """The dotted paths that it reads, as `data.size`."""
        known = self.scope.variables
        return frozenset(path for path in cel_ast.paths(self.tree) if path.partition(".")[0] in known)

    @cached_property
    def seen(self) -> tuple[Scope, frozenset[str]]:
        """What it needs of a turn: equal for expressions that can share an activation."""
        return self.scope, self.references

    @cached_property
    def reads(self) -> tuple[tuple[str, Paths], ...]:
        """The variables that it reads, each with the fields that it reads of it."""
        trees: dict[str, dict[str, Any]] = {}
        for path in sorted(self.references, reverse=True):  # a whole after its parts
            *above, last = path.split(".")
            owner = trees
            for name in above:
                owner = owner.setdefault(name, {})
            owner[last] = {}
        shapes = self.scope.shapes
        return tuple(
            (name, fields if isinstance(shapes.get(name), Structure) else EVERYTHING)
            for name, fields in sorted(trees.items())
        )

    @cached_property
    def direct(self) -> direct.Reader | None:
        """What reads its value without CEL, if it is simple."""
        return direct.reader(self.tree.root, self.scope.shapes)

    @cached_property
    def loops(self) -> bool:
        """Whether it holds a macro over a list."""
        return any(node.WhichOneof("kind") == "comprehension" for node in cel_ast.nodes(self.tree))

    @cached_property
    def formats(self) -> bool:
        """Whether it calls what writes values in the contact's language."""
        names = formats.FUNCTIONS
        return any(name in self.text for name in names) and any(
            node.call.function in names
            for node in cel_ast.nodes(self.tree)
            if node.WhichOneof("kind") == "call"
        )

    def where(self, offset: int) -> Place:
        """The file's place of the character at `offset` of the compiled text."""
        return self.place.after(self.text, self.written.offset(offset))


def compile(text: str, scope: Scope, place: Place, *, secrets: bool = False) -> Compiled | Diagnostic:
    """Check and compile one expression; the diagnostic's place is inside it. `secrets` allows `secret("x")`."""
    if len(text) > MAX_TEXT:
        return error(
            "E001", worded("the expression is longer than {limit} characters", limit=MAX_TEXT), place
        )
    written = Rewritten(text)
    first: Diagnostic | None = None
    env = scope.env
    while True:
        try:
            program = env.compile(written.text)
            break
        except (RuntimeError, ValueError, TypeError) as fault:
            said = str(fault)
        wider = _widened(said, written, env)
        if wider is None and env is scope.env:
            env = scope.extended
            continue
        if first is None or not mixes_numbers(said):
            first = explained(said, written, text, scope, place)
        if wider is None:
            return first
        written = wider
    returns = program.return_type().name()
    compiled = Compiled(text, scope, place, returns, program, written)
    if why := _unwritable(returns):
        return error("E005", why[0], place, why[1])
    return _forbidden(compiled, secrets) or compiled


def evaluate(compiled: Compiled, values: Values | Mapping[str, Any]) -> Any:
    """The plain value of an expression. Raises `EvaluationFailed`, and nothing else.

    Numbers that had no declared type come back as JSON writes them: a whole one as an int. Keys of undeclared
    objects are sorted, because CEL's maps keep no order.
    """
    held = values if isinstance(values, Values) else Values(values)
    if compiled.direct is not None:
        try:
            return _finished(compiled.direct(held.given), compiled)
        except direct.Elsewhere:
            pass
    return by_cel(compiled, held)


def by_cel(compiled: Compiled, values: Values) -> Any:
    """`evaluate`, without what `flows.direct` makes shorter."""
    try:
        outcome = _outcome(compiled, values)
        plain: Any = outcome.plain_value()
    except Unfit as unfit:
        raise EvaluationFailed(compiled.text, str(unfit)) from None
    except (RuntimeError, TypeError, ValueError, OverflowError) as fault:
        raise _failed(compiled, str(fault)) from fault
    if isinstance(plain, str) and outcome.type() == cel.Type.ERROR:
        raise _failed(compiled, plain)
    return _finished(plain, compiled)


def _outcome(compiled: Compiled, values: Values) -> Any:
    if not compiled.formats:
        return compiled.program.eval(values.activation(compiled))
    with formats.reading_as(*formats.reading_of(values.given)):
        return compiled.program.eval(values.activation(compiled))


def _finished(plain: Any, compiled: Compiled) -> Any:
    if plain is None or plain is True or plain is False or isinstance(plain, str):
        return plain
    return _json(plain, compiled, compiled.returns != "DOUBLE" and "DOUBLE>" not in compiled.returns)


def _json(value: Any, compiled: Compiled, tidy: bool) -> Any:
    match value:
        case None | bool() | int() | str() | dt.datetime() | dt.timedelta():
            return value
        case float():
            if not math.isfinite(value):
                raise EvaluationFailed(compiled.text, "a number is out of range")
            return int(value) if tidy and value.is_integer() and abs(value) < _EXACT else value
        case list():
            return [_json(one, compiled, tidy) for one in cast("list[Any]", value)]
        case dict():
            given = cast("dict[Any, Any]", value)
            plain = {str(key): one for key, one in given.items()}
            return {key: _json(plain[key], compiled, tidy) for key in sorted(plain)}
        case _ if hasattr(value, "DESCRIPTOR"):
            return _json_of_message(value, compiled)
        case _:
            raise EvaluationFailed(compiled.text, _NOT_JSON)


def _json_of_message(message: Any, compiled: Compiled) -> Any:
    name: str = message.DESCRIPTOR.full_name
    if name == _REFERENCE:
        return SecretRef(message.name)
    if name == "google.protobuf.Struct":
        return {key: _json_of_message(message.fields[key], compiled) for key in sorted(message.fields)}
    if name == "google.protobuf.Value":
        kind = message.WhichOneof("kind")
        if kind == "list_value":
            return [_json_of_message(one, compiled) for one in message.list_value.values]
        if kind == "struct_value":
            return _json_of_message(message.struct_value, compiled)
        return None if kind == "null_value" else _json(getattr(message, kind), compiled, True)
    if name.startswith("google.protobuf."):
        return _json(message.value, compiled, False)
    plain: dict[str, Any] = {}
    for described, item in message.ListFields():
        many = isinstance(compiled.scope.structures[message.DESCRIPTOR.name].fields[described.name], Many)
        plain[described.name] = (
            [_json_item(one, compiled) for one in item] if many else _json_of_message(item, compiled)
        )
    return plain


def _json_item(item: Any, compiled: Compiled) -> Any:
    return _json_of_message(item, compiled) if hasattr(item, "DESCRIPTOR") else _json(item, compiled, False)


def _failed(compiled: Compiled, said: str) -> EvaluationFailed:
    why = next((why for sign, why in _REASONS if sign in said), _NOT_JSON)
    return EvaluationFailed(compiled.text, why, missing=said.startswith("NOT_FOUND"))


def _declared(shape: Shape) -> Any:
    match shape:
        case Structure():
            return cel.Type(type_name(shape))
        case Many(item):
            return cel.Type.List(_declared(item))
        case Scalar(kind):
            return _SCALAR_TYPES[kind]
        case _:
            return cel.Type.DYN


def _secret_file() -> FileDescriptorProto:
    file = FileDescriptorProto(name="chatloom/secret.proto", package="chatloom", syntax="proto3")
    made = file.message_type.add(name="Secret")
    made.field.add(
        name="name",
        number=1,
        type=FieldDescriptorProto.TYPE_STRING,
        label=FieldDescriptorProto.LABEL_OPTIONAL,
    )
    return file


def _secret_function(message: Any) -> Any:
    def secret(name: str) -> Any:
        return message(name=name)

    overload = cel.Overload("secret_string", cel.Type(_REFERENCE), [cel.Type.STRING], impl=secret)
    return cel.FunctionDecl("secret", [overload])


def _forbidden(compiled: Compiled, secrets: bool) -> Diagnostic | None:
    """What type-checks and still may not be: stray secrets, messages made by hand, lists made from a map."""
    if not re.search(r"secret|[{]|\b(map|filter)\b", compiled.text) and not compiled.formats:
        return None
    tree = compiled.tree
    for node in cel_ast.nodes(tree):
        kind = node.WhichOneof("kind")
        at = compiled.where(tree.offsets.get(node.id, 0))
        if kind == "struct" and node.struct.message_name:
            return error(
                "E005",
                worded("{kind} cannot be made here", kind=node.struct.message_name),
                at,
                worded("use a map: {'key': value}"),
            )
        if kind == "comprehension" and _lists_a_map(node.comprehension, tree):
            return error(
                "E008",
                worded("a map has no order, so no list can be made of it"),
                at,
                worded("use exists() or all()"),
            )
        if kind == "call" and (wrong := _misformed(node.call)):
            return error("E009", wrong, at)
        if kind != "call" or node.call.function != "secret":
            continue
        if not secrets:
            return error(
                "E006",
                worded("a secret may not be used here"),
                at,
                worded("only in a webhook's url, headers and body"),
            )
        if node.call.args[0].const.WhichOneof("kind") != "string":
            return error(
                "E006", worded("the name of a secret must be written out"), at, worded('secret("crm_token")')
            )
        if compiled.returns != _REFERENCE:
            return error(
                "E006",
                worded("a secret cannot be part of a computation"),
                at,
                worded("give it a {{ … }} of its own"),
            )
    return None


def _misformed(call: Any) -> Wording:
    """What is wrong with the arguments of a formatting function that are written out."""
    known = formats.FUNCTIONS.get(call.function)
    return (
        known.check([_literal(one) for one in call.args]) if known is not None and known.check else NO_WORDS
    )


def _literal(node: Any) -> Any:
    """The value of an argument that is a text, or a map with texts as keys; None for any other."""
    if node.WhichOneof("kind") == "struct":
        keys = [entry.map_key.const.string for entry in node.struct.entries]
        return dict.fromkeys(keys) if all(keys) else None
    return node.const.string if node.const.WhichOneof("kind") == "string" else None


def _lists_a_map(loop: Any, tree: cel_ast.Tree) -> bool:
    return tree.type(loop.iter_range) == "map" and loop.accu_init.WhichOneof("kind") == "list"


def _unwritable(returns: str) -> tuple[Wording, Wording] | None:
    if returns.startswith("optional_type"):
        return worded("the result may be absent"), worded("end it with .orValue(…)")
    if returns.startswith("TYPE"):
        return worded("the result is a type, not a value"), worded("compare it: type(x) == string")
    if returns == "BYTES":
        return worded("the result is bytes, not text"), worded("use string(…)")
    return None


def _widened(said: str, written: Rewritten, env: cel.Env) -> Rewritten | None:
    found = FAULT.search(said)
    overload = found and OVERLOAD.match(found[3])
    if not found or not overload or not mixes_numbers(overload[2]):
        return None
    parsed = cel_ast.read(env.compile(written.text, disable_check=True).serialize())
    return widen(written, parsed, offset_of(written.text, int(found[1]), int(found[2])))
