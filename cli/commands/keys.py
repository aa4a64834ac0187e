"""keys: the master key and what it wraps."""

import os
from typing import Annotated, Any

import typer

from cli import output, settings
from cli.output import Json, epilog


def register(app: typer.Typer) -> None:
    """Add `keys`."""
    keys = typer.Typer(help="The master key and the keys that it wraps.", no_args_is_help=True)
    app.add_typer(keys, name="keys")
    keys.command(epilog=epilog("chatloom keys status"))(status)
    keys.command(epilog=epilog("chatloom keys rotate", "chatloom keys rotate --retire 0123456789abcdef"))(
        rotate
    )


def status(as_json: Json = False) -> None:
    """Which master keys are loaded, which wraps each workspace's data key, and which seal sessions here."""
    import asyncio

    masters, wrapped = asyncio.run(_wrapped())
    sessions = _sealing()
    data: dict[str, Any] = {
        "current": masters.current,
        "loaded": list(masters.keys),
        "source": masters.source,
        "wrapped": wrapped,
        "sessions": sorted(sessions),
    }
    output.show(data, as_json)
    if any(key not in masters.keys for key in [*wrapped.values(), *sessions]):
        raise typer.Exit(output.FAILED)


def rotate(
    retire: Annotated[str, typer.Option(help="Then take this old key, by id, out of the file.")] = "",
    wrap_only: Annotated[
        bool, typer.Option("--wrap-only", help="Make no new key: wrap anew by the current one.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a new master key in the home's file and wrap every data key anew by it.

    Sealed sessions of linked phones go on under the old key until `chatloom vault rotate`.
    Keys from CHATLOOM_MASTER_KEY and its kin are made by you: put the new one on top, then --wrap-only.
    Restart processes afterwards; old ones go on with what they have until then.
    """
    import asyncio

    from keys.master import MasterKeyInUse, retire_file, rotate_file

    loaded = settings.load()
    elsewhere = bool(loaded.master_key or loaded.master_key_file or loaded.master_key_command)
    if elsewhere and not wrap_only:
        raise typer.BadParameter(
            "the master key is not in the home's file: put a new one on top, then --wrap-only"
        )
    if not wrap_only and not retire:
        rotate_file(loaded.home)
    masters, count = asyncio.run(_wrap_anew())
    if retire:
        _, wrapped = asyncio.run(_wrapped())
        if retire in wrapped.values() or retire in _sealing():
            raise MasterKeyInUse(key_id=retire)
        masters = retire_file(loaded.home, retire)
    output.show({"current": masters.current, "wrapped_anew": count}, as_json)


def _sealing() -> set[str]:
    from sessions.vault.offline import keys_in_use

    return keys_in_use(settings.load().sessions_folder)


async def _wrapped() -> Any:
    from keys.master import load_master_keys
    from store.admin import workspaces
    from store.admin.desk import Desk

    loaded = settings.load()
    masters = load_master_keys(loaded.home, os.environ, create=False)
    desk = Desk(_database_url(loaded), 1)
    try:
        found: dict[str, str] = {}
        for workspace in await workspaces.ids(_database_url(loaded)):
            async with desk.transaction(workspace) as db:
                found[str(workspace)] = (await workspaces.data_key(db, workspace)).master_key_id
        return masters, found
    finally:
        await desk.close()


async def _wrap_anew() -> Any:
    from keys.master import load_master_keys
    from store.admin import workspaces
    from store.admin.desk import Desk

    loaded = settings.load()
    masters = load_master_keys(loaded.home, os.environ, create=False)
    desk = Desk(_database_url(loaded), 1)
    try:
        count = 0
        for workspace in await workspaces.ids(_database_url(loaded)):
            async with desk.transaction(workspace) as db:
                count += await workspaces.wrap_anew(db, masters, workspace)
        return masters, count
    finally:
        await desk.close()


def _database_url(loaded: settings.Settings) -> str:
    from cli.database import NoDatabase
    from store.embedded import running

    if loaded.database_url:
        return loaded.database_url
    servers = running(loaded.home)
    if servers is None:
        raise NoDatabase
    return servers.database_url
