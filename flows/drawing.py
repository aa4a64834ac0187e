"""A bot's flows drawn: as Mermaid, which many pages render, and as SVG of our own."""

from html import escape
from typing import Final

from schemas.inspection import FlowInside, Inspection

WIDE, HIGH, GAP_X, GAP_Y, MARGIN = 150, 40, 40, 50, 20
_END: Final = "(end)"
_FAULT: Final = "(fault)"


def mermaid(seen: Inspection) -> str:
    """A flowchart with a box for each flow. Source: mermaid.js.org, "Flowcharts"."""
    lines = ["flowchart TD"]
    for flow in seen.flows:
        lines.append(f'  subgraph {flow.id}["{flow.id}"]')
        lines += [f'    {flow.id}__{step}["{step}<br/>{action}"]' for step, action in flow.steps]
        targets = {one.to for one in flow.edges}
        lines += [
            f'    {_node(flow, to)}(("{sign}"))' for to, sign in (("", " "), (None, "!")) if to in targets
        ]
        for one in flow.edges:
            label = f'|"{one.outcome}"|' if one.outcome else ""
            lines.append(f"    {_node(flow, one.step)} -->{label} {_node(flow, one.to)}")
        lines.append("  end")
    lines += [f"  {flow.id} -.-> {called}" for flow in seen.flows for called in flow.calls]
    return "\n".join(lines) + "\n"


def _node(flow: FlowInside, to: str | None) -> str:
    """The id of a node; no step's id begins with a digit."""
    return f"{flow.id}__{to}" if to else f"{flow.id}__{1 if to is None else 0}"


def svg(seen: Inspection) -> str:
    """All flows below one another, each step in the row of its distance from the first."""
    parts: list[str] = []
    top, width = MARGIN, 0
    for flow in seen.flows:
        drawn, wide, high = _flow(flow, top)
        parts.append(drawn)
        top, width = top + high, max(width, wide)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" width="{width}" height="{top}" '
        'font-family="sans-serif" font-size="11"><defs><marker id="to" viewBox="0 0 8 8" refX="8" refY="4" '
        'markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>'
        f"{''.join(parts)}</svg>\n"
    )


def _flow(flow: FlowInside, top: int) -> tuple[str, int, int]:
    """The flow from `top` down: its drawing, its width and its height."""
    places = _places(flow)
    rows = 1 + max(row for row, _ in places.values())
    columns = 1 + max(column for _, column in places.values())
    at = {
        name: (MARGIN + column * (WIDE + GAP_X), top + 25 + row * (HIGH + GAP_Y))
        for name, (row, column) in places.items()
    }
    parts = [f'<text x="{MARGIN}" y="{top + 10}" font-size="14" font-weight="bold">{escape(flow.id)}</text>']
    for one in flow.edges:
        x, y = at[one.step]
        to = one.to or (_FAULT if one.to is None else _END)
        to_x, to_y = at[to]
        start, end = (x + WIDE // 2, y + HIGH), (to_x + WIDE // 2, to_y)
        bend = GAP_Y if to_y > y else WIDE
        middle = ((start[0] + end[0]) // 2, (start[1] + end[1]) // 2)
        parts.append(
            f'<path d="M{start[0]} {start[1]}C{start[0]} {start[1] + bend} {end[0]} {end[1] - bend} {end[0]} {end[1]}" '
            'fill="none" stroke="#667" marker-end="url(#to)"/>'
            f'<text x="{middle[0]}" y="{middle[1]}" fill="#445">{escape(one.outcome)}</text>'
        )
    actions = dict(flow.steps)
    for name, (x, y) in at.items():
        if name in actions:
            parts.append(
                f'<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="6" fill="#fff" stroke="#334"/>'
                f'<text x="{x + 8}" y="{y + 17}" font-weight="bold">{escape(name)}</text>'
                f'<text x="{x + 8}" y="{y + 32}" fill="#667">{escape(actions[name])}</text>'
            )
        else:
            parts.append(
                f'<text x="{x + WIDE // 2}" y="{y + 14}" text-anchor="middle" fill="#667">{escape(name)}</text>'
            )
    wide = 2 * MARGIN + columns * (WIDE + GAP_X)
    return "".join(parts), wide, 25 + rows * (HIGH + GAP_Y) + MARGIN


def _places(flow: FlowInside) -> dict[str, tuple[int, int]]:
    """Row and column of each step; what nothing reaches comes last, before the ends."""
    ways: dict[str, list[str]] = {name: [] for name, _ in flow.steps}
    for one in flow.edges:
        if one.to:
            ways[one.step].append(one.to)
    rows: dict[str, int] = {}
    waiting = [(flow.steps[0][0], 0)]
    while waiting:
        name, row = waiting.pop(0)
        if name not in rows:
            rows[name] = row
            waiting += [(to, row + 1) for to in ways[name]]
    last = max(rows.values()) + 1
    rows |= {name: last for name in ways if name not in rows}
    targets = {one.to for one in flow.edges}
    rows |= {name: last + 1 for name, to in ((_END, ""), (_FAULT, None)) if to in targets}
    taken: dict[int, int] = {}
    places: dict[str, tuple[int, int]] = {}
    for name, row in rows.items():
        places[name] = (row, taken.get(row, 0))
        taken[row] = taken.get(row, 0) + 1
    return places
