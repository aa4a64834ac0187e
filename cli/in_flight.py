"""What a publish does with open runs: the option, and how what came of it is told."""

from typing import Annotated, Any

import typer

InFlight = Annotated[
    str | None,
    typer.Option(
        "--in-flight",
        help="What becomes of open runs: pin (they stay), restart (they begin anew) or migrate (they go on where they "
        "stand, if they fit). Default: on_publish of bot.yaml.",
    ),
]


def told(out: dict[str, Any]) -> str:
    """What becomes of open runs, to stand behind what was published."""
    if out["in_flight"] == "migrate":
        stay = sum(row["runs"] for row in out["staying"])
        return f"; {out['migrated']} open runs go on with it, {stay} stay"
    return f"; {out['restarted']} open runs begin anew" if out["restarted"] else ""
