"""texts: a bot's texts for translators, and their translations back into its folder; without a server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import folder, output
from cli.output import Json, epilog
from schemas.problems import Refused

if TYPE_CHECKING:
    from flows.bot import Bot
    from flows.catalogue import Entry
    from flows.translation_files import Format
    from schemas.flow import TextsDocument

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The bot's folder.")]


class FormatUnknown(Refused):
    """What kind of file it is cannot be told."""

    code = "texts.format_unknown"
    sentence = "{file}: give --format po, xliff or csv, or a file that ends in .po, .xlf or .csv."


class LanguageUnknown(Refused):
    """The bot does not speak that."""

    code = "texts.language_unknown"
    sentence = "{language!r} is no language that this bot is translated into: {there}. Add it to languages in bot.yaml."


def register(app: typer.Typer) -> None:
    """Add `texts`."""
    texts = typer.Typer(
        help="Translate a bot: what is missing, and files for translators.", no_args_is_help=True
    )
    app.add_typer(texts, name="texts")
    texts.command(epilog=epilog("chatloom texts status bots/table-booking"))(status)
    texts.command(
        epilog=epilog(
            "chatloom texts export bots/table-booking it.po --language it",
            "chatloom texts export bots/table-booking texts.csv",
        )
    )(export)
    texts.command("import", epilog=epilog("chatloom texts import bots/table-booking it.po"))(import_)


def status(path: Folder, as_json: Json = False) -> None:
    """Count a bot's texts by language: translated, missing, stale (the source text changed since), or written once for
    all languages (shared). Names those that are missing or stale."""
    bot, entries = _catalogue(path)
    rows = [_counted(entries, language) for language in _into(bot)]
    if as_json:
        todo = [
            {"key": one.key, "language": row["language"], "state": state}
            for row in rows
            for one in entries
            if (state := one.state(row["language"])) in ("missing", "stale")
        ]
        output.show({"languages": rows, "to_do": todo}, True)
        return
    for row in rows:
        for one in entries:
            if (state := one.state(row["language"])) in ("missing", "stale"):
                output.say(f"{one.file}:{one.line}: {state} in {row['language']}: {one.key}")
    output.table(rows, ["language", "texts", "translated", "missing", "stale", "shared"])


def export(
    path: Folder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write: .po, .xlf or .csv.")],
    language: Annotated[
        str, typer.Option("--language", "-l", help="Into which. CSV holds all, unless one is named.")
    ] = "",
    form: Annotated[
        str, typer.Option("--format", help="po, xliff or csv. Default: by the file's name.")
    ] = "",
) -> None:
    """Write the texts with their translations to a file that translators' tools, or a spreadsheet, can work on."""
    from flows.translation_files import written

    kind = _format(file, form)
    bot, entries = _catalogue(path)
    into = _into(bot)
    if language not in into and (language or kind != "csv"):
        raise LanguageUnknown(language=language, there=", ".join(into) or "none")
    languages = [language] if language else into
    file.write_bytes(written(entries, kind, _first(bot), languages))
    output.say(f"{file}: {len(entries)} texts, into {', '.join(languages)}")


def import_(
    path: Folder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file: .po, .xlf or .csv.", exists=True)],
    language: Annotated[
        str, typer.Option("--language", "-l", help="The translations' language, where the file does not say.")
    ] = "",
    form: Annotated[
        str, typer.Option("--format", help="po, xliff or csv. Default: by the file's name.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Take translations from a file into texts/<language>.yaml. What is the same already stays where it is; texts that
    the bot does not have are named and left out."""
    from flows.translation_files import apart, read
    from flows.translations import FOLDER

    kind = _format(file, form)
    bot, entries = _catalogue(path)
    given = read(file.read_bytes(), kind, language)
    there, into = {one.key for one in entries}, _into(bot)
    done: list[dict[str, Any]] = []
    for tag in dict.fromkeys(one.language for one in given):
        if tag not in into:
            raise LanguageUnknown(language=tag, there=", ".join(into) or "none")
        text, changed = apart(_known(bot, tag), entries, [one for one in given if one.language == tag])
        done.append({"language": tag, "changed": changed})
        if changed:
            target = path / bot.texts_path(tag)
            (path / FOLDER).mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
    unknown = sorted({one.key for one in given} - there)
    if as_json:
        output.show({"languages": done, "unknown": unknown}, True)
        return
    for key in unknown:
        output.say(f"left out, since the bot has no such text: {key}")
    for row in done:
        output.say(f"{row['language']}: {row['changed']} translations are new or changed")


def _catalogue(path: Path) -> "tuple[Bot, list[Entry]]":
    from flows.catalogue import catalogue

    bot, compiled = folder.compiled(path)
    return bot, catalogue(bot, compiled)


def _known(bot: "Bot", language: str) -> "TextsDocument | None":
    return bot.texts[language].document if language in bot.texts else None


def _languages(bot: "Bot") -> list[str]:
    return bot.document.document.languages if bot.document else []


def _first(bot: "Bot") -> str:
    return _languages(bot)[0]


def _into(bot: "Bot") -> list[str]:
    return _languages(bot)[1:]


def _counted(entries: "list[Entry]", language: str) -> dict[str, Any]:
    states = [one.state(language) for one in entries]
    counts = {name: states.count(name) for name in ("translated", "missing", "stale", "shared")}
    return {"language": language, "texts": len(states), **counts}


def _format(file: Path, form: str) -> "Format":
    from flows.translation_files import SUFFIXES

    kinds: dict[str, Format] = {kind: kind for kind in SUFFIXES.values()}
    kind = kinds.get(form) if form else SUFFIXES.get(file.suffix.lower())
    if kind is None:
        raise FormatUnknown(file=file)
    return kind
