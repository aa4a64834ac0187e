"""Who calls, and what he may: a route states its role as a parameter's type.

    async def pause(number: str, db: WriteDb, who: Admin) -> NumberOut: ...

Callers are people (an access token), programs (an API key) and the operator (`operator.key`: admin of the
first workspace). Who it is, is worked out once, in front of the routes (`limit.py`). A token's signature says
who signed in; that the sign-in has not ended, and the role, are asked of the database each time: what an
admin takes away is gone at once.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from admin_api import one_time
from admin_api.services import Services
from schemas.problems import Refused
from store.admin import callers


class Role(IntEnum):
    """What a caller may do; each includes the ones below."""

    viewer = 1
    agent = 2
    editor = 3
    admin = 4


RoleName = Literal["viewer", "agent", "editor", "admin"]


class KeyMissing(Refused):
    """No key or token, or one that opens nothing (any more)."""

    code = "caller.key_missing"
    status = 401
    title = "Who is calling?"
    sentence = "Send a key or an access token that is known here: Authorization: Bearer <key>."
    headers = {"WWW-Authenticate": "Bearer"}


class RoleTooLow(Refused):
    """The caller's role, or the scopes of its key, do not allow this."""

    code = "caller.role_too_low"
    status = 403
    title = "Not allowed"
    sentence = "This takes the role {needs}; you are {have}."


class ScopeMissing(Refused):
    """The key's scopes do not include this resource."""

    code = "caller.scope_missing"
    status = 403
    title = "Not allowed"
    sentence = "This takes a key with the scope {needs}; this key has {have}."


class PersonNeeded(Refused):
    """Not for this kind of caller: an API key lets nobody in, and only people have an account of their own."""

    code = "caller.person_needed"
    status = 403
    title = "Not for keys"
    sentence = "{why}"


CALLING = (KeyMissing, RoleTooLow, ScopeMissing)  # what a route with a role may answer


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever is calling, in which workspace, with which role. `user` and `sign_in`: a person's; `key`: an API key's.

    `address`: where the request comes from; a proxy is believed only where it is trusted.
    """

    name: str
    role: Role
    workspace: UUID
    kind: Literal["operator", "person", "api_key"] = "operator"
    user: UUID | None = None
    sign_in: UUID | None = None
    key: UUID | None = None
    scopes: tuple[str, ...] | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class PersonCalling:
    """A person who calls, with what else he is known by."""

    name: str
    workspace: UUID
    user: UUID
    sign_in: UUID
    kind: Literal["person"] = "person"
    address: str = ""


bearer = HTTPBearer(
    auto_error=False,
    description="An access token of `POST /sign-in`, an API key, or the key in operator.key.",
)


def services(request: Request) -> Services:
    """What the process opened at its start."""
    return request.app.state.services


async def identified(open_here: Services, authorization: str, address: str = "") -> Caller | None:
    """The caller whom an Authorization header names, who calls from `address`. None: nobody known."""
    kind, _, key = authorization.partition(" ")
    key = key.strip()
    if kind.lower() != "bearer" or not key:
        return None
    if open_here.is_operator(key):
        return Caller("operator", Role.admin, open_here.workspace, address=address)
    if key.startswith(one_time.API_KEY):
        known = await callers.of_api_key(open_here.desk, one_time.kept(key))
        if known is None:
            return None
        scopes = None if known.scopes is None else tuple(known.scopes)
        return Caller(
            known.name,
            Role[known.role],
            known.workspace,
            "api_key",
            key=known.id,
            scopes=scopes,
            address=address,
        )
    said = open_here.tokens.read_access(key)
    known = await callers.of_sign_in(open_here.desk, said.sign_in) if said else None
    if said is None or known is None or (known.id, known.workspace) != (said.user, said.workspace):
        return None
    return Caller(
        known.name, Role[known.role], known.workspace, "person", known.id, said.sign_in, address=address
    )


def caller(
    request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None
) -> Caller:
    """The caller of this request. Raises `KeyMissing`."""
    found: Caller | None = getattr(request.state, "caller", None)
    if found is None:
        raise KeyMissing
    return found


def resource(tag: object) -> str:
    """The name by which scopes call what a router's tag calls."""
    return str(tag).replace(" ", "-")


class _Needs:
    def __init__(self, role: Role) -> None:
        self.role = role

    def __call__(self, request: Request, who: Annotated[Caller, Depends(caller)]) -> Caller:
        if who.role < self.role:
            raise RoleTooLow(needs=self.role.name, have=who.role.name)
        if who.scopes is not None:
            name = resource(request.scope["route"].tags[0])
            reading = {f"{name}:read"} if request.method in ("GET", "HEAD") else set[str]()
            if not {name, *reading} & set(who.scopes):
                raise ScopeMissing(needs=name, have=", ".join(who.scopes) or "none")
        return who


Admin = Annotated[Caller, Depends(_Needs(Role.admin))]
Editor = Annotated[Caller, Depends(_Needs(Role.editor))]
Agent = Annotated[Caller, Depends(_Needs(Role.agent))]
Viewer = Annotated[Caller, Depends(_Needs(Role.viewer))]
Known = Annotated[Caller, Depends(caller)]  # whoever he is, and whatever his key is for
Open = Annotated[Services, Depends(services)]


def _steward(who: Admin) -> Caller:
    if who.kind == "api_key":
        raise PersonNeeded(why="An API key may not let others in. Sign in, or use the operator's key.")
    return who


def _person(who: Viewer) -> PersonCalling:
    if who.user is None or who.sign_in is None:
        raise PersonNeeded(why="This is about one's own account, which only people have. Sign in.")
    return PersonCalling(who.name, who.workspace, who.user, who.sign_in, address=who.address)


def _agent_person(who: Agent) -> PersonCalling:
    return _person(who)


# Who lets others in: an admin in person, or the operator. A key that could make keys would outlive its end.
Steward = Annotated[Caller, Depends(_steward)]
Person = Annotated[PersonCalling, Depends(_person)]
AgentPerson = Annotated[PersonCalling, Depends(_agent_person)]
