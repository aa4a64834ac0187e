"""vault: the sealed sessions of linked phones on this machine's volume. No server is needed."""

import functools
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import output, settings
from cli.output import Json, epilog

Number = Annotated[str, typer.Argument(metavar="ID", help="The number's id, or how it begins.")]
Numbers = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]…", help="Ids, or how they begin. None: all.")
]


def register(app: typer.Typer) -> None:
    """Add `vault`."""
    vault = typer.Typer(help="Sealed sessions of linked phones: on the volume, no server needed.")
    app.add_typer(vault, name="vault", no_args_is_help=True)
    vault.command(epilog=epilog("chatloom vault status", "chatloom vault status --json"))(_named(status))
    vault.command(epilog=epilog("chatloom vault verify", "chatloom vault verify 0199f0c3"))(_named(verify))
    vault.command(epilog=epilog("chatloom keys rotate && chatloom vault rotate"))(_named(rotate))
    vault.command(epilog=epilog("chatloom vault backup /backups", "chatloom vault backup /backups 0199f0c3"))(
        _named(backup)
    )
    vault.command(
        epilog=epilog(
            "chatloom vault restore 0199f0c3 /backups/0199f0c3.vlt",
            "chatloom vault restore 0199f0c3 --empty --above 12",
        )
    )(_named(restore))
    vault.command(epilog=epilog("chatloom vault move 0199f0c3 --to /mnt/other/sessions"))(_named(move))


def _named(command: Callable[..., None]) -> Callable[..., None]:
    """The command, with what the system refuses told as a problem that names the file."""

    @functools.wraps(command)
    def told(*arguments: Any, **options: Any) -> None:
        from sessions.vault import VaultUnwritable

        try:
            command(*arguments, **options)
        except OSError as error:
            raise VaultUnwritable(file=str(error.filename), why=error.strerror) from error

    return told


def status(as_json: Json = False) -> None:
    """Each session: open or not, generation, records, size, the master key that seals it; and this machine."""
    from sessions.vault import offline, process

    loaded, masters = _loaded()
    process.no_core_dumps()
    rows = [
        asdict(offline.standing(loaded.sessions_folder, number, masters))
        for number in offline.numbers(loaded.sessions_folder)
    ]
    live = loaded.sessions_live_folder
    there = next(folder for folder in [live, *live.parents] if folder.exists())
    kind = process.mounted(there)
    machine: dict[str, Any] = {
        "volume": str(loaded.sessions_folder),
        "live": str(live),
        "live_in_memory": kind[0] in process.IN_MEMORY if kind else None,
        "live_may_be_swapped": process.swaps(there),
        "core_dumps": "on" if process.dumps_core() else "off",
        "current_key": masters.current,
    }
    if as_json:
        output.show({**machine, "sessions": rows}, as_json)
    else:
        output.show(machine, as_json)
        output.say()
        for row in rows:
            row["written"] = _time(row["written_at"])
        columns = (
            "number",
            "state",
            "generation",
            "records",
            "bytes",
            "spool_bytes",
            "key",
            "key_id",
            "written",
        )
        output.table(rows, columns)
        for row in rows:
            if row["fault"]:
                output.say(f"{row['number']}: {row['fault']}")
    if any(row["fault"] or row["key"] == "absent" for row in rows):
        raise typer.Exit(output.FAILED)


def verify(numbers: Numbers = None, as_json: Json = False) -> None:
    """Open every record of the newest sealed files; also of sessions that are open. Changes nothing."""
    from schemas.problems import Refused
    from sessions.vault import offline

    loaded, masters = _loaded()
    rows: list[dict[str, Any]] = []
    for number in _chosen(loaded, numbers):
        row: dict[str, Any] = {"number": str(number), "fault": ""}
        try:
            kept = offline.verified(loaded.sessions_folder, number, masters)
        except Refused as problem:
            row |= {"fault": str(problem)}
        else:
            row |= {"generation": kept.mark.generation, "records": kept.records, "torn_bytes": kept.torn}
        rows.append(row)
    output.show(rows, as_json, ("number", "generation", "records", "torn_bytes", "fault"))
    if any(row["fault"] for row in rows):
        raise typer.Exit(output.FAILED)


