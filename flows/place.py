"""Where something stands in the files of a bot: file, line, column and JSON pointer."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Place:
    """A point in a file. Lines and columns count from 1, in characters."""

    file: str = ""
    line: int = 1
    column: int = 1
    pointer: str = ""

    def within(self, line: int, column: int) -> "Place":
        """The place of what stands at `line` and `column` of a text that begins here."""
        if line == 1:
            return replace(self, column=self.column + column - 1)
        return replace(self, line=self.line + line - 1, column=column)

    def after(self, text: str, offset: int) -> "Place":
        """The place of the character at `offset` of a `text` that begins here."""
        before = text[:offset]
        return self.within(before.count("\n") + 1, offset - before.rfind("\n"))

    def down(self, *keys: str | int) -> "Place":
        """The same point, named by a longer pointer."""
        return replace(self, pointer=self.pointer + "".join("/" + escape(str(key)) for key in keys))


def escape(key: str) -> str:
    """A key as one segment of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def segments(pointer: str) -> list[str]:
    """The keys of a JSON pointer; none for the whole document."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def dotted(pointer: str) -> str:
    """A JSON pointer as people write paths: `/steps/2/then` is `steps[2].then`."""
    path = ""
    for key in segments(pointer):
        if key.isdecimal():
            path += f"[{key}]"
        elif key.replace("_", "a").replace("-", "a").isalnum():
            path += f".{key}" if path else key
        else:
            path += f"[{key!r}]"
    return path
