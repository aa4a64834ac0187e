"""Bots from other makers' exports, as bot folders: pure functions from parsed JSON to files and findings.

One file a vendor. What has an equivalent is translated; what has none is named, step by step, and stays in the flow
as a disabled step with a note, so that its place is seen. `assembly.py` lays the steps out, `expression.py` writes
the expressions.
"""

from collections.abc import Callable, Mapping
from typing import Any

from importers import textit, twilio, typebot
from importers.imported import Imported

VENDORS: Mapping[str, Callable[[Any, str], Imported]] = {
    "typebot": typebot.imported,
    "twilio": twilio.imported,
    "textit": textit.imported,
}
