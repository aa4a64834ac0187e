"""Why a number or a session is as it is, in answers."""

from typing import Annotated, Any

from pydantic import Field

from schemas.reasons import Reason

WhyCode = Annotated[
    str,
    Field(
        description="What the sentence says, as a stable code; of a problem, the problem's. Empty: there is no code for it.",
        examples=["session.conflict", "session.refused", ""],
    ),
]
WhyFacts = Annotated[
    dict[str, Any],
    Field(description="What the sentence of this code names.", examples=[{}, {"reason": 503}]),
]


def fields(why: Reason) -> dict[str, Any]:
    """`why`, `why_code` and `why_facts`."""
    return {"why": why.sentence, "why_code": why.code, "why_facts": dict(why.facts)}
