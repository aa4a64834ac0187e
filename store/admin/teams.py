"""Teams of a workspace, and who is in them."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import any_, literal
from sqlmodel import col, select

from schemas.problems import NotFound
from schemas.tables.people import User
from schemas.tables.teams import Team, TeamMember
from store.admin.desk import Session, unique
from store.admin.page import Cursor, Window, cursor, page, typed


class Member(NamedTuple):
    """Somebody in a team."""

    id: UUID
    email: str
    name: str
    role: str


async def listed(session: Session, window: Window) -> tuple[list[Team], Cursor | None]:
    """All, by name."""
    return await page(session, select(Team), [col(Team.name)], window)


async def names(session: Session) -> frozenset[str] | None:
    """What flows may hand over to. None: the workspace has no team, so none is looked for."""
    return frozenset(await session.exec(select(Team.name))) or None


async def named(session: Session, name: str) -> Team:
    """One, by name or id. Raises `NotFound`."""
    found = (await session.exec(select(Team).where(col(Team.name) == name))).first()
    if found is None:
        try:
            found = await session.get(Team, UUID(name))
        except ValueError:
            found = None
    if found is None:
        raise NotFound(what="team", name=name)
    return found


async def add(session: Session, team: Team) -> Team:
    """Keep a new team. Raises `Taken`."""
    async with unique(session, "team", team.name):
        session.add(team)
    await _give_up(session, team)
    return team


async def rename(session: Session, team: Team, name: str) -> None:
    """Call a team otherwise; what runs under the name before still finds it. Raises `Taken`."""
    team.former = [*(one for one in team.former if one not in (name, team.name)), team.name]
    team.name = name
    async with unique(session, "team", name):
        session.add(team)
    await _give_up(session, team)


async def members(session: Session, team: Team, window: Window) -> tuple[list[Member], Cursor | None]:
    """Who is in a team, by id."""
    after = typed(window.after, UUID)[0] if window.after else None
    rows = await session.sql(
        "SELECT u.id, u.email, u.name, u.role FROM team_members m JOIN users u ON u.id = m.user_id"
        " WHERE m.team_id = :team"
        + (" AND m.user_id > :after" if after else "")
        + " ORDER BY m.user_id LIMIT :limit",
        team=team.id,
        limit=window.limit + 1,
        **({"after": after} if after else {}),
    )
    found = [Member(*row) for row in rows]
    if len(found) <= window.limit:
        return found, None
    return found[:-1], cursor(found[-2].id)


async def join(session: Session, team: Team, user: User) -> bool:
    """Put somebody into a team. False: he was in it."""
    done = await session.sql(
        "INSERT INTO team_members (team_id, user_id, workspace_id, since)"
        " VALUES (:team, :user, :workspace, now()) ON CONFLICT DO NOTHING",
        team=team.id,
        user=user.id,
        workspace=team.workspace_id,
    )
    return done.rowcount == 1


async def leave(session: Session, team: Team, user: User) -> None:
    """Take somebody out of a team. Raises `NotFound` if he is not in it."""
    row = await session.get(TeamMember, (team.id, user.id))
    if row is None:
        raise NotFound(what=f"member of team {team.name}", name=user.email)
    await session.delete(row)


async def _give_up(session: Session, team: Team) -> None:
    """A name that is one team's now is no other's former name."""
    holders = select(Team).where(literal(team.name) == any_(col(Team.former)), col(Team.id) != team.id)
    for other in await session.exec(holders):
        other.former = [one for one in other.former if one != team.name]
        session.add(other)
