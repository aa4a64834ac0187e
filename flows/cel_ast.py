"""The checked tree of an expression, read from the bytes that the compiler gives.

cel-expr-python hands its tree out only as a serialized `cel.expr.CheckedExpr` (or `ParsedExpr`), so here
is a small descriptor of our own, with just the fields that are read. Maps stand as repeated entries, which
is how protobuf writes them.

Source: cel-spec, proto/cel/expr/{syntax,checked}.proto.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

_SHAPES: Final = {
    "Any": "value=2:bytes",
    "Checked": "types=3:TypeOf* source=5:Source expr=4:Expr",
    "Parsed": "expr=2:Expr source=3:Source",
    "TypeOf": "key=1:int64 value=2:Type",
    "Type": "dyn=1:Nothing? primitive=3:int64? wrapper=4:int64? list=6:Nothing? map=7:Nothing? message=9:string?",
    "Nothing": "",
    "Source": "positions=4:Position*",
    "Position": "key=1:int64 value=2:int64",
    "Expr": (
        "id=2:int64 const=3:Const? ident=4:Ident? select=5:Select? call=6:Call? list=7:List? struct=8:Struct? "
        "comprehension=9:Comprehension?"
    ),
    "Const": "null=1:int64? bool=2:bool? int=3:int64? uint=4:uint64? double=5:double? string=6:string? bytes=7:bytes?",
    "Ident": "name=1:string",
    "Select": "operand=1:Expr field=2:string test_only=3:bool",
    "Call": "target=1:Expr function=2:string args=3:Expr*",
    "List": "elements=1:Expr*",
    "Struct": "message_name=1:string entries=2:Entry*",
    "Entry": "map_key=3:Expr value=4:Expr",
    "Comprehension": (
        "iter_var=1:string iter_range=2:Expr accu_var=3:string accu_init=4:Expr loop_condition=5:Expr "
        "loop_step=6:Expr result=7:Expr iter_var2=8:string"
    ),
}
_SCALARS: Final[dict[str, Any]] = {
    "int64": FieldDescriptorProto.TYPE_INT64,
    "uint64": FieldDescriptorProto.TYPE_UINT64,
    "double": FieldDescriptorProto.TYPE_DOUBLE,
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "string": FieldDescriptorProto.TYPE_STRING,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
}


def _messages() -> dict[str, Any]:
    file = FileDescriptorProto(name="chatloom/cel_ast.proto", package="chatloom.ast", syntax="proto3")
    for name, fields in _SHAPES.items():
        message = file.message_type.add(name=name)
        if "?" in fields:
            message.oneof_decl.add(name="kind")
        for spec in fields.split():
            label, _, rest = spec.partition("=")
            number, _, kind = rest.partition(":")
            made = message.field.add(
                name=label, number=int(number), label=FieldDescriptorProto.LABEL_OPTIONAL
            )
            if kind.endswith("*"):
                made.label = FieldDescriptorProto.LABEL_REPEATED
            if kind.endswith("?"):
                made.oneof_index = 0
            kind = kind.rstrip("*?")
            if kind in _SCALARS:
                made.type = _SCALARS[kind]
            else:
                made.type = FieldDescriptorProto.TYPE_MESSAGE
                made.type_name = f".chatloom.ast.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)  # pyright: ignore[reportUnknownMemberType]
    find = pool.FindMessageTypeByName
    return {name: message_factory.GetMessageClass(find(f"chatloom.ast.{name}")) for name in _SHAPES}


_MESSAGES: Final = _messages()

Expr = Any
"""A node; `WhichOneof("kind")` tells which."""

NOTHING_BOUND: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree with the offset (in characters) and, once checked, the type of each node."""

    root: Expr
    offsets: dict[int, int]
    types: dict[int, Any]

    def offset(self, node: Expr) -> int:
        """Where the whole of `node` begins in the text."""
        if node.WhichOneof("kind") == "select":
            return self.offset(node.select.operand)
        return self.offsets.get(node.id, 0)

    def type(self, node: Expr) -> str | None:
        """`primitive`, `wrapper`, `dyn`, `list`, `map` or `message`; None for the others.

        An unset field that is a wrapper or dyn reads as null; lists, maps and messages read as empty.
        """
        kind = self.types.get(node.id)
        return kind and kind.WhichOneof("kind")


def read(serialized: bytes) -> Tree:
    """The tree of a compiled expression, checked or only parsed."""
    wrapped = _MESSAGES["Any"].FromString(serialized)
    checked = b"CheckedExpr" in serialized[:64]
    whole = _MESSAGES["Checked" if checked else "Parsed"].FromString(wrapped.value)
    offsets = {one.key: one.value for one in whole.source.positions}
    types = {one.key: one.value for one in whole.types} if checked else {}
    return Tree(whole.expr, offsets, types)


def path_of(node: Expr, bound: frozenset[str], optional: bool = True) -> str | None:
    """`data.address.city` for a chain of selects from a variable, else None.

    `bound` are the variables of enclosing macros. With `optional`, `data.?address` is such a chain too.
    """
    match node.WhichOneof("kind"):
        case "ident":
            name: str = node.ident.name.removeprefix(".")
            return None if name in bound else name
        case "select":
            head = path_of(node.select.operand, bound, optional)
            return head and f"{head}.{node.select.field}"
        case "call" if optional and node.call.function in ("_?._", "_[_]"):
            owner, key = node.call.args
            head = path_of(owner, bound, optional)
            return f"{head}.{key.const.string}" if head and key.const.WhichOneof("kind") == "string" else None
        case _:
            return None


def children(node: Expr, bound: frozenset[str]) -> Iterator[tuple[Expr, frozenset[str]]]:
    """The parts of a node, each with the macro variables that are bound in it."""
    match node.WhichOneof("kind"):
        case "select":
            yield node.select.operand, bound
        case "call":
            if node.call.HasField("target"):
                yield node.call.target, bound
            for one in node.call.args:
                yield one, bound
        case "list":
            for one in node.list.elements:
                yield one, bound
        case "struct":
            for entry in node.struct.entries:
                if entry.HasField("map_key"):
                    yield entry.map_key, bound
                yield entry.value, bound
        case "comprehension":
            loop = node.comprehension
            inner = bound | {loop.iter_var, loop.iter_var2, loop.accu_var}
            yield loop.iter_range, bound
            yield loop.accu_init, bound
            for one in (loop.loop_condition, loop.loop_step, loop.result):
                yield one, inner
        case _:
            return


def nodes(tree: Tree) -> Iterator[Expr]:
    """Every node of the tree."""
    waiting: list[Expr] = [tree.root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(child for child, _ in children(node, NOTHING_BOUND))


def paths(tree: Tree) -> frozenset[str]:
    """The dotted paths that the tree reads, each as long as it goes."""
    found: set[str] = set()
    waiting = [(tree.root, NOTHING_BOUND)]
    while waiting:
        node, bound = waiting.pop()
        path = path_of(node, bound)
        if path:
            found.add(path)
        else:
            waiting.extend(children(node, bound))
    return frozenset(found)
