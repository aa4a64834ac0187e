"""How flows begin: flows that nothing begins, and triggers that never fire."""

from collections.abc import Iterator, Mapping

from flows import graph
from flows.compiled import Compiled, CompiledTrigger
from flows.rule import Finding, bot_rule
from flows.wording import NO_WORDS, worded
from flows.words import fold
from flows.world import World

_LONGEST = 12  # words of a phrase that are compared


@bot_rule("F111", "warning")
def unused(bot: Compiled, world: World) -> Iterator[Finding]:
    """A flow with no trigger that no other flow calls and `bot.yaml` does not name."""
    used = graph.reached(graph.calls(bot), graph.entries(bot))
    for name, flow in bot.flows.items():
        if name not in used:
            hint = worded("give it a trigger, call it, or make it the fallback")
            yield worded("nothing begins the flow {name!r}", name=name), flow.source.place("/id"), hint


@bot_rule("F112", "warning")
def never_fires(bot: Compiled, world: World) -> Iterator[Finding]:
    """A trigger all of whose words (or whose event) earlier ones take."""
    takers: dict[tuple[str, bool], str] = {}
    for trigger in bot.triggers:
        names = _names(trigger)
        takes = [_taker(takers, name, trigger.interrupt) for name in names]
        if names and all(takes):
            place = bot.flows[trigger.flow].source.place(f"/triggers/{trigger.index}")
            yield (
                worded("a trigger of the flow {flow!r} comes first and takes all of this", flow=takes[0]),
                place,
                NO_WORDS,
            )
        if not getattr(trigger.trigger, "when", None):
            for name in names:
                takers.setdefault((name, trigger.interrupt), trigger.flow)


@bot_rule("F113", "warning")
def taken_word(bot: Compiled, world: World) -> Iterator[Finding]:
    """A trigger's word that is a global word: alone, it never reaches the trigger."""
    taken = {fold(word): word for words in _global_words(bot) for word in words}
    for trigger in bot.triggers:
        for index, word in enumerate(_words(trigger)):
            if fold(word) in taken:
                pointer = f"/triggers/{trigger.index}/message/words/{index}"
                place = bot.flows[trigger.flow].source.place(pointer)
                yield (
                    worded("{word!r} is a global word", word=word),
                    place,
                    worded("choose another, or change words in bot.yaml"),
                )


def _names(trigger: CompiledTrigger) -> list[str]:
    """What a trigger listens to: its words, folded, or its event."""
    if trigger.trigger.name == "event":
        return [f"event {getattr(trigger.trigger, 'name_', '')}"]
    return [fold(word) for word in _words(trigger)]


def _taker(takers: Mapping[tuple[str, bool], str], name: str, interrupts: bool) -> str | None:
    """The flow that takes a name: one with the same, or with a phrase that stands in it."""
    words = name.split()[:_LONGEST]
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            phrase = " ".join(words[start:end])
            taker = takers.get((phrase, True)) or (None if interrupts else takers.get((phrase, False)))
            if taker is not None:
                return taker
    return None


def _words(trigger: CompiledTrigger) -> list[str]:
    return list(getattr(trigger.trigger, "words", []))


def _global_words(bot: Compiled) -> tuple[tuple[str, ...], ...]:
    return bot.words.opt_out, bot.words.restart, bot.words.person
