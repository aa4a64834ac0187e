"""Who calls, and what he may: a route states its role as a parameter's type.

    async def pause(number: str, db: WriteDb, who: Admin) -> NumberOut: ...

Today there is one caller, who holds `operator.key` and is admin.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from admin_api.services import Services
from schemas.problems import Refused


class Role(IntEnum):
    """What a caller may do; each includes the ones below."""

    viewer = 1
    agent = 2
    editor = 3
    admin = 4


class KeyMissing(Refused):
    """No key, or one that opens nothing."""

    code = "caller.key_missing"
    status = 401
    title = "Who is calling?"
    sentence = "Send a key that is known here: Authorization: Bearer <key>."
    headers = {"WWW-Authenticate": "Bearer"}  # noqa: RUF012


class RoleTooLow(Refused):
    """The caller's role does not allow this."""

    code = "caller.role_too_low"
    status = 403
    title = "Not allowed"
    sentence = "This takes the role {needs}; you are {have}."


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever is calling, in which workspace, with which role."""

    name: str
    role: Role
    workspace: UUID


bearer = HTTPBearer(auto_error=False, description="The key in operator.key, or an API key.")


def services(request: Request) -> Services:
    """What the process opened at its start."""
    return request.app.state.services


def caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Caller:
    """The caller of this request. Raises `KeyMissing`."""
    open_here = services(request)
    if credentials and open_here.is_operator(credentials.credentials):
        return Caller("operator", Role.admin, open_here.workspace)
    raise KeyMissing


class _Needs:
    def __init__(self, role: Role) -> None:
        self.role = role

    def __call__(self, who: Annotated[Caller, Depends(caller)]) -> Caller:
        if who.role < self.role:
            raise RoleTooLow(needs=self.role.name, have=who.role.name)
        return who


Admin = Annotated[Caller, Depends(_Needs(Role.admin))]
Editor = Annotated[Caller, Depends(_Needs(Role.editor))]
Agent = Annotated[Caller, Depends(_Needs(Role.agent))]
Viewer = Annotated[Caller, Depends(_Needs(Role.viewer))]
Open = Annotated[Services, Depends(services)]
