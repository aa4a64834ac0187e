"""How flows begin: flows that nothing begins, and triggers that never fire."""

from collections.abc import Iterator

from flows import graph
from flows.compiled import Compiled, CompiledTrigger
from flows.rule import Finding, bot_rule
from flows.words import contains_words, fold
from flows.world import World


@bot_rule("F111", "warning")
def unused(bot: Compiled, world: World) -> Iterator[Finding]:
    """A flow with no trigger that no other flow calls and `bot.yaml` does not name."""
    used = graph.reached(graph.calls(bot), graph.entries(bot))
    for name, flow in bot.flows.items():
        if name not in used:
            hint = "give it a trigger, call it, or make it the fallback"
            yield f"nothing begins the flow {name!r}", flow.source.place("/id"), hint


@bot_rule("F112", "warning")
def never_fires(bot: Compiled, world: World) -> Iterator[Finding]:
    """A trigger all of whose words (or whose event) an earlier one takes."""
    earlier: list[CompiledTrigger] = []
    for trigger in bot.triggers:
        taker = next((one for one in earlier if _takes_all(one, trigger)), None)
        if taker is not None:
            place = bot.flows[trigger.flow].source.place(f"/triggers/{trigger.index}")
            yield f"a trigger of the flow {taker.flow!r} comes first and takes all of this", place, ""
        earlier.append(trigger)


@bot_rule("F113", "warning")
def taken_word(bot: Compiled, world: World) -> Iterator[Finding]:
    """A trigger's word that is a global word: alone, it never reaches the trigger."""
    taken = {fold(word): word for words in _global_words(bot) for word in words}
    for trigger in bot.triggers:
        for index, word in enumerate(_words(trigger)):
            if fold(word) in taken:
                pointer = f"/triggers/{trigger.index}/message/words/{index}"
                place = bot.flows[trigger.flow].source.place(pointer)
                yield f"{word!r} is a global word", place, "choose another, or change words in bot.yaml"


def _takes_all(first: CompiledTrigger, later: CompiledTrigger) -> bool:
    if type(first.trigger) is not type(later.trigger) or getattr(first.trigger, "when", None):
        return False
    if later.interrupt and not first.interrupt:
        return False
    if first.trigger.name == "event":
        return getattr(first.trigger, "name_", "") == getattr(later.trigger, "name_", "")
    wide, narrow = _words(first), _words(later)
    return bool(narrow) and all(any(contains_words(word, taken) for taken in wide) for word in narrow)


def _words(trigger: CompiledTrigger) -> list[str]:
    return list(getattr(trigger.trigger, "words", []))


def _global_words(bot: Compiled) -> tuple[tuple[str, ...], ...]:
    return bot.words.opt_out, bot.words.restart, bot.words.person
