"""Ask for fields of the flow's data, one by one, as its schema and hints say."""

from typing import Any, ClassVar

from flows import fit
from flows.action import Action, DataField, Move, action, ui
from flows.context import Context, answer_text, shown, tapped_id
from flows.form import BACK, CANCEL, CHANGE, NO, SKIP, YES, Field, Wrong, read_answer
from flows.words import fold, is_one_of, match_choice
from schemas.effects import Effect
from schemas.events import Event, Received

SUMMARY = "(summary)"


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

    def writes(self) -> list[tuple[str, str]]:
        return [(f"/fields/{place}", field) for place, field in enumerate(self.fields)]

    def enter(self, ctx: Context) -> Move:
        known = [] if self.fresh else [name for name in self.fields if ctx.data.get(name) is not None]
        return self._go_on(ctx, {}, {"done": known})

    def again(self, ctx: Context) -> Move:
        memory = dict(ctx.memory)
        return Move(effects=self._ask(ctx, memory), waits=True, memory=memory)

    def resume(self, ctx: Context, event: Event) -> Move | None:
        if not isinstance(event, Received):
            return None
        memory, said, tapped = dict(ctx.memory), answer_text(event), tapped_id(event)
        if tapped == ctx.choice_id(fit.MORE):
            memory["page"] = memory.get("page", 0) + 1
            return Move(effects=self._ask(ctx, memory), waits=True, memory=memory)
        if ctx.is_elsewhere(tapped, memory["at"]):
            return Move(effects=self._ask(ctx, memory), waits=True, weak=True)
        if is_one_of(said, CANCEL):
            return Move(leaves="cancelled")
        changed = self._to_change(ctx, said)
        if changed is not None:
            memory["done"] = [name for name in memory["done"] if name != changed]
            return self._go_on(ctx, {}, memory, at=changed)
        if is_one_of(said, BACK):
            return self._back(ctx, memory)
        if memory["at"] == SUMMARY:
            return self._confirmed(ctx, memory, said, tapped)
        one = ctx.step.fields[memory["at"]]
        if is_one_of(said, SKIP) and not one.required:
            return self._go_on(ctx, {one.name: None}, {**memory, "done": [*memory["done"], one.name]})
        value = self._value(ctx, one, said, tapped)
        if isinstance(value, Wrong):
            return self._explain(ctx, memory, one, value)
        return self._go_on(ctx, {one.name: value}, {**memory, "done": [*memory["done"], one.name]})

    def _back(self, ctx: Context, memory: dict[str, Any]) -> Move:
        """The field before, or the first one again."""
        if not memory["done"]:
            return Move(effects=self._ask(ctx, memory), waits=True)
        return self._go_on(ctx, {}, {**memory, "done": memory["done"][:-1]}, at=memory["done"][-1])

    def _value(self, ctx: Context, one: Field, said: str, tapped: str) -> Any | Wrong:
        if one.kind in ("choice", "boolean"):
            key = match_choice(said, tapped, shown(self._options(ctx, one)))
            if one.kind == "choice":
                return Wrong("not_choice") if key is None else one.choices[int(key)][0]
            if key is not None:
                return key == "yes"
        if is_one_of(said, SKIP):
            return Wrong("cannot_skip")
        return read_answer(one, said, ctx.today)

    def _explain(self, ctx: Context, memory: dict[str, Any], one: Field, wrong: Wrong) -> Move:
        tries = dict(memory.get("tries", {}))
        tries[one.name] = tries.get(one.name, 0) + 1
        if tries[one.name] >= self.tries:
            return Move(leaves="failed", weak=True, note=f"{one.name}: {self.tries} tries")
        memory = {**memory, "tries": tries}
        text = ctx.sentence(wrong.sentence, **wrong.facts)
        options = self._options(ctx, one)
        effects = ctx.show(text, options, page=memory.get("page", 0)) if options else ctx.say(text)
        return Move(effects=effects, waits=True, memory=memory, weak=True)

    def _go_on(self, ctx: Context, data: dict[str, Any], memory: dict[str, Any], at: str = "") -> Move:
        """Ask for the next missing field, else show the summary, else be done."""
        missing = [name for name in self.fields if name not in memory["done"] and ctx.step.fields[name].asked]
        memory["at"] = at or (missing[0] if missing else SUMMARY if self.confirm else "")
        memory["page"] = 0
        if not memory["at"]:
            return Move(data=data, leaves="done")
        asked = self._ask(ctx.seeing({**ctx.data, **data}) if data else ctx, memory)
        return Move(effects=asked, data=data, waits=True, memory=memory)

    def _ask(self, ctx: Context, memory: dict[str, Any]) -> list[Effect]:
        if memory["at"] == SUMMARY:
            return self._summary(ctx)
        one = ctx.step.fields[memory["at"]]
        options = self._options(ctx, one)
        question = self._question(ctx, one)
        return ctx.show(question, options, page=memory.get("page", 0)) if options else ctx.say(question)

    def _question(self, ctx: Context, one: Field) -> str:
        if one.prompt:
            lines = [ctx.text(one.prompt)]
        else:
            lines = [ctx.sentence("ask_field", title=ctx.plain(one.title)), ctx.plain(one.description)]
        lines.append(ctx.plain(one.help))
        if one.placeholder and one.kind not in ("choice", "boolean"):
            lines.append(f"({one.placeholder})")
        if not one.required:
            lines.append(ctx.sentence("can_skip"))
        return "\n".join(line for line in lines if line)

    def _options(self, ctx: Context, one: Field) -> list[fit.Option]:
        if one.kind == "boolean":
            return self._yes_and_no(ctx, one.name)
        return ctx.once(one.name, lambda: self._choices(ctx, one))

    def _choices(self, ctx: Context, one: Field) -> list[fit.Option]:
        return [
            fit.Option(str(place), ctx.choice_id(f"{one.name}.{place}"), ctx.plain(label))
            for place, (_, label) in enumerate(one.choices)
        ]

    def _yes_and_no(self, ctx: Context, name: str) -> list[fit.Option]:
        return [fit.Option(key, ctx.choice_id(f"{name}.{key}"), ctx.sentence(key)) for key in ("yes", "no")]

    def _summary(self, ctx: Context) -> list[Effect]:
        lines = [ctx.sentence("summary")]
        for name in self.fields:
            one = ctx.step.fields[name]
            if ctx.data.get(name) is not None:
                lines.append(f"• {ctx.plain(one.title)}: {self._label(ctx, one, ctx.data[name])}")
        return ctx.show("\n".join(lines), self._yes_and_no(ctx, SUMMARY))

    def _label(self, ctx: Context, one: Field, value: Any) -> str:
        if isinstance(value, bool):
            return ctx.sentence("yes" if value else "no")
        return next((ctx.plain(label) for known, label in one.choices if known == value), str(value))

    def _confirmed(self, ctx: Context, memory: dict[str, Any], said: str, tapped: str) -> Move:
        key = match_choice(said, tapped, shown(self._yes_and_no(ctx, SUMMARY)))
        if key == "yes" or is_one_of(said, YES):
            return Move(leaves="done")
        if key == "no" or is_one_of(said, NO):
            return self._go_on(ctx, {}, {**memory, "done": []})
        return Move(effects=self._summary(ctx), waits=True, memory=memory, weak=True)

    def _to_change(self, ctx: Context, said: str) -> str | None:
        """The field that "change e-mail" names, if it says that."""
        verb, _, rest = fold(said).partition(" ")
        if verb not in CHANGE or not rest:
            return None
        for name in (name for name in self.fields if ctx.step.fields[name].asked):
            title = fold(ctx.plain(ctx.step.fields[name].title))
            if rest in (title, fold(name)) or rest.endswith(f" {title}"):
                return name
        return None
