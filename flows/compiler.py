"""From a read bot to an immutable compiled one: names resolved, expressions typed, edges laid.

`build` gives the compiled bot and everything that is wrong with it; `compile` refuses a bot with errors.
What only concerns people (texts too long for a channel, steps that nothing reaches) is in `flows/rules/`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flows import cel, kinds
from flows.bot import Bot, Read
from flows.compiled import Compiled, CompiledAdmission, CompiledWords
from flows.custom import CustomAction, declared_by, fault_of_declaration, step_class
from flows.diagnostic import Diagnostic, did_you_mean, error, warning
from flows.flow_compiler import Around, build_flow, duration_of, results_of
from flows.inferred import event_names
from flows.opening import Opening, read_opening
from flows.parts import Parts
from flows.place import escape
from flows.scopes import scope_of
from flows.sentences import SENTENCES
from flows.template import Template
from flows.triggers.schedule import Schedule
from flows.wording import worded
from flows.world import World
from schemas.flow import BotDocument, GlobalWords
from schemas.problems import Refused

_PULL = worded("bring the folder up to date: chatloom custom-actions pull FOLDER")

WORDS: dict[str, tuple[str, ...]] = {
    "opt_out": ("stop", "unsubscribe", "cancellami", "disiscrivimi"),
    "start": ("start", "inizia"),
    "restart": ("restart", "start again", "ricomincia", "da capo"),
    "person": ("human", "agent", "operator", "operatore", "persona"),
}


class FlowNotValid(Refused):
    """The bot has errors, so it can be neither compiled nor published."""

    code = "flow.not_valid"
    status = 422
    title = "The bot has errors"
    sentence = "{count} to mend before this bot can run. The first: {first}"

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        count = f"{len(diagnostics)} error{'s' if len(diagnostics) != 1 else ''}"
        super().__init__(count=count, first=str(diagnostics[0]))


def compile(bot: Bot, world: World | None = None, version: int = 0) -> Compiled:
    """The compiled bot. Raises `FlowNotValid` when it has errors."""
    compiled, found = build(bot, world or World(), version)
    errors = [one for one in found if one.severity == "error"]
    if compiled is None or errors:
        raise FlowNotValid(errors)
    return compiled


def build(bot: Bot, world: World, version: int = 0) -> tuple[Compiled | None, list[Diagnostic]]:
    """The compiled bot (None without a `bot.yaml`), and what is wrong with it so far as compiling shows."""
    found = list(bot.diagnostics)
    if bot.document is None:
        return None, found
    build = _Build(bot, bot.document, world, found)
    return build.compiled(version), found


@dataclass(slots=True)
class _Build:
    """A bot being compiled, and the diagnostics that grow with it."""

    bot: Bot
    main: Read[BotDocument]
    world: World
    found: list[Diagnostic]
    contact_fields: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])

    def compiled(self, version: int) -> Compiled:
        document, source = self.main.document, self.main.source
        self.contact_fields = dict(document.contact.fields)
        known = dict.fromkeys(
            name for place, name in enumerate(document.flows) if self._knows_flow(name, f"/flows/{place}")
        )
        order = tuple(known)
        for name, flow in self.bot.flows.items():
            if name not in document.flows:
                message = worded(
                    "the flow {name!r} is not in the list of flows of bot.yaml, so it never runs", name=name
                )
                self.found.append(
                    error("F010", message, flow.source.place("/id"), worded("add {name} to flows", name=name))
                )
        self._sentences_exist()
        results = {name: results_of(self.bot.flows[name].document) for name in order}
        custom = {one.name: step_class(one) for one in self._actions()}
        texts = tuple(document.texts)
        flows = {name: self.bot.flows[name].document for name in order}
        data = {name: flow.data.schema_ for name, flow in flows.items()}
        around = Around(self.contact_fields, self.world.events, results, custom, texts, data=data)
        key, seen = around.key(), event_names(flows)
        built = {
            name: build_flow(self.bot.flows[name], around.for_flow(flow, seen[name]), key)
            for name, flow in flows.items()
        }
        for one in built.values():
            self.found.extend(one.found)
        for key, name in (("fallback", document.fallback), ("on_expire", document.on_expire)):
            if name is not None:
                self._knows_flow(name, f"/{key}")
        triggers = tuple(trigger for one in built.values() for trigger in one.triggers)
        schedules = tuple(one.trigger for one in triggers if isinstance(one.trigger, Schedule))
        return Compiled(
            version=version,
            document=document,
            source=source,
            languages=tuple(document.languages),
            flows={name: one.flow for name, one in built.items()},
            order=order,
            triggers=triggers,
            words=_words(document.words, bool(document.team)),
            admit=self._admission(),
            burst=duration_of(document.burst, source.place("/burst"), self.found),
            expire_after=duration_of(document.expire_after, source.place("/expire_after"), self.found),
            contact_fields=self.contact_fields,
            opening=self._opening(),
            snippets=self._snippets(),
            schedules=schedules,
            schedule_key="; ".join(sorted({document.timezone, *(one.key for one in schedules)})),
        )

    def _actions(self) -> Iterable[CustomAction]:
        """The custom actions that there are: the workspace's where they are known, else those of the folder."""
        own: dict[str, CustomAction] = {}
        known = None if self.world.actions is None else {one.name: one for one in self.world.actions}
        for name, read in self.bot.actions.items():
            one = declared_by(read.document)
            if fault := fault_of_declaration(one, kinds.actions()):
                place = read.source.place(f"/{fault[0]}")
                self.found.append(
                    error("F024", worded("{part}: {fault}", part=fault[0], fault=fault[1]), place)
                )
                continue
            own[name] = one
            place = read.source.place("/name")
            if known is not None and name not in known:
                message = worded("the workspace has no custom action {name!r}", name=name)
                hint = did_you_mean(name, known) or worded("declare it: chatloom custom-actions declare FILE")
                self.found.append(error("F025", message, place, hint))
            elif known is not None and known[name].key() != one.key():
                message = worded("the workspace declares the custom action {name!r} otherwise", name=name)
                self.found.append(warning("F026", message, place, _PULL))
        return own.values() if known is None else known.values()

    def _snippets(self) -> dict[str, Template]:
        """The snippets and frames that hold expressions, by their text."""
        document = self.main.document
        parts = Parts(scope_of(None, self.contact_fields), self.main.source, "", {}, self.contact_fields)
        for name, text in document.texts.items():
            parts.read_text(text, f"/texts/{escape(name)}")
        for name, frame in document.frames.items():
            parts.read_text(frame.header, f"/frames/{escape(name)}/header")
            parts.read_text(frame.footer, f"/frames/{escape(name)}/footer")
        self.found.extend(parts.found)
        return parts.templates

    def _opening(self) -> Opening | None:
        written, source = self.main.document.opening_hours, self.main.source
        if not written:
            return None
        try:
            opening = read_opening(written)
        except ValueError as fault:
            message, key = fault.args
            self.found.append(error("F023", message, source.key_place(f"/opening_hours/{escape(key)}")))
            return None
        if not any(opening.week):
            message = worded("no weekday has opening hours")
            self.found.append(
                error("F023", message, source.key_place("/opening_hours"), worded("add mon-fri"))
            )
        return opening

    def _admission(self) -> CompiledAdmission | None:
        admit = self.main.document.admit
        if admit is None:
            return None
        scope = scope_of(None, self.contact_fields)
        compiled = cel.compile(admit.when, scope, self.main.source.place("/admit/when"))
        if isinstance(compiled, Diagnostic):
            self.found.append(compiled)
        known = self._knows_flow(admit.else_, "/admit/else")
        return (
            CompiledAdmission(compiled, admit.else_)
            if known and not isinstance(compiled, Diagnostic)
            else None
        )

    def _sentences_exist(self) -> None:
        for key in self.main.document.sentences:
            if key not in SENTENCES:
                place = self.main.source.key_place(f"/sentences/{escape(key)}")
                message = worded("the engine has no sentence {key!r}", key=key)
                self.found.append(error("F020", message, place, did_you_mean(key, SENTENCES)))

    def _knows_flow(self, name: str, pointer: str) -> bool:
        if name in self.bot.flows:
            return True
        hint = did_you_mean(name, self.bot.flows) or worded("write flows/{name}.yaml", name=name)
        broken = any(one.file.startswith(f"flows/{name}.") for one in self.found)
        if not broken:
            self.found.append(
                error("F012", worded("no flow {name!r}", name=name), self.main.source.place(pointer), hint)
            )
        return False


def _words(own: GlobalWords, has_team: bool) -> CompiledWords:
    def of(key: str, given: list[str] | dict[str, list[str]] | None) -> tuple[str, ...]:
        if given is None:
            return WORDS[key] if key != "person" or has_team else ()
        return (
            tuple(given) if isinstance(given, list) else tuple(w for words in given.values() for w in words)
        )

    return CompiledWords(
        opt_out=of("opt_out", own.opt_out),
        start=of("start", own.start) or WORDS["start"],
        restart=of("restart", own.restart),
        person=of("person", own.person),
    )
