"""Secrets are named in a flow, never held by it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecretRef:
    """What `secret("crm_token")` gives: the name, which the runtime resolves when it makes the call."""

    name: str
