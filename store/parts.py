"""Parts: rows of several numbers, each under its own lease and key, for one statement that writes them all.

Statements find rows by key: by the numbers as well as by the ids, as `= ANY` beside the join. A join alone
is planned as a scan while a table is young, and such a plan may live long.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from keys.seal import Sealer
from store.leases import Lease

Row = TypeVar("Row")


class Part(NamedTuple, Generic[Row]):
    """One number's rows."""

    lease: Lease
    sealer: Sealer
    rows: Sequence[Row]


def pairs(parts: Iterable[Part[Row]]) -> list[tuple[Part[Row], Row]]:
    """Each row with the part that it is of: by number, and in the part's own order."""
    ordered = sorted(parts, key=lambda part: part.lease.number_id.int)
    return [(part, row) for part in ordered for row in part.rows]


def keys(each: Sequence[tuple[Part[Any], Any]]) -> dict[str, list[Any]]:
    """The columns that say whose each row is."""
    leases = [part.lease for part, _ in each]
    return {
        "numbers": [lease.number_id for lease in leases],
        "workspaces": [lease.workspace_id for lease in leases],
        "slots": [lease.slot for lease in leases],
    }
