"""What differs between two states of a bot's folder: by flow and step, and as text."""

import difflib
from collections.abc import Mapping

from pydantic import BaseModel, Field

MOST_LINES = 5_000  # of a file, beyond which only that it differs is said


class StepsDiff(BaseModel):
    """A flow's steps that differ, by id; of a changed one, the keys that do."""

    flow: str
    added: list[str] = []
    removed: list[str] = []
    changed: dict[str, list[str]] = {}


class FileDiff(BaseModel):
    """A file that differs. `diff`: unified, as `diff -u` has it; null for a file too long to be compared."""

    path: str
    how: str = Field(examples=["added", "removed", "changed"])
    diff: str | None


class DiffOut(BaseModel):
    """What makes the second out of the first. Flows that do not load differ as text only."""

    flows_added: list[str]
    flows_removed: list[str]
    steps: list[StepsDiff]
    files: list[FileDiff]


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> DiffOut:
    """Compare two folders. It computes for a while: call it in a thread."""
    old, new = _steps(before), _steps(after)
    steps = [_of_flow(flow, old[flow], new[flow]) for flow in sorted(old.keys() & new.keys())]
    paths = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return DiffOut(
        flows_added=sorted(new.keys() - old.keys()),
        flows_removed=sorted(old.keys() - new.keys()),
        steps=[one for one in steps if one.added or one.removed or one.changed],
        files=[_of_file(path, before.get(path), after.get(path)) for path in paths],
    )


def _steps(files: Mapping[str, str]) -> dict[str, dict[str, dict[str, object]]]:
    from flows.bot import load

    return {
        name: {step.id: step.model_dump(by_alias=True) for step in flow.document.steps}
        for name, flow in load(files).flows.items()
    }


def _of_flow(flow: str, old: dict[str, dict[str, object]], new: dict[str, dict[str, object]]) -> StepsDiff:
    both = [(name, old[name], new[name]) for name in new if name in old]
    return StepsDiff(
        flow=flow,
        added=[name for name in new if name not in old],
        removed=[name for name in old if name not in new],
        changed={name: [key for key in was if was[key] != now[key]] for name, was, now in both if was != now},
    )


def _of_file(path: str, before: str | None, after: str | None) -> FileDiff:
    how = "added" if before is None else "removed" if after is None else "changed"
    old, new = (before or "").splitlines(keepends=True), (after or "").splitlines(keepends=True)
    if len(old) + len(new) > MOST_LINES:
        return FileDiff(path=path, how=how, diff=None)
    lines = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}")
    text = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    return FileDiff(path=path, how=how, diff=text)
