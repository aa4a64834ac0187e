"""Ask for fields of the flow's data, one by one, as its schema and hints say."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar, cast

from pydantic import BaseModel, ConfigDict

from flows import fit
from flows.action import Action, DataField, LocalText, Move, action, ui
from flows.answers import NO, SKIP, YES, Wrong, checked, read_answer
from flows.asking import ADD, Question, at, known_in, pending, question_at, without, written
from flows.context import Context, answer_text, shown, tapped_id
from flows.direction import isolated
from flows.form import SENT, Field, as_text, hints_of
from flows.native_form import SCREEN, TOKEN, filled
from flows.printed import printed
from flows.sent import sent_value
from flows.several import NONE, SIGNS, chosen_values, taken
from flows.words import fold, is_one_of, match_choice
from schemas.effects import Effect, Say
from schemas.events import Event, Received
from schemas.messages import FormReply, OpenForm

SUMMARY = "(summary)"
FORM = "(form)"
DONE, COPY = "(done)", "copy"
BACK = ("back", "go back", "indietro", "torna indietro")
CANCEL = ("cancel", "annulla")
HELP = ("help", "aiuto", "?")
CHANGE = ("change", "edit", "correct", "cambia", "modifica", "correggi")
_ENDS = ("?", "？", "؟", ":", "：", "!", ".", "…")  # a title that ends so is a question already
REMOVE = ("remove", "delete", "rimuovi", "togli", "elimina")


class ChannelForm(BaseModel):
    """A form that the channel shows by itself: a WhatsApp Flow, made by `chatloom forms export` and published."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = ui("Its id on the channel", min_length=1)
    screen: str = ui("Its first screen", default=SCREEN)
    text: LocalText = ui("Text above the button", default="")
    label: LocalText = ui("The button", default="")


