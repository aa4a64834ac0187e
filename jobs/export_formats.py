"""How rows become a file: CSV, JSON lines or Parquet. Each takes batches, and holds no more than one.

CSV by RFC 4180, UTF-8. A cell of text that a spreadsheet would run as a formula gets an apostrophe in front
(OWASP, "CSV Injection"). Parquet keeps types; objects are JSON text there.
"""

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import orjson

from store.export_files import ExportWriter
from store.exports import Kind, Row

Format = Literal["csv", "jsonl", "parquet"]

FORMULA = ("=", "+", "-", "@", "\t", "\r")
GROUP_ROWS = 10_000  # of Parquet: what is held in memory
GROUP_CHARS = 16 << 20


class Writer(Protocol):
    """Writes rows in one format."""

    def write(self, rows: Sequence[Row]) -> None: ...

    def end(self) -> None: ...


class CsvWriter:
    """A line of names, then a line a row."""

    def __init__(self, file: ExportWriter, columns: Mapping[str, Kind]) -> None:
        self._file = file
        self._kinds = list(columns.items())
        self._lines([list(columns)])

    def write(self, rows: Sequence[Row]) -> None:
        self._lines([[_cell(kind, row[name]) for name, kind in self._kinds] for row in rows])

    def end(self) -> None:
        """There is nothing left to write."""

    def _lines(self, cells: Sequence[Sequence[str]]) -> None:
        text = io.StringIO()
        csv.writer(text).writerows(cells)
        self._file.write(text.getvalue().encode("utf-8", "replace"))


class JsonLinesWriter:
    """An object a line."""

    def __init__(self, file: ExportWriter, columns: Mapping[str, Kind]) -> None:
        self._file = file

    def write(self, rows: Sequence[Row]) -> None:
        lines = (orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z) for row in rows)
        self._file.write(b"".join(lines))

    def end(self) -> None:
        """There is nothing left to write."""


class ParquetWriter:
    """Columns with their types, compressed by Zstandard. Arrow is loaded here: most workers never need it."""

    def __init__(self, file: ExportWriter, columns: Mapping[str, Kind]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = {
            "text": pa.string(),
            "json": pa.string(),
            "int": pa.int64(),
            "bool": pa.bool_(),
            "time": pa.timestamp("us", "UTC"),
        }
        self._arrow = pa
        self._schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
        self._json = [name for name, kind in columns.items() if kind == "json"]
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")
        self._rows: list[Row] = []
        self._chars = 0

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            texts = {name: orjson.dumps(row[name]).decode() for name in self._json}
            self._chars += sum(map(len, texts.values()))
            self._rows.append({**row, **texts})
        if len(self._rows) >= GROUP_ROWS or self._chars >= GROUP_CHARS:
            self._group()

    def end(self) -> None:
        """The rest, and the file's footer."""
        if self._rows:
            self._group()
        self._writer.close()

    def _group(self) -> None:
        self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._rows, self._chars = [], 0


WRITERS: Mapping[Format, type[CsvWriter | JsonLinesWriter | ParquetWriter]] = {
    "csv": CsvWriter,
    "jsonl": JsonLinesWriter,
    "parquet": ParquetWriter,
}


def _cell(kind: Kind, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case dt.datetime():
            return value.isoformat().replace("+00:00", "Z")
        case str():
            return f"'{value}" if value.startswith(FORMULA) else value
        case _:
            return orjson.dumps(value).decode() if kind == "json" else str(value)