def rotate(numbers: Numbers = None, as_json: Json = False) -> None:
    """Seal sessions under the current master key. Messages of those that are open flow on."""
    from schemas.problems import Refused
    from sessions.vault import offline

    loaded, masters = _loaded()
    rows: list[dict[str, Any]] = []
    for number in _chosen(loaded, numbers):
        row: dict[str, Any] = {"number": str(number), "key_id": masters.current, "fault": ""}
        try:
            row["rotated"] = offline.rotated(loaded.sessions_folder, number, masters)
        except Refused as problem:
            row |= {"rotated": False, "fault": str(problem)}
        rows.append(row)
    output.show(rows, as_json, ("number", "rotated", "key_id", "fault"))
    if any(row["fault"] for row in rows):
        raise typer.Exit(output.FAILED)


def backup(
    to: Annotated[Path, typer.Argument(help="A folder, or a file for a single session.")],
    numbers: Numbers = None,
    as_json: Json = False,
) -> None:
    """Copy the newest sealed files, verified, as they are at this moment. They stay sealed.

    A backup opens only with the master key, which is not in it. It is good for as long as the number sends
    nothing: see `restore`.
    """
    from sessions.vault import offline

    loaded, masters = _loaded()
    chosen = _chosen(loaded, numbers)
    if len(chosen) != 1 and not to.is_dir():
        raise typer.BadParameter(f"{to} is not a folder, and there are {len(chosen)} sessions")
    rows: list[dict[str, Any]] = []
    for number in chosen:
        path, mark = offline.backed_up(loaded.sessions_folder, number, masters, to)
        rows.append({"number": str(number), **asdict(mark), "file": str(path)})
    output.show(rows, as_json)


def restore(
    number: Number,
    file: Annotated[Path | None, typer.Argument(help="A sealed file, from `backup`.")] = None,
    empty: Annotated[
        bool, typer.Option("--empty", help="Give the session up: the phone is linked anew.")
    ] = False,
    above: Annotated[
        int, typer.Option(help="The generation that the database knows of; an error names it.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Put a backup in place of a session, as a later generation. Stop the number first.

    What was sent after the backup was made is lost in a way that matters: a contact's phone drops as many of
    our next messages as we sent it since, unless it heals by a retry. Prefer the newest file that can be had.
    """
    from sessions.vault import offline

    loaded, masters = _loaded()
    chosen = offline.chosen(loaded.sessions_folder, number)
    done = offline.restored_backup(loaded.sessions_folder, chosen, masters, file, empty, above)
    data: dict[str, Any] = {
        "number": str(chosen),
        "generation": done.mark.generation,
        "replaced_generation": done.replaced,
        "backup": asdict(done.backup) if done.backup else None,
        "backup_written": _time(done.backup_at),
    }
    output.show(data, as_json)
    if not as_json:
        output.say()
        output.say(
            f"Contacts may not see as many of the next messages as were sent to them since {_time(done.backup_at)}; "
            "what they wrote since then is asked of their phones again where it can be."
            if done.backup
            else "The session is empty: link the phone again."
        )


def move(
    number: Number,
    to: Annotated[Path, typer.Option(help="The other volume: CHATLOOM_SESSIONS there.")],
    as_json: Json = False,
) -> None:
    """Take a session that is not open to another volume, with what waits in its spool.

    The files stay sealed: any channel will do that you trust to deliver them, and only once. A host that
    lacks the newest generation refuses to open the session.
    """
    from sessions.vault import offline

    loaded, masters = _loaded()
    chosen = offline.chosen(loaded.sessions_folder, number)
    mark = offline.moved(loaded.sessions_folder, chosen, masters, to.absolute())
    output.show({"number": str(chosen), **asdict(mark), "volume": str(to.absolute())}, as_json)


def _loaded() -> Any:
    from keys.master import load_master_keys

    loaded = settings.load()
    return loaded, load_master_keys(loaded.home, os.environ, create=False)


def _chosen(loaded: settings.Settings, said: list[str] | None) -> Any:
    from sessions.vault import offline

    if not said:
        return offline.numbers(loaded.sessions_folder)
    return [offline.chosen(loaded.sessions_folder, each) for each in said]


def _time(at: float | None) -> str | None:
    return None if at is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