@action
class Collect(Action):
    """Ask for what is still missing; validate, explain, ask again. “back”, “skip”, “cancel”, “change …” work.

    Example:
        action: collect
        with: {fields: [name, email], tries: 3, confirm: true}
        timeout: 30m
        then: {timeout: nudge, cancelled: bye}
    """

    sends: ClassVar[bool] = True
    waits: ClassVar[bool] = True
    leaves_by: ClassVar[tuple[str, ...]] = ("done", "failed", "cancelled")

    fields: list[DataField] = ui("Fields", min_length=1)
    tries: int = ui("Tries for each field", default=5, ge=1, le=20)
    fresh: bool = ui("Ask again for what is known", default=False)
    confirm: bool = ui("End with a summary to confirm", default=False)
    form: ChannelForm | None = ui(
        "The channel's own form", default=None, help="Where a channel shows none, the chat asks."
    )

    def writes(self) -> list[tuple[str, str]]:
        return [(f"/fields/{place}", field) for place, field in enumerate(self.fields)]

    def takes_over(self, before: Action) -> bool:
        return True  # flows.migration looks at the open question

    def enter(self, ctx: Context) -> Move:
        listed = self._listed(ctx)
        given = {one.name: one.fallback for one in listed if not one.asked and one.fallback is not None}
        data = {name: value for name, value in given.items() if ctx.data.get(name) is None}
        known = [] if self.fresh else [path for one in listed for path in known_in(one, one.name, ctx.data)]
        if self.form is not None and ctx.capabilities.forms:
            seeing = ctx.seeing({**ctx.data, **data}) if data else ctx
            if next(pending(listed, seeing.data, known), None) is not None:
                memory = {"done": known, "at": FORM}
                return Move(effects=self._ask(seeing, memory), data=data, waits=True, memory=memory)
        return self._go_on(ctx, data, {"done": known})

    def again(self, ctx: Context) -> Move:
        memory = dict(ctx.memory)
        return Move(effects=self._ask(ctx, memory), waits=True, memory=memory)

    def resume(self, ctx: Context, event: Event) -> Move | None:
        if not isinstance(event, Received):
            return None
        memory, said, tapped = dict(ctx.memory), answer_text(event), tapped_id(event)
        content = event.message.content
        if isinstance(content, FormReply):
            return self._filled(ctx, memory, content)
        if memory["at"] == FORM:
            return (
                Move(leaves="cancelled")
                if is_one_of(said, CANCEL)
                else self._go_on(ctx, {}, memory, weak=True)
            )
        if ctx.wants_more(event, self._open_options(ctx, memory)):
            memory["page"] = memory.get("page", 0) + 1
            return Move(effects=self._ask(ctx, memory), waits=True, memory=memory)
        if ctx.is_elsewhere(tapped, memory["at"]):
            return Move(effects=self._ask(ctx, memory), waits=True, weak=True)
        if memory["at"] == SUMMARY:
            return self._by_word(ctx, memory, said) or self._confirmed(ctx, memory, said, tapped)
        asked = question_at(ctx.step.fields, ctx.data, memory["at"])
        if asked is None:  # its condition holds no longer
            return self._go_on(ctx, {}, memory)
        if not self._is_label(ctx, asked, said):
            by_word = self._by_word(ctx, memory, said)
            if by_word is not None:
                return by_word
        if asked.gate:
            return self._passed(ctx, memory, asked, said, tapped)
        if is_one_of(said, SKIP) and (not asked.field.required or asked.field.fallback is not None):
            return self._answered(ctx, memory, {asked.path: asked.field.fallback})
        return self._answer(ctx, memory, asked, event)

    # What may be said at any question.

    def _by_word(self, ctx: Context, memory: dict[str, Any], said: str) -> Move | None:
        if is_one_of(said, CANCEL):
            return Move(leaves="cancelled")
        if is_one_of(said, HELP):
            return Move(effects=self._help(ctx, memory), waits=True, memory=memory)
        changed = self._to_change(ctx, said)
        if changed is not None:
            return self._change(ctx, memory, changed)
        return self._back(ctx, memory) if is_one_of(said, BACK) else None

    def _back(self, ctx: Context, memory: dict[str, Any]) -> Move:
        """The question before, or the first one again. Behind the agreement to another item, that item goes."""
        if not memory["done"]:
            return Move(effects=self._ask(ctx, memory), waits=True)
        *done, last = memory["done"]
        owner, agreed, place = last.rpartition(f".{ADD}")
        items = cast("list[Any]", at(ctx.data, owner) or []) if agreed else []
        data = written(ctx.data, owner, items[: int(place)] or None) if agreed else {}
        return self._go_on(ctx, data, {**memory, "done": done}, at=last)

    def _change(self, ctx: Context, memory: dict[str, Any], path: str) -> Move:
        memory = {**memory, "done": without(memory["done"], path)}
        question = question_at(ctx.step.fields, ctx.data, path)
        anew = question is not None and question.field.kind == "repeat"
        return self._go_on(ctx, written(ctx.data, path, None) if anew else {}, memory, at=path)

    def _to_change(self, ctx: Context, said: str) -> str | None:
        """The path that "change e-mail" names, if it says that."""
        verb, _, rest = fold(said).partition(" ")
        if verb not in CHANGE or not rest:
            return None
        for one in self._listed(ctx):
            for path, field in self._asked_below(one, one.name, ctx):
                title = fold(ctx.plain(field.title))
                if rest in (title, fold(field.name)) or rest.endswith(f" {title}"):
                    return path
        return None

    def _asked_below(self, one: Field, path: str, ctx: Context) -> Iterator[tuple[str, Field]]:
        if one.asked:
            yield path, one
            for child in one.children.values() if one.kind == "group" else ():
                yield from self._asked_below(child, f"{path}.{child.name}", ctx)

    def _help(self, ctx: Context, memory: dict[str, Any]) -> list[Effect]:
        return [*ctx.say(ctx.sentence("form_help")), *self._ask(ctx, memory)]

    # Answers.

    def _passed(self, ctx: Context, memory: dict[str, Any], asked: Question, said: str, tapped: str) -> Move:
        """A gate: yes, no, and at a list “remove”, or “same again”."""
        path, options = asked.path[:-2], self._options(ctx, asked)
        key = match_choice(said, tapped, shown(options))
        items = cast("list[Any]", at(ctx.data, path) or [])
        if asked.gate == ADD and asked.field.removable and items and is_one_of(said, REMOVE):
            last = f"{path}.{len(items) - 1}"
            done = [one for one in without(memory["done"], last) if one != f"{path}.{ADD}{len(items) - 1}"]
            return self._go_on(ctx, written(ctx.data, path, items[:-1] or None), {**memory, "done": done})
        if key == COPY:
            done = [*memory["done"], f"{path}.{ADD}{len(items)}", f"{path}.{len(items)}"]
            return self._go_on(ctx, written(ctx.data, path, [*items, items[-1]]), {**memory, "done": done})
        if key == "yes" or is_one_of(said, YES):
            agreed = f"{path}.{ADD}{len(items)}" if asked.gate == ADD else asked.path
            return self._go_on(ctx, {}, {**memory, "done": [*memory["done"], agreed]})
        if key == "no" or is_one_of(said, (*NO, *SKIP, *NONE)):
            return self._go_on(ctx, {}, {**memory, "done": [*memory["done"], path]})
        return self._explain(ctx, memory, asked, Wrong("not_boolean"))

    def _answer(self, ctx: Context, memory: dict[str, Any], asked: Question, event: Received) -> Move:
        said, tapped = answer_text(event), tapped_id(event)
        if asked.field.kind == "choices" and tapped:
            return self._picked(ctx, memory, asked, tapped)
        if not tapped and asked.field.kind not in SENT:
            found = self._several(ctx, memory, asked, said)
            if found:
                return self._answered(ctx, memory, found, understood=list(found))
        value = self._value(ctx, asked, event)
        if isinstance(value, Wrong):
            return self._explain(ctx, memory, asked, value)
        heard = [asked.path] if self._is_interpreted(ctx, asked.field, said, tapped, value) else []
        return self._answered(ctx, memory, {asked.path: value}, understood=heard)

    def _several(self, ctx: Context, memory: dict[str, Any], asked: Question, said: str) -> dict[str, Any]:
        if not any(sign in said for sign in SIGNS):
            return {}
        others = [one for one in pending(self._listed(ctx), ctx.data, memory["done"]) if not one.gate]
        questions = [asked, *(one for one in others if one.path != asked.path and one.field.kind not in SENT)]

        def read(question: Question, piece: str) -> Any:
            return self._read(ctx, question, piece, exactly=True)

        found = taken(said, asked, questions, lambda question: ctx.plain(question.field.title), read)
        return {question.path: found[question.path] for question in questions if question.path in found}

    def _value(self, ctx: Context, asked: Question, event: Received) -> Any | Wrong:
        one, said = asked.field, answer_text(event)
        if one.kind in SENT:
            value = sent_value(one, event)
            return value if isinstance(value, Wrong) else checked(one, value)
        tapped = tapped_id(event)
        if tapped:
            key = match_choice(said, tapped, shown(self._options(ctx, asked)))
            if key is not None:
                return key == "yes" if one.kind == "boolean" else one.choices[int(key)][0]
        if is_one_of(said, SKIP) and one.kind != "choice":
            return Wrong("cannot_skip")
        return self._read(ctx, asked, said)

    def _read(self, ctx: Context, asked: Question, said: str, exactly: bool = False) -> Any | Wrong:
        """What words are worth as an answer. `exactly` takes a choice by its whole label alone."""
        one = asked.field
        if one.kind in ("choice", "boolean", "choices"):
            options = shown(self._options(ctx, asked))
            if exactly:
                options = [option for option in options if fold(option.title) == fold(said)]
            key = match_choice(said, "", options)
            if one.kind == "choices":
                return chosen_values(one, said, shown(self._labels(ctx, asked)), exactly)
            if one.kind == "choice":
                return Wrong("not_choice") if key is None else one.choices[int(key)][0]
            if key is not None:
                return key == "yes"
        return read_answer(one, said, ctx.here)

    def _picked(self, ctx: Context, memory: dict[str, Any], asked: Question, tapped: str) -> Move:
        """One of several choices was tapped: what is left is shown, until that is all."""
        key = match_choice("", tapped, shown(self._options(ctx, asked)))
        picked: list[Any] = list(memory.get("picked", ()))
        if key != DONE and key is not None:
            picked.append(asked.field.choices[int(key)][0])
        most = asked.field.most or len(asked.field.choices)
        if key == DONE or len(picked) >= min(most, len(asked.field.choices)):
            value = checked(asked.field, picked)
            if isinstance(value, Wrong):
                return self._explain(ctx, {**memory, "picked": []}, asked, value)
            return self._answered(ctx, memory, {asked.path: picked})
        memory = {**memory, "picked": picked}
        chosen = ctx.seeing({**ctx.data, **written(ctx.data, asked.path, picked)})
        text = ctx.sentence("understood", value=self._printed(ctx, asked.field, picked))
        effects = chosen.show(text, self._options(ctx, asked, picked))
        return Move(effects=effects, data=written(ctx.data, asked.path, picked), waits=True, memory=memory)

    def _answered(
        self,
        ctx: Context,
        memory: dict[str, Any],
        values: dict[str, Any],
        understood: list[str] | None = None,
    ) -> Move:
        data: dict[str, Any] = {}
        for path, value in values.items():
            data |= written({**ctx.data, **data}, path, value)
        heard = [
            self._printed(ctx, question.field, values[path])
            for path in understood or ()
            if (question := question_at(ctx.step.fields, {**ctx.data, **data}, path)) is not None
        ]
        said = ctx.sentence("understood", value=", ".join(heard)) if heard else ""
        done = [*(path for path in memory["done"] if path not in values), *values]
        return self._go_on(ctx, data, {**memory, "done": done}, said=said)

    def _filled(self, ctx: Context, memory: dict[str, Any], reply: FormReply) -> Move | None:
        """The channel's form came back: what it left open, or has wrong, is asked for here."""
        if reply.values.get(TOKEN) != ctx.choice_id(FORM):
            return None
        values = dict(filled(self._listed(ctx), reply.values, ctx.here))
        return self._answered(ctx, memory, values)

    def _explain(self, ctx: Context, memory: dict[str, Any], asked: Question, wrong: Wrong) -> Move:
        tries, name = dict(memory.get("tries", {})), asked.path
        tries[name] = tries.get(name, 0) + 1
        if tries[name] >= self.tries:
            return Move(leaves="failed", weak=True, note=f"{name}: {self.tries} tries")
        memory = {**memory, "tries": tries}
        text = ctx.sentence(wrong.sentence, **wrong.facts)
        options = self._options(ctx, asked, memory.get("picked"))
        effects = ctx.show(text, options, page=memory.get("page", 0)) if options else ctx.say(text)
        return Move(effects=effects, waits=True, memory=memory, weak=True)

    def _go_on(
        self,
        ctx: Context,
        data: dict[str, Any],
        memory: dict[str, Any],
        at: str = "",
        said: str = "",
        weak: bool = False,
    ) -> Move:
        """Ask the question `at`, else the next that is open, else show the summary, else be done."""
        merged = {key: value for key, value in {**ctx.data, **data}.items() if value is not None}
        seeing = ctx.seeing(merged) if data else ctx
        if at:
            before = question_at(ctx.step.fields, seeing.data, at)
            memory["at"] = before.path if before and before.is_asked_alone else ""
        if not at or not memory["at"]:
            following = next(pending(self._listed(ctx), seeing.data, memory["done"]), None)
            memory["at"] = following.path if following else SUMMARY if self.confirm else ""
        memory["page"] = 0
        memory.pop("picked", None)
        if not memory["at"]:
            return Move(effects=ctx.say(said), data={**data, **self._stale(ctx, seeing)}, leaves="done")
        asked = self._ask(seeing, memory, said)
        return Move(effects=asked, data=data, waits=True, memory=memory, weak=weak)

    def _stale(self, ctx: Context, seeing: Context) -> dict[str, Any]:
        """Answers whose condition holds no longer go."""
        return {
            one.name: None
            for one in self._listed(ctx)
            if one.variants and seeing.data.get(one.name) is not None and one.within(seeing.data) is None
        }

    def _listed(self, ctx: Context) -> list[Field]:
        return [ctx.step.fields[name] for name in self.fields]

    # What is shown.

    def _ask(self, ctx: Context, memory: dict[str, Any], said: str = "") -> list[Effect]:
        if memory["at"] == SUMMARY:
            return self._summary(ctx)
        if memory["at"] == FORM and self.form is not None:
            text = ctx.text(self.form.text) or ctx.sentence("form_offer")
            label = ctx.text(self.form.label) or ctx.sentence("form_open")
            return [Say(OpenForm(text, label, self.form.id, self.form.screen, ctx.choice_id(FORM)))]
        asked = question_at(ctx.step.fields, ctx.data, memory["at"])
        if asked is None:
            return []
        question = self._question(ctx, asked)
        text = "\n".join(line for line in (said, question) if line)
        options = self._options(ctx, asked, memory.get("picked"))
        if not options:
            return ctx.say(text)
        how: fit.As = "list" if asked.field.widget == "select" else "auto"
        return ctx.show(text, options, how=how, page=memory.get("page", 0))

    def _question(self, ctx: Context, asked: Question) -> str:
        one = asked.field
        if asked.gate:
            first = asked.gate == ADD and not at(ctx.data, asked.path[:-2])
            key = "add_first" if first else "add_another" if asked.gate == ADD else "give_group"
            return ctx.sentence(key, title=_bare(ctx.plain(one.title)))
        if one.prompt:
            lines = [ctx.text(one.prompt)]
        else:
            title = "" if one.untitled else ctx.plain(self._title(ctx, asked)).strip()
            asks = title.endswith(_ENDS) or not title
            lines = [title if asks else ctx.sentence("ask_field", title=title), ctx.plain(one.description)]
        lines.append(ctx.plain(one.help))
        if one.placeholder and one.kind not in ("choice", "boolean"):
            lines.append(f"({ctx.plain(one.placeholder)})")
        if one.kind == "choices":
            lines.append(ctx.sentence("several"))
        if one.fallback is not None:
            lines.append(ctx.sentence("or_default", value=self._printed(ctx, one, one.fallback)))
        elif not one.required:
            lines.append(ctx.sentence("can_skip"))
        return "\n".join(line for line in lines if line) or ctx.plain(one.title)

    def _title(self, ctx: Context, asked: Question) -> Any:
        """The field's title; an item that has none of its own goes by that of its list."""
        if asked.field.name != "items":
            return asked.field.title
        owner = question_at(ctx.step.fields, ctx.data, asked.path.rpartition(".")[0])
        return owner.field.title if owner and not asked.field.schema.get("title") else asked.field.title

    def _options(self, ctx: Context, asked: Question, picked: list[Any] | None = None) -> list[fit.Option]:
        one = asked.field
        if asked.gate or one.kind == "boolean":
            options = self._yes_and_no(ctx, asked.path)
            if asked.gate == ADD and one.copyable and at(ctx.data, asked.path[:-2]):
                copy = fit.Option(COPY, ctx.choice_id(f"{asked.path}.{COPY}"), ctx.sentence("copy_last"))
                options.append(copy)
            return options
        if one.kind not in ("choice", "choices"):
            return []
        options = self._labels(ctx, asked)
        if one.kind == "choices":
            left = [option for option in options if one.choices[int(option.key)][0] not in (picked or ())]
            done = fit.Option(DONE, ctx.choice_id(f"{asked.path}.{DONE}"), ctx.sentence("all_done"))
            return [*left, done] if picked is None or len(picked) >= one.least else left
        return options

    def _open_options(self, ctx: Context, memory: dict[str, Any]) -> list[fit.Option]:
        """The choices of the question that is open; none where it has no such thing."""
        asked = question_at(ctx.step.fields, ctx.data, memory["at"]) if memory["at"] != SUMMARY else None
        listed = asked is not None and asked.field.kind in ("choice", "choices")
        return self._options(ctx, asked, memory.get("picked")) if asked is not None and listed else []

    def _labels(self, ctx: Context, asked: Question) -> list[fit.Option]:
        one = asked.field
        if "." in asked.path:  # there may be any number of them
            return self._choices(ctx, asked.path, one)
        return ctx.once((asked.path, id(one.choices)), lambda: self._choices(ctx, asked.path, one))

    def _choices(self, ctx: Context, path: str, one: Field) -> list[fit.Option]:
        headed = one.sections
        return [
            fit.Option(
                str(place),
                ctx.choice_id(f"{path}.{place}"),
                ctx.plain(label),
                section=ctx.plain(headed.get(str(value), "")),
            )
            for place, (value, label) in enumerate(one.choices)
        ]

    def _yes_and_no(self, ctx: Context, path: str) -> list[fit.Option]:
        return [fit.Option(key, ctx.choice_id(f"{path}.{key}"), ctx.sentence(key)) for key in ("yes", "no")]

    def _is_label(self, ctx: Context, asked: Question, said: str) -> bool:
        """Whether this is what one of the choices reads, so that it is not taken for a word of ours."""
        if asked.field.kind not in ("choice", "choices") or asked.gate:
            return False
        return any(fold(option.title) == fold(said) for option in self._labels(ctx, asked))

    def _is_interpreted(self, ctx: Context, one: Field, said: str, tapped: str, value: Any) -> bool:
        """Whether the contact should see how he was understood."""
        if tapped or one.kind in ("text", "boolean", "email", "uri") or one.kind in SENT:
            return False
        if one.kind in ("date", "time", "moment", "choices", "list"):
            return True
        if one.kind == "phone":
            return re.sub(r"\D", "", said) != re.sub(r"\D", "", str(value))
        if one.kind == "choice":
            return not said.strip().isdigit() and fold(self._printed(ctx, one, value)) != fold(said)
        return not re.fullmatch(r"[-+\d.,' ]+", said.strip())

    def _summary(self, ctx: Context) -> list[Effect]:
        lines = [ctx.sentence("summary")]
        for one in self._listed(ctx):
            found = one.within(ctx.data)
            value = ctx.data.get(one.name)
            if found is not None and value is not None and (found.asked or found.shown):
                shown = self._printed(ctx, found, value)
                lines.append(f"• {_bare(ctx.plain(found.title))}: {isolated(shown, ctx.language)}")
        return ctx.show("\n".join(lines), self._confirming(ctx))

    def _confirming(self, ctx: Context) -> list[fit.Option]:
        """Yes and no below the summary; yes may be called otherwise (`ui:submitButtonOptions`)."""
        yes, no = self._yes_and_no(ctx, SUMMARY)
        submit = hints_of(ctx.bot.flows[ctx.step.flow].document.data.ui_schema).get("submitButtonOptions")
        label = cast("dict[str, Any]", submit).get("submitText") if isinstance(submit, dict) else None
        return [fit.Option(yes.key, yes.id, ctx.plain(as_text(label))) if label else yes, no]

    def _printed(self, ctx: Context, one: Field, value: Any) -> str:
        return printed(one, value, ctx.language, ctx.plain, ctx.sentence)

    def _confirmed(self, ctx: Context, memory: dict[str, Any], said: str, tapped: str) -> Move:
        key = match_choice(said, tapped, shown(self._confirming(ctx)))
        if key == "yes" or is_one_of(said, YES):
            return Move(data=self._stale(ctx, ctx), leaves="done")
        if key == "no" or is_one_of(said, NO):
            return self._go_on(ctx, {}, {**memory, "done": []})
        tries = dict(memory.get("tries", {}))
        tries[SUMMARY] = tries.get(SUMMARY, 0) + 1
        if tries[SUMMARY] >= self.tries:
            return Move(leaves="failed", weak=True, note=f"the summary: {self.tries} tries")
        return Move(effects=self._summary(ctx), waits=True, memory={**memory, "tries": tries}, weak=True)


def _bare(title: str) -> str:
    """A title as part of a sentence or a line: without the sign that it ends with."""
    return title.strip().rstrip("".join(_ENDS)).rstrip() or title
