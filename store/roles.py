"""Who we are to the database: four roles, each with its own rights, and the URL that makes us one of them.

`owner` migrates; `api` sees one workspace, the one that its transaction names; `door` only inserts what
webhooks bring; `runtime` runs numbers and jobs. Nothing of ours works as a superuser.

Two ways to become a role. Where the URL's user is `chatloom_owner`, each role can log in by itself (the
embedded server, which trusts its socket; a transaction pooler, which drops start-up options): the user name
is exchanged. Otherwise the URL's user is a member of all four (migrating makes it one), and start-up
options set the role, and the timeout that `ALTER ROLE` would have set at log-in.
"""

from typing import Literal

from psycopg.conninfo import conninfo_to_dict, make_conninfo

Role = Literal["owner", "api", "door", "runtime"]

ROLES: tuple[Role, ...] = ("owner", "api", "door", "runtime")

# In a transaction that has been idle this long its process is stopped: shorter than a number's lease, 15 s.
_RUNTIME_TIMEOUT = "-c idle_in_transaction_session_timeout=5s"


def url_for(database_url: str, role: Role) -> str:
    """The conninfo that connects as `role`, from a URL or conninfo that an operator or the embedded server gave."""
    parts = conninfo_to_dict(database_url)
    name = f"chatloom_{role}"
    if parts.get("user") == "chatloom_owner":
        return make_conninfo(**{**parts, "user": name})
    options = [str(parts.get("options") or ""), f"-c role={name}"]
    if role == "runtime":
        options.append(_RUNTIME_TIMEOUT)
    return make_conninfo(**{**parts, "options": " ".join(option for option in options if option)})


def logging_in(database_url: str) -> str:
    """The conninfo of a server where each role can log in by itself, from its administrator's URL."""
    return make_conninfo(**{**conninfo_to_dict(database_url), "user": "chatloom_owner"})
