"""The contact fields that a bot needs, and those that its workspace has declared."""

from collections.abc import Iterator

from flows.compiled import Compiled
from flows.diagnostic import did_you_mean
from flows.place import escape
from flows.rule import Finding, bot_rule
from flows.scopes import CONTACT_FIELDS
from flows.wording import worded
from flows.world import World


@bot_rule("F145", "warning")
def undeclared_contact_field(bot: Compiled, world: World) -> Iterator[Finding]:
    """A contact field that the bot needs and the workspace has not declared: no person and no program can write it."""
    declared = world.contact_fields
    if declared is None:
        return
    for name, schema in bot.contact_fields.items():
        if name not in declared and name not in CONTACT_FIELDS:
            place = bot.source.key_place(f"/contact/fields/{escape(name)}")
            kind = schema.get("type", "string")
            near = did_you_mean(name, declared)
            hint = near or worded(
                "declare it: chatloom contacts declare {name} --type {kind}", name=name, kind=kind
            )
            yield worded("the workspace has not declared the contact field {name!r}", name=name), place, hint


@bot_rule("F146", "error")
def other_contact_field(bot: Compiled, world: World) -> Iterator[Finding]:
    """A contact field that is of another type in the workspace."""
    for name, schema in bot.contact_fields.items():
        declared = (world.contact_fields or {}).get(name, schema)
        if schema.get("type") != declared.get("type"):
            place = bot.source.key_place(f"/contact/fields/{escape(name)}")
            message = worded(
                "the contact field {name!r} is {here} here and {there} in the workspace",
                name=name,
                here=schema.get("type"),
                there=declared.get("type"),
            )
            yield message, place, worded("let both say the same")
